/**
 * A store's content as an etcd backend file, to and fro (etcd 3.6, server/storage/schema): bucket `key` holds the history by revision, `meta` how far
 * it is compacted, `lease` and `alarm` what their names say.
 *
 * Always: what real etcd writes can be read, and what is written here etcd's own tools open and restore. A damaged file gives an
 * {@link ImageError} that says where.
 */
import type { Backup, BackupRecord } from '../../../core/store/v3/engine.ts';
import type { LeaseImage } from '../../../core/store/v3/lessor.ts';
import type { AlarmMember, KeyValue } from '../../../core/store/v3/messages.ts';
import type { BoltEntry } from '../bolt/layout.ts';
import { BoltError, readBolt } from '../bolt/read-bolt.ts';
import { writeBolt } from '../bolt/write-bolt.ts';
import { decode, ProtobufError } from '../protobuf/decode.ts';
import { encode } from '../protobuf/encode.ts';
import { message } from '../protobuf/schema.ts';
import { ALARM_MEMBER, KEY_VALUE } from './etcd-messages.ts';

/** leasepb.Lease. */
const LEASE = message('Lease', [1, 'id', 'bigint64'], [2, 'ttlS', 'int64'], [3, 'remainingTtlS', 'int64']);

/** Buckets that etcd expects to be there, empty or not. */
const BUCKETS = [
  'alarm',
  'auth',
  'authRoles',
  'authUsers',
  'cluster',
  'key',
  'lease',
  'members',
  'members_removed',
  'meta',
];

const REVISION_BYTES = 17;
const UNDERSCORE = 0x5f;
const TOMBSTONE = 0x74;

/** How far the log is contained in the content. */
export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

/** A file that is not a backend, or a damaged one; `offset` is the byte in the file, where known. */
export class ImageError extends Error {
  readonly offset: number;

  constructor(offset: number, text: string) {
    super(text);
    this.offset = offset;
  }
}

function revisionKey(main: number, sub: number, isTombstone: boolean): Buffer {
  const key = Buffer.alloc(isTombstone ? REVISION_BYTES + 1 : REVISION_BYTES);
  key.writeBigUInt64BE(BigInt(main), 0);
  key[8] = UNDERSCORE;
  key.writeBigUInt64BE(BigInt(sub), 9);
  if (isTombstone) key[REVISION_BYTES] = TOMBSTONE;
  return key;
}

function uint64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)));
  return bytes;
}

const byKey = (a: BoltEntry, b: BoltEntry): number => Buffer.compare(a.key, b.key);

/** The bytes of a backend file with this content. */
export function writeImage(backup: Backup, position: LogPosition): Buffer {
  const buckets = new Map<string, BoltEntry[]>(BUCKETS.map((name) => [name, []]));
  const bucket = (name: string): BoltEntry[] => buckets.get(name) as BoltEntry[];
  for (const { main, sub, isTombstone, kv } of backup.records) {
    const value = encode(KEY_VALUE, isTombstone ? { key: kv.key } : kv);
    bucket('key').push({ key: revisionKey(main, sub, isTombstone), value });
  }
  for (const lease of backup.leases) bucket('lease').push({ key: uint64(lease.id), value: encode(LEASE, lease) });
  for (const alarm of backup.alarms) bucket('alarm').push({ key: encode(ALARM_MEMBER, alarm), value: Buffer.alloc(0) });
  const meta = bucket('meta');
  meta.push({ key: Buffer.from('consistent_index'), value: uint64(position.index) });
  meta.push({ key: Buffer.from('term'), value: uint64(position.term) });
  if (backup.compactRevision >= 0) {
    const value = revisionKey(backup.compactRevision, 0, false);
    meta.push({ key: Buffer.from('finishedCompactRev'), value }, { key: Buffer.from('scheduledCompactRev'), value });
  }
  for (const entries of buckets.values()) entries.sort(byKey);
  return writeBolt(buckets);
}

/** The content of a backend file. @throws ImageError */
export function readImage(file: Buffer): { readonly backup: Backup; readonly position: LogPosition } {
  try {
    return fromBuckets(readBolt(file));
  } catch (error) {
    if (error instanceof BoltError) throw new ImageError(error.offset, error.message);
    if (error instanceof ProtobufError) throw new ImageError(0, error.message);
    throw error;
  }
}

function fromBuckets(buckets: ReadonlyMap<string, readonly BoltEntry[]>): {
  readonly backup: Backup;
  readonly position: LogPosition;
} {
  const history = buckets.get('key');
  if (history === undefined) throw new ImageError(0, 'a database, but not of etcd: no bucket "key"');
  const meta = new Map(
    (buckets.get('meta') ?? []).map(({ key, value }) => [Buffer.from(key).toString('latin1'), value]),
  );
  const records = history.map(toRecord);
  const finished = revisionIn(meta.get('finishedCompactRev'));
  const scheduled = revisionIn(meta.get('scheduledCompactRev'));
  // A compaction that was decided counts, whether or not its removal was done.
  const compactRevision = Math.max(finished, scheduled);
  const newest = records.at(-1)?.main ?? 1;
  const leases = (buckets.get('lease') ?? []).map(({ value }) => decode(LEASE, value) as unknown as LeaseImage);
  const alarms = (buckets.get('alarm') ?? []).map(({ key }) => decode(ALARM_MEMBER, key) as unknown as AlarmMember);
  return {
    backup: { revision: Math.max(newest, compactRevision, 1), compactRevision, records, leases, alarms },
    position: { index: numberIn(meta.get('consistent_index')), term: numberIn(meta.get('term')) },
  };
}

function toRecord({ key, value }: BoltEntry): BackupRecord {
  const bytes = Buffer.from(key);
  if (bytes.length < REVISION_BYTES || bytes[8] !== UNDERSCORE) {
    throw new ImageError(0, `not a revision: ${bytes.toString('hex')}`);
  }
  return {
    main: Number(bytes.readBigUInt64BE(0)),
    sub: Number(bytes.readBigUInt64BE(9)),
    isTombstone: bytes[REVISION_BYTES] === TOMBSTONE,
    kv: decode(KEY_VALUE, value) as unknown as KeyValue,
  };
}

function revisionIn(value: Uint8Array | undefined): number {
  return value === undefined || value.length < REVISION_BYTES ? -1 : Number(Buffer.from(value).readBigUInt64BE(0));
}

function numberIn(value: Uint8Array | undefined): number {
  return value === undefined || value.length < 8 ? 0 : Number(Buffer.from(value).readBigUInt64BE(0));
}
