/**
 * PV1 and DR1: what is claimed belongs to one claim. A volume is bound to a claim when the claim says so for good; a device is allocated
 * to a claim as long as its status lists it. Administrators' access takes nothing, and a share of a device is no device.
 */
import { deviceKey, type ResourceClaim } from '../../types/device.ts';
import type { KubeObject } from '../../types/object.ts';
import type { PersistentVolumeClaim } from '../../types/storage.ts';
import { BIND_COMPLETED } from '../../types/volume-match.ts';
import { type Judge, keyOf, type Predicate, type PredicateFactory } from '../predicate.ts';
import type { Commit } from '../world.ts';

const NOTHING: readonly string[] = [];

/** PV1. */
export const volumeBoundOnce: PredicateFactory = (judge) =>
  heldOnce(judge, 'PV1', 'no volume is bound to two claims', 'PersistentVolumeClaim', (object) => {
    const { spec, metadata } = object as PersistentVolumeClaim;
    const bound = metadata.annotations?.[BIND_COMPLETED] !== undefined && (spec?.volumeName ?? '') !== '';
    return bound ? [spec?.volumeName as string] : NOTHING;
  });

/** DR1. */
export const deviceAllocatedOnce: PredicateFactory = (judge) =>
  heldOnce(judge, 'DR1', 'no device is allocated to two claims', 'ResourceClaim', (object) => {
    const results = (object as ResourceClaim).status?.allocation?.devices.results ?? [];
    return results.filter(({ adminAccess, shareID }) => adminAccess !== true && shareID === undefined).map(deviceKey);
  });

/** No two objects of a kind hold the same thing at one time. */
function heldOnce(
  judge: Judge,
  id: string,
  about: string,
  kind: string,
  holdsOf: (object: KubeObject) => readonly string[],
): Predicate {
  const holders = new Map<string, number>();
  const predicate: Predicate = {
    id,
    about,
    evaluations: 0,
    commitKinds: [kind],
    onCommit({ kind: committed, object, previous, keyId }: Commit) {
      if (committed !== kind) return;
      for (const thing of previous === null ? NOTHING : holdsOf(previous)) {
        if (holders.get(thing) === keyId) holders.delete(thing);
      }
      if (object === null) return;
      for (const thing of holdsOf(object)) {
        predicate.evaluations++;
        const holder = holders.get(thing);
        if (holder !== undefined && holder !== keyId) {
          const other = judge.world.of(kind).get(holder);
          judge.violate(
            predicate,
            `${thing} of ${keyOf(object)} is also that of ${other ? keyOf(other) : 'another claim'}`,
          );
        }
        holders.set(thing, keyId);
      }
    },
  };
  return predicate;
}
