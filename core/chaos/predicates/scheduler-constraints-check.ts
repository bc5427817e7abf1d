/**
 * SC3: whatever node a scheduler chooses, the pod may run there in the scheduler's own view of that node: not cordoned, no taint
 * that keeps it off, node selector and required node affinity satisfied. (What depends on other pods is held by SC2 and by
 * the recorded decisions.)
 */
import type { Node, Taint } from '../../types/node.ts';
import { fitsNodeAffinity } from '../../types/node-affinity.ts';
import type { Pod } from '../../types/pod.ts';
import { findUntolerated, isTolerated } from '../../types/tolerations.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** The parts of the scheduler's placement that are read here. */
interface Placement {
  readonly pod: Pod;
  readonly nodeName: string;
  /** The node as the scheduler knows it. */
  readonly node: Node | null;
}

const CORDON: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export function schedulerConstraints(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'SC3',
    about: 'no scheduler chooses a node that its own view forbids the pod',
    evaluations: 0,
  };
  listen(judge, 'scheduler.assume', (pid, subject) => {
    const { pod, node, nodeName } = subject as Placement;
    predicate.evaluations++;
    const reason = node === null ? 'it does not exist' : whyForbidden(pod, node);
    if (reason === '') return;
    const scheduler = judge.sim.processes.names[pid];
    judge.violate(predicate, `${scheduler} placed pod ${keyOf(pod)} on ${nodeName}, but ${reason}`);
  });
  return predicate;
}

/** Why the pod may not run on the node as it is given, or the empty text. */
export function whyForbidden(pod: Pod, node: Node): string {
  const { tolerations } = pod.spec;
  if (node.spec?.unschedulable === true && !isTolerated(tolerations, CORDON)) return 'it is cordoned';
  const taint = findUntolerated(node.spec?.taints, tolerations, (effect) => effect !== 'PreferNoSchedule');
  if (taint !== undefined) return `it has the taint ${taint.key}:${taint.effect}`;
  return fitsNodeAffinity(pod.spec, node) ? '' : 'node selector or affinity do not match it';
}
