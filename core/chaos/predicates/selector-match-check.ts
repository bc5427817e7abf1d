/**
 * RS4: no object has two controllers; in the end every pod of a ReplicaSet matches its selector, and none that matches is without a controller.
 *
 * Source: Kubernetes documentation, ReplicaSet, "Isolating Pods from a ReplicaSet" and "Non-Template Pod acquisitions".
 */
import { compileSelector } from '../../types/label-selector.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodActive } from '../../types/pod-conditions.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';
import type { Commit, World } from '../world.ts';

export function selectorsMatch(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'RS4',
    about: 'nothing has two controllers, and ReplicaSets let go of pods that do not match and adopt those that do',
    evaluations: 0,
    onCommit({ kind, object }: Commit) {
      const owners = object?.metadata.ownerReferences;
      if (object === null || owners === undefined || owners.length < 2) return;
      const controllers = owners.filter(({ controller }) => controller === true);
      if (controllers.length > 1)
        judge.violate(predicate, `${kind} ${keyOf(object)} has ${controllers.length} controllers`);
    },
    missing() {
      if (settled.holds) return null;
      for (const object of judge.world.of('ReplicaSet').values()) {
        const set = object as ReplicaSet;
        if (set.metadata.deletionTimestamp !== undefined) continue;
        predicate.evaluations++;
        const lack = mismatch(judge.world, set);
        if (lack !== null) return `ReplicaSet ${keyOf(set)}: ${lack}`;
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

/** The first pod that it should let go of or adopt, or null. */
function mismatch(world: World, set: ReplicaSet): string | null {
  const selector = compileSelector(set.spec.selector);
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (!isPodActive(pod) || pod.metadata.namespace !== set.metadata.namespace) continue;
    const owner = controllerOf(pod);
    const matches = selector.matches(pod.metadata.labels);
    if (owner?.uid === set.metadata.uid && !matches) return `it keeps pod ${pod.metadata.name}, which does not match`;
    if (owner === undefined && matches) return `pod ${pod.metadata.name} matches and has no controller`;
  }
  return null;
}
