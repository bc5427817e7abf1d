/**
 * SC8: a scheduler that counts a pod as bound is right: the pod is on that node in the store.
 */
import type { Pod } from '../../types/pod.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

interface Believed {
  readonly pod: Pod;
  readonly nodeName: string;
}

export function believedBinding(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'SC8',
    about: 'a pod that a scheduler counts as bound is on that node',
    evaluations: 0,
  };
  listen(judge, 'scheduler.bound', (_pid, subject) => {
    const { pod, nodeName } = subject as Believed;
    const stored = storedPod(judge, pod.metadata.uid ?? '');
    if (stored === undefined) return;
    predicate.evaluations++;
    const really = stored.spec.nodeName ?? '';
    if (really === nodeName) return;
    const what = `is bound to ${nodeName} in the scheduler's eyes and ${really === '' ? 'to no node' : `to ${really}`} in the store`;
    judge.violate(predicate, `pod ${keyOf(pod)} ${what}`);
  });
  return predicate;
}

function storedPod(judge: Judge, uid: string): Pod | undefined {
  for (const object of judge.world.of('Pod').values()) if (object.metadata.uid === uid) return object as Pod;
  return undefined;
}
