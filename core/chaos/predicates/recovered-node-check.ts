/**
 * NL4, K5: a node whose kubelet runs and reaches the API is Ready, and carries no taint that says otherwise.
 */
import type { Node } from '../../types/node.ts';
import { isConditionTrue } from '../../types/pod-conditions.ts';
import type { Judge, Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';

const AWAY: ReadonlySet<string> = new Set(['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready']);

export function recoveredNodes(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'NL4',
    about: 'every node that runs and is connected is Ready and has no taint of one that is away',
    evaluations: 0,
    missing() {
      if (settled.holds || judge.truth === undefined) return null;
      const connected = new Set(judge.truth.connectedNodes().map(({ name }) => name));
      for (const object of judge.world.of('Node').values()) {
        const node = object as Node;
        if (!connected.has(node.metadata.name)) continue;
        predicate.evaluations++;
        if (!isConditionTrue(node.status?.conditions, 'Ready')) return `Node ${node.metadata.name} is not Ready`;
        const taint = node.spec?.taints?.find(({ key }) => AWAY.has(key));
        if (taint !== undefined) return `Node ${node.metadata.name} has the taint ${taint.key}:${taint.effect}`;
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}
