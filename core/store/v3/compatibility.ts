/**
 * Where versions of etcd differ in what a client sees: one named set of switches a version, 3.6 by default.
 *
 * A set is chosen when a store is made and never changes. Found by the differential test against the binaries (3.6.16, 3.4.23).
 */
export interface Compatibility {
  readonly name: 'etcd-3.6' | 'etcd-3.4';
  /** A tombstone exactly at the compact revision stays, so that a watch from there gets it (3.5.16, 3.4.34). */
  readonly keepsTombstoneAtCompaction: boolean;
  /** Hashes of finished compactions are kept and answered for their revision (3.6). */
  readonly remembersCompactionHashes: boolean;
  /** The compact revision itself can be hashed, and the answer names the revision hashed (3.5). */
  readonly hashesCompactRevision: boolean;
  /** Alarm answers carry a header (3.5). */
  readonly alarmsHaveHeader: boolean;
  /** A watch from a negative revision is refused (3.5). */
  readonly refusesNegativeStart: boolean;
  /** A progress request waits its turn behind events and for all watchers to be in step (3.4.25, 3.5.8). */
  readonly progressInOrder: boolean;
  /** A transaction checks its operations in order; before, all its puts came first. */
  readonly checksInOrder: boolean;
  /** The quota counts what nested transactions put (3.5). */
  readonly quotaCountsNested: boolean;
}

export const ETCD_3_6: Compatibility = {
  name: 'etcd-3.6',
  keepsTombstoneAtCompaction: true,
  remembersCompactionHashes: true,
  hashesCompactRevision: true,
  alarmsHaveHeader: true,
  refusesNegativeStart: true,
  progressInOrder: true,
  checksInOrder: true,
  quotaCountsNested: true,
};

export const ETCD_3_4: Compatibility = {
  name: 'etcd-3.4',
  keepsTombstoneAtCompaction: false,
  remembersCompactionHashes: false,
  hashesCompactRevision: false,
  alarmsHaveHeader: false,
  refusesNegativeStart: false,
  progressInOrder: false,
  checksInOrder: false,
  quotaCountsNested: false,
};
