/**
 * HashKV, bit for bit (etcd 3.6, server/storage/mvcc/hash.go): CRC-32C over the word `key` and the backend records of all changes
 * up to a revision that a compaction at that revision would keep, or that are newer than the last compaction.
 *
 * Always: members with equal histories and equal compactions have equal hashes, whether or not the physical removal is done.
 */
import { crc32c } from './crc32c.ts';
import { RecordBytes } from './key-value-bytes.ts';
import type { Kv } from './kv.ts';

/** Name of the backend's bucket, which the hash begins with. */
const BUCKET = Uint8Array.of(0x6b, 0x65, 0x79);

/** Fields of mvccpb.KeyValue as protobuf tags. */
const TAG_KEY = 0x0a;
const TAG_CREATE = 0x10;
const TAG_MOD = 0x18;
const TAG_VERSION = 0x20;
const TAG_VALUE = 0x2a;
const TAG_LEASE = 0x30;

/**
 * Hash of all changes up to `revision`. `compactRevision`: the compaction whose keep rule applies, −1 for none; unsigned 32 bits.
 * With `keepTombstones` (hash of a compaction in progress) a tombstone exactly at `revision` counts as kept.
 */
export function hashKv(kv: Kv, revision: number, compactRevision: number, keepTombstones = false): number {
  const { history } = kv.mvcc;
  const record = new RecordBytes();
  const someKept = compactRevision >= 0 && hasKept(kv, revision, keepTombstones);
  let crc = crc32c(0, BUCKET);
  for (let index = 0; index < history.count; index++) {
    const main = history.revision(index);
    if (main > revision) break;
    if (history.isSwept(index)) continue;
    const isTombstone = !history.isLive(index);
    if (main <= compactRevision && someKept) {
      if (keptIndex(kv, history.keyId(index), revision, keepTombstones) !== index) continue;
    }
    if (main === compactRevision && isTombstone) continue;
    writeRecord(kv, index, record);
    crc = crc32c(crc, record.bytes, 0, record.length);
  }
  return crc;
}

/**
 * Index of what a compaction at `revision` keeps of a key, −1 for nothing. A deletion exactly there hides what the same transaction put after
 * it: etcd looks at the first generation that ends at or after the revision.
 */
function keptIndex(kv: Kv, keyId: number, revision: number, keepTombstones: boolean): number {
  const { history } = kv.mvcc;
  const newest = history.lookup(keyId, revision);
  let tombstone = -1;
  for (let index = newest; index >= 0 && history.revision(index) === revision; index = history.previous(index)) {
    if (!history.isLive(index)) tombstone = index;
  }
  if (tombstone >= 0) return keepTombstones ? tombstone : -1;
  return newest >= 0 && history.isLive(newest) ? newest : -1;
}

function hasKept(kv: Kv, revision: number, keepTombstones: boolean): boolean {
  for (let keyId = 0; keyId < kv.mvcc.keys.count; keyId++) {
    if (keptIndex(kv, keyId, revision, keepTombstones) >= 0) return true;
  }
  return false;
}

function writeRecord(kv: Kv, index: number, record: RecordBytes): void {
  const { history, keys } = kv.mvcc;
  const value = history.value(index);
  record.revisionKey(history.revision(index), history.sub(index), value === null);
  record.keyField(TAG_KEY, keys.keyOf(history.keyId(index)));
  if (value === null) return;
  record.numberField(TAG_CREATE, history.createRevision(index));
  record.numberField(TAG_MOD, history.revision(index));
  record.numberField(TAG_VERSION, history.version(index));
  record.bytesField(TAG_VALUE, value.bytes());
  record.int64Field(TAG_LEASE, kv.leaseIds.idOf(history.lease(index)));
}
