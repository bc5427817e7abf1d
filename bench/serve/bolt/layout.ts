/**
 * Layout of a bbolt database file, which is what etcd's snapshots are (go.etcd.io/bbolt 1.4: page.go, meta.go, bucket.go).
 *
 * All numbers are little-endian. A page begins with a 16-byte header: id u64, flags u16, count u16, overflow u32.
 */

export const PAGE_BYTES = 4096;
export const PAGE_HEADER_BYTES = 16;
/** Size of an element of a leaf or branch page. */
export const ELEMENT_BYTES = 16;

export const PAGE_BRANCH = 0x01;
export const PAGE_LEAF = 0x02;
export const PAGE_META = 0x04;
export const PAGE_FREELIST = 0x10;

/** Flag of a leaf element that is a bucket. */
export const LEAF_BUCKET = 0x01;
/** A bucket's value: root page u64, sequence u64. */
export const BUCKET_BYTES = 16;

export const META_MAGIC = 0xed0cdaed;
export const META_VERSION = 2;
/** Bytes of the meta record that its checksum covers. */
export const META_SUMMED_BYTES = 56;

/** FNV-1a, 64 bits: the checksum of a meta record. */
export function fnv64a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** An entry of a bucket. */
export interface BoltEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Buckets by name. */
export type BoltBuckets = ReadonlyMap<string, readonly BoltEntry[]>;
