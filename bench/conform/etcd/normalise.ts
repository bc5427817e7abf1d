/**
 * Answers as texts that are equal exactly when the answers agree.
 *
 * Masked: cluster id, member id and Raft term, which are the server's own; lease ids that the server chose, which are renamed by order;
 * the order of a lease's keys, which etcd takes from a hash map. Nothing else.
 */

import type { StoreValue } from '../../../core/store/value.ts';
import type { CallResult } from '../../serve/etcd/client.ts';
import type { Message } from '../../serve/protobuf/decode.ts';

const MASKED: ReadonlySet<string> = new Set(['clusterId', 'memberId', 'raftTerm']);

/** A call's end as text; `renamed` stands for ids the server chose. */
export function normaliseResult(result: CallResult, renamed: ReadonlyMap<bigint, string>): string {
  if (!result.ok) return `error ${result.code}: ${result.text}`;
  return normalise(result.message, renamed);
}

/** A message as text. */
export function normalise(message: Message, renamed: ReadonlyMap<bigint, string>): string {
  return JSON.stringify(message, (name, value: unknown) => {
    if (MASKED.has(name)) return undefined;
    if (typeof value === 'bigint') return renamed.get(value) ?? `${value}`;
    if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
    if (isStoreValue(value)) return shorten(Buffer.from(value.bytes()).toString('latin1'));
    if (name === 'keys' && Array.isArray(value)) return [...value].sort();
    return value;
  });
}

function isStoreValue(value: unknown): value is StoreValue {
  return typeof value === 'object' && value !== null && 'bytes' in value && 'sizeBytes' in value;
}

/** Large values by their length and ends: a report must stay readable. */
function shorten(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 40)}… ${text.length} bytes …${text.slice(-40)}`;
}
