/**
 * Between decoded messages and what the store takes and gives: nearly the same, but for right sides of compares and headers.
 */
import type {
  Compare,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from '../../../core/store/v3/messages.ts';
import {
  COMPARE_CREATE,
  COMPARE_LEASE,
  COMPARE_MOD,
  COMPARE_VALUE,
  COMPARE_VERSION,
} from '../../../core/store/v3/messages.ts';
import type { Message } from '../protobuf/decode.ts';

/** Union member that holds the right side for a target. */
const RIGHT_SIDE: Readonly<Record<number, string>> = {
  [COMPARE_VERSION]: 'version',
  [COMPARE_CREATE]: 'createRevision',
  [COMPARE_MOD]: 'modRevision',
  [COMPARE_VALUE]: 'value',
  [COMPARE_LEASE]: 'lease',
};

const EMPTY_BYTES = new Uint8Array(0);

/** A decoded TxnRequest as the store takes it. */
export function txnRequest(wire: Message): TxnRequest {
  return {
    compare: (wire['compare'] as Message[]).map(compare),
    success: (wire['success'] as Message[]).map(requestOp),
    failure: (wire['failure'] as Message[]).map(requestOp),
  };
}

/** A right side that was sent for another target counts as not sent. */
function compare(wire: Message): Compare {
  const target = wire['target'] as number;
  const fits = wire['union'] === RIGHT_SIDE[target];
  const sent = fits ? wire[wire['union'] as string] : undefined;
  return {
    result: wire['result'] as number,
    target,
    key: wire['key'] as string,
    rangeEnd: wire['rangeEnd'] as string,
    number: typeof sent === 'number' ? sent : 0,
    lease: typeof sent === 'bigint' ? sent : 0n,
    value: sent instanceof Uint8Array ? sent : EMPTY_BYTES,
  };
}

function requestOp(wire: Message): RequestOp {
  switch (wire['op']) {
    case 'range':
      return { op: 'range', range: wire['range'] as unknown as RangeRequest };
    case 'put':
      return { op: 'put', put: wire['put'] as unknown as PutRequest };
    case 'deleteRange':
      return { op: 'deleteRange', deleteRange: wire['deleteRange'] as unknown as DeleteRangeRequest };
    case 'txn':
      return { op: 'txn', txn: txnRequest(wire['txn'] as Message) };
    default:
      return { op: 'none' };
  }
}

/** The store's TxnRequest as a message to encode. */
export function txnToWire(txn: TxnRequest): object {
  const ops = (list: readonly RequestOp[]): object[] =>
    list.map((op) => (op.op === 'txn' ? { op: 'txn', txn: txnToWire(op.txn) } : op));
  return { compare: txn.compare.map(compareToWire), success: ops(txn.success), failure: ops(txn.failure) };
}

function compareToWire(each: Compare): object {
  const { result, target, key, rangeEnd } = each;
  const union = RIGHT_SIDE[target] ?? 'none';
  const sent = union === 'value' ? each.value : union === 'lease' ? each.lease : each.number;
  return { result, target, key, rangeEnd, union, [union]: sent };
}

/** Header of a sub-response: only its revision is there. */
export const innerHeader = (revision: number): object => ({ revision });

/** A transaction's answers as a message to encode. */
export function txnResponseToWire(txn: TxnResponse, header: object): object {
  return { header, succeeded: txn.succeeded, responses: txn.responses.map(responseOpToWire) };
}

function responseOpToWire(op: ResponseOp): object {
  switch (op.op) {
    case 'range':
      return { op: 'range', range: { ...op.range, header: innerHeader(op.range.revision) } };
    case 'put':
      return { op: 'put', put: { ...op.put, header: innerHeader(op.put.revision) } };
    case 'deleteRange':
      return { op: 'deleteRange', deleteRange: { ...op.deleteRange, header: innerHeader(op.deleteRange.revision) } };
    case 'txn':
      return { op: 'txn', txn: txnResponseToWire(op.txn, innerHeader(op.txn.revision)) };
  }
}
