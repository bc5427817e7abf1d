/** Transactions: etcd's shape checks, compare rules, sub-response revisions, nesting. */
import { describe, expect, it } from 'vitest';
import { compare, grant, nest, put, range, remove, txn } from '../../../../core/chaos/store-campaign/v3-requests.ts';
import { textOf } from '../../../../core/chaos/store-campaign/value-fixture.ts';
import {
  ERROR_COMPACTED,
  ERROR_DUPLICATE_KEY,
  ERROR_EMPTY_KEY,
  ERROR_FUTURE_REVISION,
  ERROR_KEY_NOT_FOUND,
  ERROR_LEASE_NOT_FOUND,
  ERROR_TOO_MANY_OPS,
} from '../../../../core/store/errors.ts';
import { KeyInterner } from '../../../../core/store/key-interner.ts';
import { checkTxn } from '../../../../core/store/v3/check-request.ts';
import { Engine } from '../../../../core/store/v3/engine.ts';
import {
  COMPARE_CREATE,
  COMPARE_EQUAL,
  COMPARE_GREATER,
  COMPARE_LEASE,
  COMPARE_LESS,
  COMPARE_MOD,
  COMPARE_NOT_EQUAL,
  COMPARE_VALUE,
  COMPARE_VERSION,
  type Compare,
  type DeleteRangeResponse,
  type RangeResponse,
  type RequestOp,
  type TxnRequest,
  type TxnResponse,
} from '../../../../core/store/v3/messages.ts';
import { isReadOnly } from '../../../../core/store/v3/txn.ts';

const bytes = (text: string): { readonly value: Uint8Array } => ({ value: new TextEncoder().encode(text) });
const wipe = (key: string, rangeEnd: string) => remove(key, rangeEnd, { prevKv: true });

function apply(engine: Engine, request: TxnRequest): TxnResponse {
  expect(checkTxn(request)).toBeNull();
  return (engine.apply({ op: 'txn', txn: request }, 0) as { readonly txn: TxnResponse }).txn;
}

/** A store with /k put twice (mod 3, create 2, version 2, value "two"). */
function store(): Engine {
  const engine = new Engine({ keys: new KeyInterner() });
  apply(engine, txn([put('/k', 'one')]));
  apply(engine, txn([put('/k', 'two')]));
  return engine;
}

describe('shape of a transaction', () => {
  const many = (n: number): RequestOp[] => Array.from({ length: n }, (_, i) => put(`/m/${i}`, 'x'));

  it('limits operations to 128 and what a parent leaves to its child', () => {
    expect(checkTxn(txn(many(128), many(128)))).toBeNull();
    expect(checkTxn(txn(many(129)))).toBe(ERROR_TOO_MANY_OPS);
    expect(checkTxn(txn([...many(126), nest(txn([put('/child', 'x')]))]))).toBeNull();
    expect(checkTxn(txn([...many(127), nest(txn([put('/child', 'x')]))]))).toBe(ERROR_TOO_MANY_OPS);
  });

  it('refuses empty keys and empty operations', () => {
    expect(checkTxn(txn([put('', 'x')]))).toBe(ERROR_EMPTY_KEY);
    expect(checkTxn(txn([], [wipe('', '\0')]))).toBe(ERROR_EMPTY_KEY);
    expect(checkTxn(txn([], [], [compare(COMPARE_MOD, COMPARE_EQUAL, '')]))).toBe(ERROR_EMPTY_KEY);
    expect(checkTxn(txn([{ op: 'none' }]))).toBe(ERROR_KEY_NOT_FOUND);
  });

  it('refuses a key that one execution could change twice, as etcd sees it', () => {
    const a = put('/a', 'x');
    const refused = (success: RequestOp[], failure: RequestOp[] = []): void =>
      expect(checkTxn(txn(success, failure))).toBe(ERROR_DUPLICATE_KEY);
    const allowed = (success: RequestOp[], failure: RequestOp[] = []): void =>
      expect(checkTxn(txn(success, failure))).toBeNull();
    refused([a, a]);
    refused([], [a, a]);
    refused([a, remove('/a')]);
    refused([wipe('/', '/b'), a]);
    refused([a, nest(txn([a]))]);
    refused([nest(txn([a])), nest(txn([], [a]))]);
    refused([wipe('/', '/b'), nest(txn([a]))]);
    allowed([a], [a]);
    allowed([nest(txn([a], [a]))]);
    allowed([wipe('/', '/b'), wipe('/a', '/c')]);
    allowed([wipe('/b', '/c'), a]);
    allowed([wipe('/a', '\0'), put('/b', 'x')]);
  });
});

