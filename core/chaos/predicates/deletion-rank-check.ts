/**
 * RS3: scaling down takes pods that are not ready before ready ones, in the controller's view.
 */
import type { KubeObject } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** What the controller chose among the active pods that it knows. */
interface Choice {
  readonly replicaSet: KubeObject;
  readonly chosen: readonly Pod[];
  readonly kept: readonly Pod[];
}

export function deletionRank(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'RS3',
    about: 'scaling down deletes no ready pod while one that is not ready stays',
    evaluations: 0,
  };
  listen(judge, 'replicaset.delete', (_pid, subject) => {
    const { replicaSet, chosen, kept } = subject as Choice;
    if (kept.length === 0) return;
    predicate.evaluations++;
    const ready = chosen.find(isPodReady);
    const unready = kept.find((pod) => !isPodReady(pod));
    if (ready === undefined || unready === undefined) return;
    const what = `deletes ${ready.metadata.name}, which is ready, and keeps ${unready.metadata.name}, which is not`;
    judge.violate(predicate, `ReplicaSet ${keyOf(replicaSet)} ${what}`);
  });
  return predicate;
}
