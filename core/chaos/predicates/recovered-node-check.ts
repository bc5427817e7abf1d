/**
 * NL4, K5: a node whose kubelet runs and reaches the API is Ready, and carries no taint that says otherwise; on one that is not Ready no pod is.
 * NL5 (ours): no live pod stays on a node with a NoExecute taint that it does not tolerate, or no longer.
 */
import { PART_BIRTH, PART_SPEC } from '../../types/changed-parts.ts';
import type { Node, Taint } from '../../types/node.ts';
import type { Pod } from '../../types/pod.ts';
import { isConditionTrue, isPodActive, isPodReady } from '../../types/pod-conditions.ts';
import { parseTime } from '../../types/time.ts';
import { isTolerated, noExecuteSeconds } from '../../types/tolerations.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';
import type { Commit } from '../world.ts';

const AWAY: ReadonlySet<string> = new Set(['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready']);

export function recoveredNodes(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'NL4',
    about: 'every node that runs and is connected is Ready and untainted, and no pod is Ready on one that is not',
    evaluations: 0,
    missing() {
      if (settled.holds || judge.truth === undefined) return null;
      const connected = new Set(judge.truth.connectedNodes().map(({ name }) => name));
      const away = new Set<string>();
      for (const object of judge.world.of('Node').values()) {
        const node = object as Node;
        if (!isConditionTrue(node.status?.conditions, 'Ready')) away.add(node.metadata.name);
        if (!connected.has(node.metadata.name)) continue;
        predicate.evaluations++;
        if (!isConditionTrue(node.status?.conditions, 'Ready')) return `Node ${node.metadata.name} is not Ready`;
        const taint = node.spec?.taints?.find(({ key }) => AWAY.has(key));
        if (taint !== undefined) return `Node ${node.metadata.name} has the taint ${taint.key}:${taint.effect}`;
      }
      for (const object of away.size === 0 ? [] : judge.world.of('Pod').values()) {
        const pod = object as Pod;
        if (!away.has(pod.spec.nodeName ?? '') || !isPodReady(pod)) continue;
        return `pod ${keyOf(pod)} is Ready on ${pod.spec.nodeName}, which is not`;
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

/** A new leader counts tolerations from its own beginning, and clocks are apart: so much more is granted, µs. */
const OVERDUE_US = 120_000_000;

export function noExecuteHolds(judge: Judge): Predicate {
  const settled = new Settled(judge);
  /** When the taints of nodes changed last, by name, µs since 1970. */
  const taintedUs = new Map<string, number>();
  const predicate: Predicate = {
    id: 'NL5',
    about: 'no live pod stays on a node with a NoExecute taint that it does not tolerate, or no longer',
    evaluations: 0,
    commitKinds: ['Node'],
    commitParts: PART_SPEC | PART_BIRTH,
    onCommit({ object, previous }: Commit) {
      const node = object as Node | null;
      if (node === null || node.spec?.taints === (previous as Node | null)?.spec?.taints) return;
      taintedUs.set(node.metadata.name, judge.sim.clocks.trueWallUs);
    },
    missing() {
      if (settled.holds) return null;
      const taints = new Map<string, readonly Taint[]>();
      for (const object of judge.world.of('Node').values()) {
        const evicting = (object as Node).spec?.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
        if (evicting.length === 0) continue;
        predicate.evaluations++;
        taints.set(object.metadata.name, evicting);
      }
      for (const object of taints.size === 0 ? [] : judge.world.of('Pod').values()) {
        const pod = object as Pod;
        const ofNode = taints.get(pod.spec.nodeName ?? '');
        if (ofNode === undefined || !isPodActive(pod)) continue;
        const taint = ofNode.find((each) => !isTolerated(pod.spec.tolerations, each));
        if (taint !== undefined)
          return `pod ${keyOf(pod)} stays on ${pod.spec.nodeName} in spite of its taint ${taint.key}`;
        const seconds = noExecuteSeconds(ofNode, pod.spec.tolerations);
        const boundUs = parseTime(pod.metadata.creationTimestamp ?? '');
        const sinceUs = Math.max(boundUs, taintedUs.get(pod.spec.nodeName ?? '') ?? 0);
        if (seconds >= 0 && judge.sim.clocks.trueWallUs > sinceUs + seconds * 1_000_000 + OVERDUE_US)
          return `pod ${keyOf(pod)} stays on ${pod.spec.nodeName} longer than the ${seconds} s that it tolerates its taints`;
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}
