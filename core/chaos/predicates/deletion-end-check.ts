/**
 * DL1: what is being deleted goes, in the end.
 *
 * Excused is what the history or the nodes explain: a finalizer that nobody here has to take off, a pod whose node exists and is away (its object stays until the
 * node returns, unless that is declared out of service), an owner that waits for such a one. Namespaces are N1's.
 */
import type { Node } from '../../types/node.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isConditionTrue } from '../../types/pod-conditions.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';

const FOREGROUND = 'foregroundDeletion';
/** Finalizers that a controller of the cluster takes off. */
const OWN_FINALIZERS: ReadonlySet<string> = new Set([
  FOREGROUND,
  'orphan',
  'batch.kubernetes.io/job-tracking',
  'resource.kubernetes.io/delete-protection',
]);
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
/** Kinds that come and go all the time, and that of N1. */
const LEFT_OUT: ReadonlySet<string> = new Set(['Event', 'Lease', 'Namespace']);

export function deletionsEnd(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'DL1',
    about: 'every object that is being deleted goes',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      for (const kind of judge.world.kinds) {
        if (LEFT_OUT.has(kind)) continue;
        for (const object of judge.world.of(kind).values()) {
          if (object.metadata.deletionTimestamp === undefined) continue;
          predicate.evaluations++;
          if (!isHeld(judge, object)) return `${kind} ${keyOf(object)} is still being deleted`;
        }
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

/** Whether something explains that the object stays. */
function isHeld(judge: Judge, object: KubeObject): boolean {
  const { finalizers = [], uid } = object.metadata;
  if (finalizers.some((finalizer) => !OWN_FINALIZERS.has(finalizer))) return true;
  if (finalizers.includes(FOREGROUND) && isWaitedFor(judge, uid ?? '')) return true;
  return object.kind === 'Pod' && isOutOfReach(judge, object as Pod);
}

/** Whether a dependent that is held itself blocks the end of its owner. */
function isWaitedFor(judge: Judge, uid: string): boolean {
  for (const kind of judge.world.kinds) {
    for (const dependent of judge.world.of(kind).values()) {
      const reference = dependent.metadata.ownerReferences?.find((owner) => owner.uid === uid);
      if (reference?.blockOwnerDeletion === true && isHeld(judge, dependent)) return true;
    }
  }
  return false;
}

/** Whether the pod's node exists and its kubelet cannot say that the pod has ended. */
function isOutOfReach({ world, truth }: Judge, { spec }: Pod): boolean {
  const name = spec.nodeName ?? '';
  if (name === '' || truth === undefined) return truth === undefined;
  const node = [...world.of('Node').values()].find(({ metadata }) => metadata.name === name) as Node | undefined;
  if (node === undefined || truth.connectedNodes().some((connected) => connected.name === name)) return false;
  const declared = node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
  return !declared || isConditionTrue(node.status?.conditions, 'Ready');
}
