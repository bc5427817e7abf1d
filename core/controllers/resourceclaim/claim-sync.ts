/**
 * One sync of a claim for devices: users that are done are struck out, and a claim without users gives its devices back. Source:
 * Kubernetes 1.34 pkg/controller/resourceclaim (syncClaim); PodGroups as users: 1.37.
 */
import type { Informer } from '../../client/informer.ts';
import type { Wait } from '../../sim/task.ts';
import { CLAIM_FINALIZER, type ClaimConsumer, type ResourceClaim } from '../../types/device.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import type { PodGroup } from '../../types/pod-group.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ControllerScope } from '../controller-scope.ts';

/** Whether a pod needs its claims no more: it has ended, or it is deleted and never had a node. */
export function isPodDone(pod: Pod): boolean {
  return isPodTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && (pod.spec.nodeName ?? '') === '');
}

/** Who may use a claim, by resource; without `podgroups` these keep theirs for good, as those of other resources do. */
export interface ClaimUsers {
  readonly pods: Informer<Pod>;
  readonly podgroups?: Informer<PodGroup> | undefined;
}

/** Brings a claim up to date; undefined = it is gone. */
export function* syncClaim(
  scope: ControllerScope,
  type: ResourceType,
  users: ClaimUsers,
  claim: ResourceClaim | undefined,
): Generator<Wait, void, unknown> {
  if (claim === undefined) return;
  const { reservedFor = [] } = claim.status ?? {};
  const valid: ClaimConsumer[] = [];
  for (const consumer of reservedFor) if (yield* stillUses(scope, users, claim, consumer)) valid.push(consumer);
  const terminating = claim.metadata.deletionTimestamp !== undefined;
  const finalized = claim.metadata.finalizers?.includes(CLAIM_FINALIZER) === true;
  if (valid.length < reservedFor.length) {
    const kept = { ...claim.status, reservedFor: valid };
    yield* write(scope, type, claim, valid.length === 0 && finalized ? { ...kept, allocation: undefined } : kept);
  } else if (finalized && terminating && valid.length === 0) {
    yield* write(scope, type, claim, { ...claim.status, allocation: undefined });
  }
  if (valid.length === 0 && !terminating) yield* deleteIfUseless(scope, type, users.pods, claim);
}

/** Writes a status, and takes the finalizer off a claim that has no devices. */
function* write(
  scope: ControllerScope,
  type: ResourceType,
  claim: ResourceClaim,
  status: ResourceClaim['status'],
): Generator<Wait, void, unknown> {
  const written = yield* scope.client.updateStatus<ResourceClaim>(type, { ...claim, status });
  const { finalizers = [] } = written.metadata;
  if (written.status?.allocation !== undefined || !finalizers.includes(CLAIM_FINALIZER)) return;
  const rest = finalizers.filter((finalizer) => finalizer !== CLAIM_FINALIZER);
  yield* scope.client.update(type, { ...written, metadata: { ...written.metadata, finalizers: rest } });
}

/** Who the informer does not show may be too new for it: the server is asked. */
function* stillUses(
  { client }: ControllerScope,
  { pods, podgroups }: ClaimUsers,
  { metadata }: ResourceClaim,
  { resource, name, uid }: ClaimConsumer,
): Generator<Wait, boolean, unknown> {
  const informer = resource === 'pods' ? pods : resource === 'podgroups' ? podgroups : undefined;
  if (informer === undefined) return true;
  const namespace = metadata.namespace ?? '';
  const known = informer.find(namespace, name);
  if (known !== undefined) return known.metadata.uid === uid && !(resource === 'pods' && isPodDone(known as Pod));
  try {
    const found = yield* client.get(informer.type, namespace, name);
    return found.metadata.uid === uid;
  } catch (error) {
    if (error instanceof StatusError && error.isNotFound) return false;
    throw error;
  }
}

/** A claim that was made for a pod that is done is of no use; where the pod is gone the garbage collector takes it. */
function* deleteIfUseless(
  scope: ControllerScope,
  type: ResourceType,
  pods: Informer<Pod>,
  claim: ResourceClaim,
): Generator<Wait, void, unknown> {
  const { metadata } = claim;
  const owner = controllerOf(claim);
  const pod = owner?.kind !== 'Pod' ? undefined : pods.find(metadata.namespace ?? '', owner.name);
  if (pod === undefined || (pod.metadata.uid === owner?.uid && !isPodDone(pod))) return;
  try {
    yield* scope.client.delete(type, metadata.namespace ?? '', metadata.name);
  } catch (error) {
    if (!(error instanceof StatusError) || !error.isNotFound) throw error;
  }
}
