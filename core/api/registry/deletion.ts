/**
 * What a delete makes of an object: its end, or a mark that it is to end.
 *
 * Pods end gracefully: deletionTimestamp and a grace period, which a second delete can shorten, never lengthen; a pod
 * without node or already ended gets none. Finalizers keep an object until they are removed. Propagation policies
 * become finalizers. Source: Kubernetes 1.34, registry/rest/delete.go, registry/generic Store.Delete,
 * registry/core/pod and namespace strategies.
 */
import type { Namespace } from '../../types/namespace.ts';
import type { KubeObject, ObjectMeta } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { JOBS, PODS, type ResourceType } from '../../types/resource-type.ts';
import { qualifiedKindOf, StatusError } from '../../types/status-error.ts';
import { formatTime, parseTime } from '../../types/time.ts';
import type { RequestOptions } from '../../types/wire.ts';
import { changedMeta, withMetadata, withParts } from '../metadata.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
const US_PER_SECOND = 1_000_000;

/** What is to be written. */
export interface Verdict {
  /** The marked object; the object itself when nothing is to be written. */
  readonly object: KubeObject;
  /** The object goes away right after (or instead of) that write. */
  readonly ends: boolean;
}

/** Preconditions of a delete against the stored object. Throws StatusError (409). */
export function checkPreconditions(
  type: ResourceType,
  existing: KubeObject,
  preconditions: RequestOptions['preconditions'],
): void {
  if (preconditions === undefined) return;
  const { uid, resourceVersion } = existing.metadata;
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw undeletable(type, existing, why);
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw undeletable(type, existing, why);
  }
}

/** The real server names the kind here, where other conflicts name the resource. */
function undeletable(type: ResourceType, { metadata }: KubeObject, why: string): StatusError {
  const { group, kind } = type;
  return StatusError.conflict({ group, kind, plural: kind, qualifiedName: qualifiedKindOf(type) }, metadata.name, why);
}

/** The finalizers after the propagation policy has had its say; the same list when nothing changes. */
function propagationFinalizers(
  type: ResourceType,
  meta: ObjectMeta,
  options: RequestOptions,
): readonly string[] | undefined {
  const { propagationPolicy } = options;
  const old = meta.finalizers ?? [];
  let orphan = propagationPolicy === 'Orphan';
  let foreground = propagationPolicy === 'Foreground';
  if (propagationPolicy === undefined) {
    orphan = old.includes(ORPHAN) || (!old.includes(FOREGROUND) && type === JOBS);
    foreground = old.includes(FOREGROUND);
  }
  const rest = old.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (orphan) rest.push(ORPHAN);
  if (foreground) rest.push(FOREGROUND);
  const same = rest.length === old.length && rest.every((finalizer) => old.includes(finalizer));
  return same ? meta.finalizers : rest.length === 0 ? undefined : rest;
}

/** Seconds of grace a pod gets. */
function graceOf(pod: Pod, options: RequestOptions): number {
  if (pod.spec.nodeName === undefined || pod.spec.nodeName === '' || isPodTerminal(pod)) return 0;
  const asked = options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  return asked < 0 ? 1 : asked;
}

/** A pod that is to end in `grace` seconds of which the first began at `startUs`. */
function ending(
  pod: KubeObject,
  startUs: number,
  grace: number,
  finalizers: readonly string[] | undefined,
): KubeObject {
  const { metadata } = pod;
  const first = metadata.deletionTimestamp === undefined;
  const generation = first && metadata.generation !== undefined ? metadata.generation + 1 : metadata.generation;
  return withMetadata(
    pod,
    changedMeta(metadata, {
      generation,
      deletionTimestamp: formatTime(startUs + grace * US_PER_SECOND),
      deletionGracePeriodSeconds: grace,
      finalizers,
    }),
  );
}

function podVerdict(pod: Pod, options: RequestOptions, wallUs: number, restarts: boolean): Verdict {
  const { metadata } = pod;
  const { deletionTimestamp, deletionGracePeriodSeconds: grace } = metadata;
  const finalizers = propagationFinalizers(PODS, metadata, options);
  const held = (finalizers?.length ?? 0) > 0;
  if (deletionTimestamp === undefined || (restarts && options.gracePeriodSeconds === undefined)) {
    const seconds = graceOf(pod, options);
    return { object: ending(pod, wallUs, seconds, finalizers), ends: seconds === 0 && !held };
  }
  const asked = options.gracePeriodSeconds;
  if (grace === undefined || asked === undefined || (asked < 0 ? 1 : asked) >= grace) {
    return { object: pod, ends: asked === 0 && grace === 0 && !held };
  }
  const shorter = asked < 0 ? 1 : asked;
  const startUs = parseTime(deletionTimestamp) - grace * US_PER_SECOND;
  return { object: ending(pod, startUs, shorter, finalizers), ends: shorter === 0 && !held };
}

/** What a delete of `existing` comes to. Namespaces have their own way. `restarts`: a planted bug, see declarations.ts. */
export function verdictOf(
  type: ResourceType,
  existing: KubeObject,
  options: RequestOptions,
  wallUs: number,
  restarts: boolean,
): Verdict {
  if (type === PODS) return podVerdict(existing as Pod, options, wallUs, restarts);
  const { metadata } = existing;
  if (metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds !== undefined) {
    // A deletion is pending; later options change nothing any more.
    return { object: existing, ends: (metadata.finalizers?.length ?? 0) === 0 };
  }
  const finalizers = propagationFinalizers(type, metadata, options);
  if ((finalizers?.length ?? 0) === 0) return { object: existing, ends: true };
  const marked = changedMeta(metadata, {
    generation: metadata.generation === undefined ? undefined : metadata.generation + 1,
    deletionTimestamp: formatTime(wallUs),
    deletionGracePeriodSeconds: 0,
    finalizers,
  });
  return { object: withMetadata(existing, marked), ends: false };
}

const PROTECTED: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/**
 * What a delete of a namespace comes to: first the phase Terminating, the end only without finalizers. Throws
 * StatusError (403).
 */
export function namespaceVerdict(
  type: ResourceType,
  existing: Namespace,
  options: RequestOptions,
  wallUs: number,
): Verdict {
  const { metadata, spec, status } = existing;
  if (PROTECTED.has(metadata.name)) {
    throw StatusError.forbidden(type, metadata.name, 'this namespace may not be deleted');
  }
  if (metadata.deletionTimestamp === undefined) {
    const finalizers = propagationFinalizers(type, metadata, options);
    const marked = changedMeta(metadata, { deletionTimestamp: formatTime(wallUs), finalizers });
    return { object: withParts(existing, marked, spec, { ...status, phase: 'Terminating' }), ends: false };
  }
  const empty = (spec?.finalizers?.length ?? 0) === 0 && (metadata.finalizers?.length ?? 0) === 0;
  return { object: existing, ends: empty };
}
