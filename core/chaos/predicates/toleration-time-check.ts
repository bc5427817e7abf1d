/**
 * NL3: a pod that tolerates a NoExecute taint for a while is not evicted before that while is over.
 *
 * The while counts from the oldest time at which the node's NoExecute taints were committed: a controller that has not heard that a
 * taint went away meanwhile may go by that one.
 */
import { PART_BIRTH, PART_SPEC } from '../../types/changed-parts.ts';
import type { Node } from '../../types/node.ts';
import type { Pod } from '../../types/pod.ts';
import { noExecuteSeconds } from '../../types/tolerations.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

/** How much earlier the controller's clock may have it: its rate may differ. */
const CLOCK_SLACK = 0.5;

export function tolerationTime(judge: Judge): Predicate {
  const taintedUs = new Map<string, number>();
  const predicate: Predicate = {
    id: 'NL3',
    about: 'no pod is evicted by a taint before its toleration is over',
    evaluations: 0,
    commitKinds: ['Node'],
    commitParts: PART_SPEC | PART_BIRTH,
    onCommit({ kind, object, timeUs }: Commit) {
      if (kind !== 'Node' || object === null || taintedUs.has(object.metadata.name)) return;
      if ((object as Node).spec?.taints?.some(({ effect }) => effect === 'NoExecute')) {
        taintedUs.set(object.metadata.name, timeUs);
      }
    },
  };
  listen(judge, 'taint-eviction.evict', (_pid, subject) => {
    const pod = subject as Pod;
    const node = pod.spec.nodeName ?? '';
    const sinceUs = taintedUs.get(node);
    const taints = taintsOf(judge, node);
    predicate.evaluations++;
    if (sinceUs === undefined || taints === undefined) return;
    const seconds = noExecuteSeconds(taints, pod.spec.tolerations);
    const heldUs = judge.sim.now - sinceUs;
    if (seconds >= 0 && heldUs >= seconds * 1_000_000 * CLOCK_SLACK) return;
    const tolerated = seconds < 0 ? 'for ever' : `${seconds} s`;
    const what = `is evicted from ${node} ${Math.round(heldUs / 1_000_000)} s after the taint, it tolerates ${tolerated}`;
    judge.violate(predicate, `pod ${keyOf(pod)} ${what}`);
  });
  return predicate;
}

function taintsOf(judge: Judge, name: string): NonNullable<NonNullable<Node['spec']>['taints']> | undefined {
  const taints = judge.world.nodeNamed(name)?.spec?.taints?.filter(({ effect }) => effect === 'NoExecute');
  return taints === undefined || taints.length === 0 ? undefined : taints;
}
