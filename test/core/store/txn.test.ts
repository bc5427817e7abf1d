/** General transactions: etcd's shape checks, compare rules, sub-response revisions, nesting. */
import { describe, expect, it } from 'vitest';
import { TextValue } from '../../../core/chaos/store-campaign/value-fixture.ts';
import {
  COMPARE_CREATE,
  COMPARE_LEASE,
  COMPARE_MOD,
  COMPARE_VALUE,
  COMPARE_VERSION,
  EQUAL,
  ERROR_COMPACTED,
  ERROR_DUPLICATE_KEY,
  ERROR_EMPTY_KEY,
  ERROR_FUTURE_REVISION,
  ERROR_LEASE_NOT_FOUND,
  ERROR_TOO_MANY_OPS,
  GREATER,
  KeyInterner,
  LESS,
  NOT_EQUAL,
  type StoreCompare,
  type StoreErrorResponse,
  StoreGeneralTxn,
  type StoreGeneralTxnResponse,
  type StoreOp,
  StoreRange,
} from '../../../core/store/client-interface.ts';
import { Mvcc } from '../../../core/store/mvcc.ts';
import { applyGeneralTxn, isReadOnly } from '../../../core/store/txn.ts';
import { checkTxn } from '../../../core/store/txn-check.ts';

const keys = new KeyInterner();
const put = (key: string, text = 'x', lease = 0): StoreOp => ({
  op: 'put',
  keyId: keys.intern(key),
  value: new TextValue(text),
  lease,
  prevKv: true,
});
const wipe = (start: string, end: string): StoreOp => ({ op: 'delete-range', keyId: -1, start, end, prevKv: true });
const remove = (key: string): StoreOp => ({
  op: 'delete-range',
  keyId: keys.intern(key),
  start: '',
  end: '',
  prevKv: false,
});
const read = (range: StoreRange): StoreOp => ({ op: 'range', range });
const txn = (success: StoreOp[], failure: StoreOp[] = [], compares: StoreCompare[] = []): StoreGeneralTxn =>
  new StoreGeneralTxn(compares, success, failure);
const nest = (inner: StoreGeneralTxn): StoreOp => ({ op: 'txn', txn: inner });
const compare = (target: number, result: number, key: string, number: number, text?: string): StoreCompare => ({
  target,
  result,
  keyId: keys.intern(key),
  range: null,
  number,
  bytes: text === undefined ? null : new TextEncoder().encode(text),
});

function apply(mvcc: Mvcc, request: StoreGeneralTxn): StoreGeneralTxnResponse {
  expect(checkTxn(request, keys)).toBeNull();
  return applyGeneralTxn(mvcc, request, true) as StoreGeneralTxnResponse;
}

/** A store with /k put twice (mod 3, create 2, version 2, value "two"). */
function store(): Mvcc {
  const mvcc = new Mvcc(keys);
  apply(mvcc, txn([put('/k', 'one')]));
  apply(mvcc, txn([put('/k', 'two')]));
  return mvcc;
}

describe('shape of a transaction', () => {
  const many = (n: number): StoreOp[] => Array.from({ length: n }, (_, i) => put(`/m/${i}`));

  it('limits operations to 128 and what a parent leaves to its child', () => {
    expect(checkTxn(txn(many(128), many(128)), keys)).toBeNull();
    expect(checkTxn(txn(many(129)), keys)).toBe(ERROR_TOO_MANY_OPS);
    expect(checkTxn(txn([...many(126), nest(txn([put('/child')]))]), keys)).toBeNull();
    expect(checkTxn(txn([...many(127), nest(txn([put('/child')]))]), keys)).toBe(ERROR_TOO_MANY_OPS);
  });

  it('refuses empty keys', () => {
    expect(checkTxn(txn([put('')]), keys)).toBe(ERROR_EMPTY_KEY);
    expect(checkTxn(txn([], [wipe('', '\0')]), keys)).toBe(ERROR_EMPTY_KEY);
    expect(checkTxn(txn([], [], [compare(COMPARE_MOD, EQUAL, '', 0)]), keys)).toBe(ERROR_EMPTY_KEY);
  });

  it('refuses a key that one execution could change twice, as etcd sees it', () => {
    const refused = (success: StoreOp[], failure: StoreOp[] = []): void =>
      expect(checkTxn(txn(success, failure), keys)).toBe(ERROR_DUPLICATE_KEY);
    const allowed = (success: StoreOp[], failure: StoreOp[] = []): void =>
      expect(checkTxn(txn(success, failure), keys)).toBeNull();
    refused([put('/a'), put('/a')]);
    refused([], [put('/a'), put('/a')]);
    refused([put('/a'), remove('/a')]);
    refused([wipe('/', '/b'), put('/a')]);
    refused([put('/a'), nest(txn([put('/a')]))]);
    refused([nest(txn([put('/a')])), nest(txn([], [put('/a')]))]);
    refused([wipe('/', '/b'), nest(txn([put('/a')]))]);
    allowed([put('/a')], [put('/a')]);
    allowed([nest(txn([put('/a')], [put('/a')]))]);
    allowed([wipe('/', '/b'), wipe('/a', '/c')]);
    allowed([wipe('/b', '/c'), put('/a')]);
    allowed([wipe('/a', '\0'), put('/b')]);
  });
});

