/**
 * The requests of recorded steps as the simulated wire carries them.
 */
import { CLAIM_TYPES } from '../../../../core/types/claim-types.ts';
import { BUILT_IN_TYPES } from '../../../../core/types/resource-type.ts';
import { type PatchType, type RequestOptions, type Subresource, VERB, type Verb } from '../../../../core/types/wire.ts';
import type { Step } from '../recording.ts';

/** Where a request goes. */
export interface RequestedPlace {
  readonly group: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: Subresource;
}

const URL = /^\/apis?\/(?:([^/]+)\/)?v\d[^/]*\/(?:namespaces\/([^/]+)\/)?([^/?]+)(?:\/([^/?]+))?(?:\/([^/?]+))?$/;
const VERBS: Readonly<Record<string, Verb>> = {
  POST: VERB.create,
  PATCH: VERB.patch,
  PUT: VERB.update,
  DELETE: VERB.delete,
};
const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/json-patch+json': 'json',
};
const SUBRESOURCES: ReadonlySet<string> = new Set(['', 'status', 'scale', 'resize', 'binding', 'eviction', 'finalize']);

/** The place a step's request names; null where its path has query parameters or is none of an object's. */
export function requestedPlace({ path = '' }: Step): RequestedPlace | null {
  const match = URL.exec(path);
  if (match === null) return null;
  const [, group = '', namespace = '', plural = '', name = '', subresource = ''] = match;
  return { group, namespace, plural, name, subresource: subresource as Subresource };
}

/** The verb of a step's request; undefined where no write has that method. */
export function requestedVerb({ method = '' }: Step): Verb | undefined {
  return VERBS[method];
}

/** The sort of patch a step sends; undefined for those that the wire does not carry, as server-side apply. */
export function requestedPatchType({ contentType = '' }: Step): PatchType | undefined {
  return PATCH_TYPES[contentType];
}

/** The options that the body of a DELETE holds. */
export function deleteOptions(body: unknown): RequestOptions {
  const { gracePeriodSeconds, propagationPolicy, preconditions } = (body ?? {}) as RequestOptions;
  return { gracePeriodSeconds, propagationPolicy, preconditions };
}

/** Why a step's request cannot be sent; null where it can. */
export function whyNotSent(step: Step): string | null {
  const place = requestedPlace(step);
  if (isOneOf(CLAIM_TYPES, step)) return 'volumes and devices, whose protecting finalizers are not simulated';
  if (place !== null && !isOneOf(BUILT_IN_TYPES, step)) return `${place.plural}, which are not simulated`;
  const verb = requestedVerb(step);
  const isWhole = verb === VERB.patch || verb === VERB.delete || hasMetadata(step.body);
  const isCarried = place !== null && verb !== undefined && isWhole && SUBRESOURCES.has(place.subresource);
  if (!isCarried || (verb === VERB.patch && requestedPatchType(step) === undefined))
    return 'requests that only the HTTP front carries (reads, query parameters, server-side apply, tokens, broken bodies)';
  return null;
}

function hasMetadata(body: unknown): boolean {
  const { metadata } = (body ?? {}) as { readonly metadata?: unknown };
  return typeof metadata === 'object' && metadata !== null;
}

function isOneOf(types: readonly { readonly plural: string; readonly apiVersion: string }[], step: Step): boolean {
  const { plural: asked, group } = requestedPlace(step) ?? {};
  return types.some(({ plural, apiVersion }) => plural === asked && group === (apiVersion.split('/').at(-2) ?? ''));
}
