/**
 * Requests as records of a write-ahead log: length, chained CRC-32C, protobuf. A record holds the requests that were synced together.
 *
 * Always: the CRC of a record covers all records before it in the file, so one that is missing, moved or changed shows at its place. A record
 * that the end of the file cuts off, or whose bytes lie partly in a sector of zeros, is what an interrupted write leaves (etcd's rule,
 * server/storage/wal/decoder.go), provided that no record follows: a record is written only after the one before it was synced. Anything else
 * that does not add up is damage.
 */
import { crc32c } from '../../../core/store/v3/crc32c.ts';
import type { TxnRequest, WriteRequest } from '../../../core/store/v3/messages.ts';
import { decode, type Message, ProtobufError } from '../protobuf/decode.ts';
import { encode } from '../protobuf/encode.ts';
import { message } from '../protobuf/schema.ts';
import { txnRequest, txnToWire } from './convert.ts';
import * as m from './etcd-messages.ts';

/** Length, length again in a mask, CRC: 4 bytes each, little-endian. A changed length must not look like a record that was cut off. */
export const RECORD_HEADER_BYTES = 12;
const LENGTH_MASK = 0x5ea7_41a1;
const SECTOR_BYTES = 512;

const LEASE_CHECKPOINTS = message('LeaseCheckpointRequest', [1, 'checkpoints', () => m.LEASE_CHECKPOINT, 'repeated']);

/** A logged request: its index and one of the requests. */
const LOGGED = message(
  'LoggedRequest',
  [1, 'index', 'int64'],
  [2, 'put', () => m.PUT_REQUEST, 'union:op'],
  [3, 'deleteRange', () => m.DELETE_RANGE_REQUEST, 'union:op'],
  [4, 'txn', () => m.TXN_REQUEST, 'union:op'],
  [5, 'compaction', () => m.COMPACTION_REQUEST, 'union:op'],
  [6, 'leaseGrant', () => m.LEASE_GRANT_REQUEST, 'union:op'],
  [7, 'leaseRevoke', () => m.LEASE_REVOKE_REQUEST, 'union:op'],
  [8, 'leaseCheckpoint', () => LEASE_CHECKPOINTS, 'union:op'],
  [9, 'alarm', () => m.ALARM_REQUEST, 'union:op'],
);

const BATCH = message('LogBatch', [1, 'logged', () => LOGGED, 'repeated']);
/** The same of requests that are encoded already: on the wire a message is its bytes. */
const BATCH_OF_ENCODED = message('LogBatch', [1, 'logged', 'bytes', 'repeated']);

/** A request with its place in the log. */
export interface LoggedRequest {
  readonly index: number;
  readonly request: WriteRequest;
}

/** A request as a record holds it. */
export function encodeLogged(logged: LoggedRequest): Buffer {
  return encode(LOGGED, toWire(logged));
}

/** The bytes of a record of these requests after one whose CRC was `crc`, and its own CRC. */
export function frameRecord(logged: readonly Buffer[], crc: number): { readonly bytes: Buffer; readonly crc: number } {
  const bytes = encode(BATCH_OF_ENCODED, { logged }, RECORD_HEADER_BYTES);
  const length = bytes.length - RECORD_HEADER_BYTES;
  const next = crc32c(crc, bytes.subarray(RECORD_HEADER_BYTES));
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt32LE((length ^ LENGTH_MASK) >>> 0, 4);
  bytes.writeUInt32LE(next, 8);
  return { bytes, crc: next };
}

function toWire({ index, request }: LoggedRequest): object {
  if (request.op === 'txn') return { index, op: 'txn', txn: txnToWire(request.txn) };
  if (request.op === 'leaseRevoke') return { index, op: 'leaseRevoke', leaseRevoke: { id: request.id } };
  if (request.op !== 'leaseCheckpoint') return { index, ...request };
  return { index, op: 'leaseCheckpoint', leaseCheckpoint: { checkpoints: request.checkpoints } };
}

/** What lies at an offset of a log. */
export type ReadRecord =
  | { readonly kind: 'record'; readonly logged: readonly LoggedRequest[]; readonly end: number; readonly crc: number }
  | { readonly kind: 'end' | 'torn' }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Reads the record at `at`, after one whose CRC was `crc`. */
export function readRecord(file: Buffer, at: number, crc: number): ReadRecord {
  if (at === file.length) return { kind: 'end' };
  if (at + RECORD_HEADER_BYTES > file.length) return { kind: 'torn' };
  if (!isHead(file, at)) return tornOr('not the head of a record', file, at, at + RECORD_HEADER_BYTES);
  const end = at + RECORD_HEADER_BYTES + file.readUInt32LE(at);
  if (end > file.length) return { kind: 'torn' };
  const payload = file.subarray(at + RECORD_HEADER_BYTES, end);
  const found = crc32c(crc, payload);
  if (found !== file.readUInt32LE(at + 8)) return tornOr('the checksum is wrong', file, at, end);
  try {
    const logged = (decode(BATCH, payload)['logged'] as Message[]).map(fromWire);
    if (logged.includes(null)) return damaged('a record of an unknown kind');
    return { kind: 'record', logged: logged as LoggedRequest[], end, crc: found };
  } catch (error) {
    if (error instanceof ProtobufError) return damaged(error.message);
    throw error;
  }
}

/** Whether the length at `at` is what its mask says. */
function isHead(file: Buffer, at: number): boolean {
  return file.readUInt32LE(at + 4) === (file.readUInt32LE(at) ^ LENGTH_MASK) >>> 0;
}

/** What does not add up in [at, end). */
function tornOr(reason: string, file: Buffer, at: number, end: number): ReadRecord {
  if (!hasZeroSector(file, at, end)) return damaged(reason);
  for (let next = end; next + RECORD_HEADER_BYTES <= file.length; next++) {
    if (isHead(file, next)) return damaged(`${reason}, and a record follows at offset ${next}`);
  }
  return { kind: 'torn' };
}

const damaged = (reason: string): ReadRecord => ({ kind: 'damaged', reason });

function isZero(file: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (file[i] !== 0) return false;
  return true;
}

/** Whether one of the disk sectors that [from, to) touches holds nothing but zeros there. */
function hasZeroSector(file: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const next = Math.min(to, (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES);
    if (isZero(file, at, next)) return true;
    at = next;
  }
  return false;
}

function fromWire(wire: Message): LoggedRequest | null {
  const index = wire['index'] as number;
  const op = wire['op'] as string;
  if (op === 'none') return null;
  const content = wire[op] as Message;
  return { index, request: requestOf(op, content) };
}

function requestOf(op: string, content: Message): WriteRequest {
  if (op === 'txn') return { op: 'txn', txn: txnRequest(content) as TxnRequest };
  if (op === 'leaseRevoke') return { op: 'leaseRevoke', id: content['id'] as bigint };
  if (op === 'leaseCheckpoint') return { op: 'leaseCheckpoint', checkpoints: content['checkpoints'] as never };
  return { op, [op]: content } as unknown as WriteRequest;
}
