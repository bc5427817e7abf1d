/**
 * Which parts of an object a write changed, as bits: by reference, since versions share what did not change. A part that is equal and not shared
 * counts as changed: who hears of changed parts alone may hear too much and never misses one.
 */
import type { KubeObject, ObjectMeta } from './object.ts';

export const PART_SPEC = 1;
export const PART_STATUS = 2;
/** Labels, annotations, generation, creation, deletion and finalizers. */
export const PART_METADATA = 4;
export const PART_OWNERS = 8;
/** A change of none of those: data, endpoints, the count of an Event. */
export const PART_OTHER = 16;
/** There was none before: this and no other bit. */
export const PART_BIRTH = 32;
/** There is none any more: this and no other bit. */
export const PART_END = 64;
/** Any change of one that was there and stays. */
export const PART_ANY = PART_SPEC | PART_STATUS | PART_METADATA | PART_OWNERS | PART_OTHER;

/** Bits of what differs between two versions, at least one; null where there is none. All where it is another object, by its uid. */
export function changedParts(before: KubeObject | null, after: KubeObject | null): number {
  if (before === null) return PART_BIRTH;
  if (after === null) return PART_END;
  const { metadata: was } = before;
  const { metadata: is } = after;
  if (was.uid !== is.uid) return PART_ANY | PART_BIRTH | PART_END;
  let parts = before.spec === after.spec ? 0 : PART_SPEC;
  if (before.status !== after.status) parts |= PART_STATUS;
  if (was.ownerReferences !== is.ownerReferences) parts |= PART_OWNERS;
  if (!sameMetadata(was, is)) parts |= PART_METADATA;
  return parts === 0 ? PART_OTHER : parts;
}

function sameMetadata(before: ObjectMeta, after: ObjectMeta): boolean {
  return (
    before.labels === after.labels &&
    before.annotations === after.annotations &&
    before.generation === after.generation &&
    before.deletionTimestamp === after.deletionTimestamp &&
    before.deletionGracePeriodSeconds === after.deletionGracePeriodSeconds &&
    before.finalizers === after.finalizers &&
    before.creationTimestamp === after.creationTimestamp
  );
}