describe('compares', () => {
  const holds = (...conditions: Compare[]): boolean => apply(store(), txn([], [], conditions)).succeeded;

  it('look at version, create and mod revision, lease and value', () => {
    expect(holds(compare(COMPARE_VERSION, COMPARE_EQUAL, '/k', { number: 2 }))).toBe(true);
    expect(holds(compare(COMPARE_CREATE, COMPARE_LESS, '/k', { number: 3 }))).toBe(true);
    expect(holds(compare(COMPARE_MOD, COMPARE_GREATER, '/k', { number: 3 }))).toBe(false);
    expect(holds(compare(COMPARE_LEASE, COMPARE_NOT_EQUAL, '/k'))).toBe(false);
    expect(holds(compare(COMPARE_VALUE, COMPARE_EQUAL, '/k', bytes('two')))).toBe(true);
    expect(holds(compare(COMPARE_VALUE, COMPARE_GREATER, '/k', bytes('tw')))).toBe(true);
    expect(holds(compare(COMPARE_VALUE, COMPARE_LESS, '/k', bytes('twx')))).toBe(true);
    const [right, wrong] = [2, 2].map((number, i) =>
      compare(i === 0 ? COMPARE_VERSION : COMPARE_MOD, COMPARE_EQUAL, '/k', { number }),
    );
    expect(holds(right as Compare, wrong as Compare)).toBe(false);
  });

  it('take a missing key for all zero, but never for any value', () => {
    expect(holds(compare(COMPARE_VERSION, COMPARE_EQUAL, '/none'))).toBe(true);
    expect(holds(compare(COMPARE_MOD, COMPARE_LESS, '/none', { number: 5 }))).toBe(true);
    expect(holds(compare(COMPARE_VALUE, COMPARE_EQUAL, '/none', bytes('')))).toBe(false);
    expect(holds(compare(COMPARE_VALUE, COMPARE_NOT_EQUAL, '/none', bytes('a')))).toBe(false);
  });

  it('must hold for every key of a range; an empty range is a missing key', () => {
    const engine = store();
    apply(engine, txn([put('/l', 'x')]));
    const over = (key: string, result: number, number: number): boolean =>
      apply(engine, txn([], [], [compare(COMPARE_MOD, result, key, { rangeEnd: '/z', number })])).succeeded;
    expect(over('/k', COMPARE_GREATER, 2)).toBe(true);
    expect(over('/k', COMPARE_GREATER, 3)).toBe(false);
    expect(over('/y', COMPARE_EQUAL, 0)).toBe(true);
  });

  it('are decided once, up front: a nested compare does not see the outer writes, a nested range does', () => {
    const inner = txn([range('/k')], [put('/wrong', 'x')], [compare(COMPARE_MOD, COMPARE_EQUAL, '/k', { number: 3 })]);
    const answer = apply(store(), txn([put('/k', 'three'), nest(inner)]));
    const child = (answer.responses[1] as unknown as { readonly txn: TxnResponse }).txn;
    expect(child).toMatchObject({ succeeded: true, revision: 0 });
    expect(child.responses[0]).toMatchObject({ range: { revision: 4, kvs: [{ modRevision: 4, version: 3 }] } });
  });
});

describe('execution', () => {
  it('shows the begin revision before the first change and the next after it', () => {
    const all = range('/', '0');
    const answer = apply(store(), txn([all, put('/n', 'x'), all, wipe('/n', '/n'), wipe('/k', '/l')]));
    const parts = answer.responses.map((response) => Object.values(response)[1] as RangeResponse & DeleteRangeResponse);
    expect(parts.map(({ revision }) => revision)).toEqual([3, 4, 4, 4, 4]);
    expect(parts.map(({ count }) => count ?? -1)).toEqual([1, -1, 2, -1, -1]);
    expect(parts.map(({ deleted }) => deleted ?? -1)).toEqual([-1, -1, -1, 0, 1]);
    expect(parts[4]?.prevKvs).toMatchObject([{ modRevision: 3 }]);
    expect(answer.revision).toBe(4);
  });

  it('takes no revision when nothing changed', () => {
    const engine = store();
    expect(apply(engine, txn([wipe('/x', '/y'), range('/', '0')])).revision).toBe(3);
    expect(engine.revision).toBe(3);
  });

  it('fails as a whole, before any write, on an unreadable range or an unknown lease in the taken branch', () => {
    const engine = store();
    engine.mvcc.compact(3);
    const failing: [RequestOp, unknown][] = [
      [range('/', '0', { revision: 2 }), ERROR_COMPACTED],
      [range('/', '0', { revision: 4 }), ERROR_FUTURE_REVISION],
      [put('/leased', 'x', { lease: 77n }), ERROR_LEASE_NOT_FOUND],
      [nest(txn([range('/', '0', { revision: 2 })])), ERROR_COMPACTED],
    ];
    for (const [op, error] of failing) {
      expect(engine.apply({ op: 'txn', txn: txn([put('/new', 'x'), op]) }, 0)).toBe(error);
      expect(engine.revision).toBe(3);
      expect(apply(engine, txn([], [op]))).toMatchObject({ succeeded: true });
    }
  });

  it('ties a key to a lease, and a revocation deletes what is tied to it in one revision', () => {
    const engine = store();
    engine.apply(grant(77, 10), 0);
    apply(engine, txn([put('/b', 'x', { lease: 77n }), put('/a', 'x', { lease: 77n }), put('/c', 'x')]));
    expect(engine.apply({ op: 'leaseRevoke', id: 77n }, 0)).toMatchObject({ header: { revision: 5 } });
    const left = engine.mvcc.range('/', '0', 0, 0, false).keyValues;
    expect(left.map(({ keyId, value }) => [engine.mvcc.keys.keyOf(keyId), textOf(value)])).toEqual([
      ['/c', 'x'],
      ['/k', 'two'],
    ]);
  });

  it('knows what only reads', () => {
    const all = range('/', '0');
    expect(isReadOnly(txn([all, all], [all]))).toBe(true);
    expect(isReadOnly(txn([all], [put('/a', 'x')]))).toBe(false);
  });
});
