/**
 * SS2: a StatefulSet that is not Parallel creates a pod only after each pod with a lower ordinal has been Ready.
 *
 * Judged by committed history: each lower ordinal must have had a Ready pod at some time. Whether it still was one when the controller looked is not known here, because its
 * cache may lag.
 */
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const ORDINAL = /-(\d+)$/;

export function orderedPods(judge: Judge): Predicate {
  /** Ordinals that have had a Ready pod, by uid of the set. */
  const readyOnce = new Map<string, Set<number>>();
  const predicate: Predicate = {
    id: 'SS2',
    about: 'a StatefulSet creates a pod only when those before it have been ready, unless it is Parallel',
    evaluations: 0,
    commitKinds: ['Pod'],
    onCommit({ kind, object, previous }: Commit) {
      if (kind !== 'Pod' || object === null) return;
      const owner = controllerOf(object);
      if (owner?.kind !== 'StatefulSet') return;
      let ready = readyOnce.get(owner.uid);
      if (ready === undefined) {
        ready = new Set();
        readyOnce.set(owner.uid, ready);
      }
      const ordinal = Number(ORDINAL.exec(object.metadata.name)?.[1] ?? 0);
      if (isPodReady(object as Pod) || isPodTerminal(object as Pod)) ready.add(ordinal);
      if (previous !== null) return;
      const set = setOf(judge, owner.uid);
      if (set === undefined || set.spec.podManagementPolicy === 'Parallel') return;
      predicate.evaluations++;
      for (let before = set.spec.ordinals?.start ?? 0; before < ordinal; before++) {
        if (ready.has(before)) continue;
        judge.violate(
          predicate,
          `StatefulSet ${keyOf(set)} creates pod ${ordinal}, pod ${before} has never been ready`,
        );
        return;
      }
    },
  };
  return predicate;
}

function setOf(judge: Judge, uid: string): StatefulSet | undefined {
  for (const object of judge.world.of('StatefulSet').values()) {
    if (object.metadata.uid === uid) return object as StatefulSet;
  }
  return undefined;
}
