/**
 * SC5: a nomination is used or taken back: in the end no pod waits for a node that preemption chose for it. (A nomination keeps
 * room from pods that are no more important.)
 */
import type { Pod } from '../../types/pod.ts';
import { type Judge, keyOf, lacks, type Predicate } from '../predicate.ts';
import { Settled, UNTIL_WORK } from '../settled.ts';

export function nominationsEnd(judge: Judge): Predicate {
  const settled = new Settled(judge, UNTIL_WORK);
  const predicate: Predicate = {
    id: 'SC5',
    about: 'no pod waits for a nominated node for ever',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      for (const object of judge.world.of('Pod').values()) {
        const pod = object as Pod;
        predicate.evaluations++;
        const nominated = pod.status?.nominatedNodeName ?? '';
        if (nominated === '' || (pod.spec.nodeName ?? '') !== '') continue;
        return lacks(predicate, 'Pod', pod, `pod ${keyOf(pod)} still waits for ${nominated}`);
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}
