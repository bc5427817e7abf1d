/**
 * The annotations by which a Deployment and its ReplicaSets remember revisions and sizes. Source: Kubernetes 1.34
 * pkg/controller/deployment/util/deployment_util.go.
 */

import type { Deployment } from '../../types/deployment.ts';
import { copyWith } from '../../types/json-value.ts';
import type { StringMap } from '../../types/object.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
const ROLLBACK_TO = 'deprecated.deployment.rollback.to';
/** Longest revision history, characters. */
const HISTORY_LENGTH_MAX = 2000;

const NOT_COPIED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  ROLLBACK_TO,
]);

const NONE: StringMap = Object.freeze({});

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The revision of a ReplicaSet, 0 when it has none. */
export function revisionOfReplicaSet(replicaSet: ReplicaSet): number {
  return integer(replicaSet.metadata.annotations?.[REVISION]) ?? 0;
}

/** The highest revision. */
export function maxRevision(replicaSets: readonly ReplicaSet[]): number {
  let highest = 0;
  for (const replicaSet of replicaSets) highest = Math.max(highest, revisionOfReplicaSet(replicaSet));
  return highest;
}

/** A size annotation, undefined when absent or no number. */
export function sizeAnnotation(
  replicaSet: ReplicaSet,
  key: typeof DESIRED_REPLICAS | typeof MAX_REPLICAS,
): number | undefined {
  return integer(replicaSet.metadata.annotations?.[key]);
}

/** Annotations with the Deployment's sizes; the same object when they are right already. */
export function withSizes(annotations: StringMap | undefined, desired: number, max: number): StringMap {
  const present = annotations ?? NONE;
  const desiredText = String(desired);
  const maxText = String(max);
  if (present[DESIRED_REPLICAS] === desiredText && present[MAX_REPLICAS] === maxText) return present;
  return copyWith(present, { [DESIRED_REPLICAS]: desiredText, [MAX_REPLICAS]: maxText });
}

/**
 * Annotations of the new ReplicaSet: those of the Deployment, the revision if it is higher than the present one, the old one in the
 * history. null when nothing changes.
 */
export function newReplicaSetAnnotations(
  deployment: Deployment,
  annotations: StringMap | undefined,
  revision: number,
): StringMap | null {
  const present = annotations ?? NONE;
  const given = deployment.metadata.annotations ?? NONE;
  const next: Record<string, string> = { ...present };
  let changed = false;
  for (const key of Object.keys(given)) {
    if (NOT_COPIED.has(key) || present[key] === given[key]) continue;
    next[key] = given[key] as string;
    changed = true;
  }
  const shown = present[REVISION] ?? '';
  const oldRevision = shown === '' ? 0 : integer(shown);
  // What is no number stays, and with it everything else.
  if (oldRevision === undefined) return null;
  if (oldRevision < revision) {
    next[REVISION] = String(revision);
    changed = true;
    if (present[REVISION] !== undefined) next[REVISION_HISTORY] = history(present[REVISION_HISTORY], present[REVISION]);
  }
  return changed ? next : null;
}

function history(known: string | undefined, revision: string): string {
  if (known === undefined || known === '') return revision;
  const revisions = known.split(',');
  let length = known.length + revision.length + 1;
  while (length > HISTORY_LENGTH_MAX && revisions.length > 0) length -= (revisions.shift() as string).length + 1;
  revisions.push(revision);
  return revisions.join(',');
}

/** The Deployment with the revision in its annotations; itself when it is there already. */
export function withRevision(deployment: Deployment, revision: string): Deployment {
  const annotations = deployment.metadata.annotations ?? NONE;
  if (annotations[REVISION] === revision) return deployment;
  const { metadata } = deployment;
  return { ...deployment, metadata: { ...metadata, annotations: { ...annotations, [REVISION]: revision } } };
}
