/**
 * G3 (ours): the pod garbage collector declares pods of a node dead only when that Node has been gone for its quarantine, or is out of service.
 *
 * It marks them Failed before it deletes them, so the mark is judged. A Node that is there must have been for some seconds: the collector reads it just
 * before it acts. Half of the quarantine is enough, because a clock may run at another rate. Source: Kubernetes 1.34 pkg/controller/podgc (quarantineTime 40 s).
 */
import { PART_BIRTH, PART_END, PART_STATUS } from '../../types/changed-parts.ts';
import type { Node } from '../../types/node.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isConditionTrue, isPodTerminal } from '../../types/pod-conditions.ts';
import { CONTROLLER_USER } from '../../types/user-names.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const COLLECTOR = `${CONTROLLER_USER}pod-garbage-collector-controller`;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const QUARANTINE_US = 40_000_000;
const CLOCK_SLACK = 0.5;
/** From the look at a Node to the last write about its pods, µs. */
const ACTING_US = 20_000_000;

export function quarantinedPods(judge: Judge): Predicate {
  /** When Nodes came and went, by name, µs. */
  const bornUs = new Map<string, number>();
  const goneUs = new Map<string, number>();
  const predicate: Predicate = {
    id: 'G3',
    about: 'no pod is collected before its Node has been gone for 40 s, or is out of service',
    evaluations: 0,
    commitKinds: ['Node'],
    commitParts: PART_BIRTH | PART_END,
    onCommit({ object, previous, timeUs }: Commit) {
      if (object === null) goneUs.set((previous as KubeObject).metadata.name, timeUs);
      else if (previous === null) bornUs.set(object.metadata.name, timeUs);
    },
  };
  listen(
    judge,
    'api.write',
    (_pid, subject) => {
      const { op, before, after } = subject as CommittedWrite;
      if (op.request.user !== COLLECTOR || before === null || after === null) return;
      if (isPodTerminal(before as Pod) || !isPodTerminal(after as Pod)) return;
      const { nodeName = '' } = (before as Pod).spec;
      if (nodeName === '') return;
      predicate.evaluations++;
      const node = judge.world.nodeNamed(nodeName);
      const sinceUs = judge.sim.now - ((node === undefined ? goneUs : bornUs).get(nodeName) ?? 0);
      let why = '';
      if (node === undefined && sinceUs < QUARANTINE_US * CLOCK_SLACK)
        why = `${nodeName} has been gone for ${Math.round(sinceUs / 1_000_000)} s`;
      if (node !== undefined && sinceUs >= ACTING_US && !isOutOfService(node)) why = `${nodeName} exists`;
      if (why !== '') judge.violate(predicate, `pod ${keyOf(before)} is collected, though ${why}`);
    },
    ['Pod'],
    PART_STATUS,
  );
  return predicate;
}

/** Whether the node's pods are given up: it is tainted so and not ready. */
export function isOutOfService({ spec, status }: Node): boolean {
  return (
    !isConditionTrue(status?.conditions, 'Ready') && spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true
  );
}
