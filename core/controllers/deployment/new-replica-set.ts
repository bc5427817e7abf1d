/**
 * Finding or making the ReplicaSet of a Deployment's present template, and its revision. Source: Kubernetes 1.34
 * pkg/controller/deployment/sync.go (getAllReplicaSetsAndSyncRevision, getNewReplicaSet).
 */

import { defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { Deployment } from '../../types/deployment.ts';
import { copyWith } from '../../types/json-value.ts';
import type { LabelSelector, StringMap } from '../../types/object.ts';
import { namespaceOf, uidOf } from '../../types/object.ts';
import { controllerOf, controllerReference } from '../../types/owner-references.ts';
import type { PodTemplateSpec } from '../../types/pod.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import { podTemplateHash } from '../../types/pod-template-hash.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { REPLICASETS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { maxRevision, newReplicaSetAnnotations, REVISION, withRevision, withSizes } from './annotations.ts';
import { BUG_COUNTS_NEW_REVISION, BUG_OVERLOOKS_ANNOTATIONS } from './bugs.ts';
import type { DeploymentSync } from './deployment-sync.ts';
import { byCreation, holdsTemplate, maxSurge, POD_TEMPLATE_HASH, sizeOf } from './replica-sets.ts';
import { newReplicaSetSize } from './rolling-update.ts';
import { conditionOf, hasProgressDeadline, PROGRESSING } from './status.ts';

const MARK_HASH_COLLISION = defineMark('deployment-hash-collision', 'a template hash was taken by another template');

/** Sorts the ReplicaSets into new and old; makes the new one if it is missing and `create`. Brings revisions up to date. */
export function* findReplicaSets(sync: DeploymentSync, create: boolean): Generator<Wait, void, unknown> {
  const { template } = sync.deployment.spec;
  const oldestFirst = byCreation(sync.replicaSets);
  const overlooks = sync.scope.ctx.bug(BUG_OVERLOOKS_ANNOTATIONS);
  const found = oldestFirst.find((replicaSet) =>
    holdsTemplate(replicaSet, overlooks ? withAnnotationsOf(replicaSet, template) : template),
  );
  sync.oldReplicaSets = oldestFirst.filter((replicaSet) => replicaSet !== found);
  const counted = sync.scope.ctx.bug(BUG_COUNTS_NEW_REVISION) ? sync.replicaSets : sync.oldReplicaSets;
  const revision = maxRevision(counted) + 1;
  if (found !== undefined) sync.newReplicaSet = yield* adoptRevision(sync, found, revision);
  else if (create) sync.newReplicaSet = yield* createReplicaSet(sync, revision);
  else sync.newReplicaSet = undefined;
}

/** The template as the planted bug sees it. */
function withAnnotationsOf({ spec }: ReplicaSet, template: PodTemplateSpec): PodTemplateSpec {
  return { ...template, metadata: { ...template.metadata, annotations: spec.template?.metadata?.annotations } };
}

/**
 * {@link findReplicaSets} once more in the same sync: a ReplicaSet that was written the first time is written again as it was read, and
 * conflicts. Where nothing would come of it nothing is done.
 */
export function* findReplicaSetsAgain(sync: DeploymentSync, create: boolean): Generator<Wait, void, unknown> {
  const { newReplicaSet } = sync;
  // The planted bug writes at every look: conflicts would only slow it down.
  const written = newReplicaSet !== undefined && !sync.replicaSets.includes(newReplicaSet);
  const looksAgain = newReplicaSet === undefined ? create : written && !sync.scope.ctx.bug(BUG_COUNTS_NEW_REVISION);
  if (looksAgain) yield* findReplicaSets(sync, create);
}

/** The existing ReplicaSet with annotations and minReadySeconds of the Deployment. */
function* adoptRevision(
  sync: DeploymentSync,
  found: ReplicaSet,
  revision: number,
): Generator<Wait, ReplicaSet, unknown> {
  const { deployment, scope } = sync;
  const { metadata, spec } = found;
  const annotations = newReplicaSetAnnotations(deployment, metadata.annotations, revision);
  const minReadySeconds = deployment.spec.minReadySeconds;
  const sameMinReady = (spec.minReadySeconds ?? 0) === (minReadySeconds ?? 0);
  if (annotations !== null || !sameMinReady) {
    const changed = { ...metadata, annotations: annotations ?? metadata.annotations };
    const wanted: ReplicaSet = { ...found, metadata: changed, spec: { ...spec, minReadySeconds } };
    return yield* scope.client.update<ReplicaSet>(REPLICASETS, wanted);
  }
  const before = deployment;
  sync.deployment = withRevision(deployment, metadata.annotations?.[REVISION] ?? '');
  let changed = sync.deployment !== before;
  if (hasProgressDeadline(deployment) && findCondition(deployment.status?.conditions, PROGRESSING) === undefined) {
    const message = `Found new replica set "${metadata.name}"`;
    sync.setCondition(conditionOf(PROGRESSING, 'True', 'FoundNewReplicaSet', message, sync.wallUs));
    changed = true;
  }
  if (changed) yield* sync.writeDeployment();
  return found;
}

function* createReplicaSet(sync: DeploymentSync, revision: number): Generator<Wait, ReplicaSet, unknown> {
  const { scope } = sync;
  const wanted = replicaSetOf(sync, revision);
  const { name } = wanted.metadata;
  if (sizeOf(wanted) > 0) sync.observeScale(wanted, 0, sizeOf(wanted));
  let created: ReplicaSet;
  let existed = false;
  try {
    created = yield* scope.client.create<ReplicaSet>(REPLICASETS, wanted);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (!error.isAlreadyExists) {
      yield* reportFailure(sync, name, error);
      throw error;
    }
    created = yield* existingReplicaSet(sync, name, error);
    existed = true;
  }
  const size = sizeOf(wanted);
  if (!existed && size > 0) {
    const message = `Scaled up replica set ${name} from 0 to ${size}`;
    scope.recorder.event(sync.deployment, 'Normal', 'ScalingReplicaSet', message);
  }
  const before = sync.deployment;
  sync.deployment = withRevision(before, String(revision));
  let changed = sync.deployment !== before;
  if (!existed && hasProgressDeadline(before)) {
    const message = `Created new replica set "${name}"`;
    sync.setCondition(conditionOf(PROGRESSING, 'True', 'NewReplicaSetCreated', message, sync.wallUs));
    changed = true;
  }
  if (changed) yield* sync.writeDeployment();
  return created;
}

/** Someone has the name: ours if owner and template fit, else a collision, which is counted and ends the sync. */
function* existingReplicaSet(
  sync: DeploymentSync,
  name: string,
  error: StatusError,
): Generator<Wait, ReplicaSet, unknown> {
  const { deployment, scope } = sync;
  const existing = scope.informer<ReplicaSet>(REPLICASETS).find(namespaceOf(deployment), name);
  if (existing === undefined) throw StatusError.notFound(REPLICASETS, name);
  const mine = controllerOf(existing)?.uid === uidOf(deployment);
  if (mine && holdsTemplate(existing, deployment.spec.template)) return existing;
  scope.ctx.mark(MARK_HASH_COLLISION);
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
  sync.deployment = { ...deployment, status: { ...deployment.status, collisionCount } };
  yield* sync.writeDeployment();
  throw error;
}

function* reportFailure(sync: DeploymentSync, name: string, error: StatusError): Generator<Wait, void, unknown> {
  if (error.isNamespaceTerminating) return;
  const message = `Failed to create new replica set "${name}": ${error.message}`;
  if (hasProgressDeadline(sync.deployment)) {
    sync.setCondition(conditionOf(PROGRESSING, 'False', 'ReplicaSetCreateError', message, sync.wallUs));
    try {
      yield* sync.writeDeployment();
    } catch (second) {
      if (!(second instanceof StatusError)) throw second;
    }
  }
  sync.scope.recorder.event(sync.deployment, 'Warning', 'ReplicaSetCreateError', message);
}

/** The new ReplicaSet as it is to be created; shares the template's pod spec. */
function replicaSetOf(sync: DeploymentSync, revision: number): ReplicaSet {
  const { deployment } = sync;
  const { metadata, spec } = deployment;
  const hash = podTemplateHash(spec.template, deployment.status?.collisionCount);
  const labels: StringMap = copyWith(spec.template.metadata?.labels ?? {}, { [POD_TEMPLATE_HASH]: hash });
  const template: PodTemplateSpec = {
    metadata: copyWith(spec.template.metadata ?? {}, { labels }),
    spec: spec.template.spec,
  };
  const replicas = newReplicaSetSize(deployment, sync.oldReplicaSets, 0, sync.scope.ctx);
  const desired = sizeOf(deployment);
  const annotations = newReplicaSetAnnotations(deployment, undefined, revision);
  return {
    apiVersion: REPLICASETS.apiVersion,
    kind: REPLICASETS.kind,
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels,
      annotations: withSizes(annotations ?? undefined, desired, desired + maxSurge(deployment)),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      minReadySeconds: spec.minReadySeconds,
      selector: withHash(deployment, hash),
      template,
    },
  };
}

function withHash(deployment: Deployment, hash: string): LabelSelector {
  const { selector } = deployment.spec;
  return copyWith(selector, { matchLabels: copyWith(selector.matchLabels ?? {}, { [POD_TEMPLATE_HASH]: hash }) });
}
