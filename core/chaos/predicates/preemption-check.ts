/**
 * SC4: preemption takes only pods of lower priority, and never in the name of a pod with preemptionPolicy Never.
 */
import type { Pod } from '../../types/pod.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** The parts of a nomination that are read here. */
interface Nominated {
  readonly pod: Pod;
  readonly nodeName: string;
  readonly victims: readonly { readonly pod: Pod }[];
}

export function preemptionVictims(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'SC4',
    about: 'preemption takes pods of lower priority only',
    evaluations: 0,
  };
  listen(judge, 'scheduler.nominate', (_pid, subject) => {
    const { pod, nodeName, victims } = subject as Nominated;
    predicate.evaluations++;
    if (pod.spec.preemptionPolicy === 'Never') {
      judge.violate(predicate, `pod ${keyOf(pod)} with preemptionPolicy Never preempts on ${nodeName}`);
    }
    const priority = pod.spec.priority ?? 0;
    const spared = victims.find((victim) => (victim.pod.spec.priority ?? 0) >= priority);
    if (spared === undefined) return;
    const text = `${keyOf(spared.pod)} of priority ${spared.pod.spec.priority ?? 0}`;
    judge.violate(predicate, `pod ${keyOf(pod)} of priority ${priority} preempts ${text} on ${nodeName}`);
  });
  return predicate;
}
