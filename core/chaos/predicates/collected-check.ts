/**
 * G2: at quiescence nothing is left whose owners have all gone: it is the garbage collector's to delete.
 */
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { World } from '../world.ts';

/** Kinds that others own in a cluster without custom resources. */
const OWNED = ['Pod', 'ReplicaSet', 'ControllerRevision', 'EndpointSlice', 'Job'];

export function allCollected(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'G2',
    about: 'no object stays whose owners have all gone',
    evaluations: 0,
    missing() {
      for (const kind of OWNED) {
        for (const object of judge.world.of(kind).values()) {
          const owners = object.metadata.ownerReferences;
          if (owners === undefined || owners.length === 0) continue;
          predicate.evaluations++;
          if (owners.some((owner) => exists(judge.world, owner.kind, owner.uid))) continue;
          return `${kind} ${keyOf(object)} stays though its owner ${owners[0]?.kind} ${owners[0]?.name} has gone`;
        }
      }
      return null;
    },
  };
  return predicate;
}

function exists(world: World, kind: string, uid: string): boolean {
  for (const object of world.of(kind).values()) if (object.metadata.uid === uid) return true;
  return false;
}