describe('compares', () => {
  const holds = (...compares: StoreCompare[]): boolean => apply(store(), txn([], [], compares)).succeeded;

  it('look at version, create and mod revision, lease and value', () => {
    expect(holds(compare(COMPARE_VERSION, EQUAL, '/k', 2))).toBe(true);
    expect(holds(compare(COMPARE_CREATE, LESS, '/k', 3))).toBe(true);
    expect(holds(compare(COMPARE_MOD, GREATER, '/k', 3))).toBe(false);
    expect(holds(compare(COMPARE_LEASE, NOT_EQUAL, '/k', 0))).toBe(false);
    expect(holds(compare(COMPARE_VALUE, EQUAL, '/k', 0, 'two'))).toBe(true);
    expect(holds(compare(COMPARE_VALUE, GREATER, '/k', 0, 'tw'))).toBe(true);
    expect(holds(compare(COMPARE_VALUE, LESS, '/k', 0, 'twx'))).toBe(true);
    expect(holds(compare(COMPARE_VERSION, EQUAL, '/k', 2), compare(COMPARE_MOD, EQUAL, '/k', 2))).toBe(false);
  });

  it('take a missing key for all zero, but never for any value', () => {
    expect(holds(compare(COMPARE_VERSION, EQUAL, '/none', 0))).toBe(true);
    expect(holds(compare(COMPARE_MOD, LESS, '/none', 5))).toBe(true);
    expect(holds(compare(COMPARE_VALUE, EQUAL, '/none', 0, ''))).toBe(false);
    expect(holds(compare(COMPARE_VALUE, NOT_EQUAL, '/none', 0, 'a'))).toBe(false);
  });

  it('must hold for every key of a range; an empty range is a missing key', () => {
    const mvcc = store();
    apply(mvcc, txn([put('/l')]));
    const over = (start: string, result: number, number: number): boolean => {
      const condition = { target: COMPARE_MOD, result, keyId: -1, range: { start, end: '/z' }, number, bytes: null };
      return apply(mvcc, txn([], [], [condition])).succeeded;
    };
    expect(over('/k', GREATER, 2)).toBe(true);
    expect(over('/k', GREATER, 3)).toBe(false);
    expect(over('/y', EQUAL, 0)).toBe(true);
  });

  it('are decided once, up front: a nested compare does not see the outer writes, a nested range does', () => {
    const inner = txn(
      [read(StoreRange.ofKey(keys.intern('/k')))],
      [put('/wrong')],
      [compare(COMPARE_MOD, EQUAL, '/k', 3)],
    );
    const answer = apply(store(), txn([put('/k', 'three'), nest(inner)]));
    const child = answer.results[1]?.txn;
    expect(child).toMatchObject({ succeeded: true, revision: 0 });
    expect(child?.results[0]?.range).toMatchObject({ revision: 4, keyValues: [{ modRevision: 4, version: 3 }] });
  });
});

describe('execution', () => {
  it('shows the begin revision before the first change and the next after it', () => {
    const range = StoreRange.ofPrefix('/');
    const answer = apply(store(), txn([read(range), put('/n'), read(range), wipe('/n', '/n'), wipe('/k', '/l')]));
    expect(answer.results.map((result) => result.revision)).toEqual([3, 4, 4, 4, 4]);
    expect(answer.results.map((result) => result.range?.count ?? -1)).toEqual([1, -1, 2, -1, -1]);
    expect(answer.results.map((result) => result.deleted)).toEqual([0, 0, 0, 0, 1]);
    expect(answer.results[4]?.previous).toMatchObject([{ modRevision: 3 }]);
    expect(answer.revision).toBe(4);
  });

  it('takes no revision when nothing changed', () => {
    const mvcc = store();
    expect(apply(mvcc, txn([wipe('/x', '/y'), read(StoreRange.ofPrefix('/'))])).revision).toBe(3);
    expect(mvcc.revision).toBe(3);
  });

  it('fails as a whole, before any write, on an unreadable range or an unknown lease in the taken branch', () => {
    const mvcc = store();
    mvcc.compact(3);
    const failing: [StoreOp, unknown][] = [
      [read(StoreRange.ofPrefix('/', 0, 2)), ERROR_COMPACTED],
      [read(StoreRange.ofPrefix('/', 0, 4)), ERROR_FUTURE_REVISION],
      [put('/leased', 'x', 77), ERROR_LEASE_NOT_FOUND],
      [nest(txn([read(StoreRange.ofPrefix('/', 0, 2))])), ERROR_COMPACTED],
    ];
    for (const [op, error] of failing) {
      const answer = applyGeneralTxn(mvcc, txn([put('/new'), op]), true) as unknown as StoreErrorResponse;
      expect(answer.error).toBe(error);
      expect(mvcc.revision).toBe(3);
      expect(applyGeneralTxn(mvcc, txn([], [op]), true)).toMatchObject({ succeeded: true });
    }
  });

  it('knows what only reads', () => {
    const range = read(StoreRange.ofPrefix('/'));
    expect(isReadOnly(txn([range, nest(txn([range]))], [range]))).toBe(true);
    expect(isReadOnly(txn([range], [nest(txn([], [put('/a')]))]))).toBe(false);
  });
});
