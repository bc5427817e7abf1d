/**
 * CC1: no Node object outlives its instance: what the cloud has taken away for good is deleted from the API.
 */
import type { Judge, Predicate } from '../predicate.ts';

export function goneInstances(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'CC1',
    about: 'no Node stays when its instance is gone for good',
    evaluations: 0,
    missing() {
      if (judge.truth === undefined) return null;
      for (const node of judge.world.of('Node').values()) {
        const state = judge.truth.instanceState(node.metadata.name);
        if (state === null) continue;
        predicate.evaluations++;
        if (state === 'removed') return `Node ${node.metadata.name} exists though its instance is gone`;
      }
      return null;
    },
  };
  return predicate;
}
