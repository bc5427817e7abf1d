/** Ranges, puts and hashes of etcd's v3 interface on one member: order, filters, limits, flags, what is refused. */
import { expect, test } from 'vitest';
import { grant, put, range, remove } from '../../../../core/chaos/store-campaign/v3-requests.ts';
import { TextValue, textOf } from '../../../../core/chaos/store-campaign/value-fixture.ts';
import {
  ERROR_COMPACTED,
  ERROR_CORRUPT,
  ERROR_FUTURE_REVISION,
  ERROR_INVALID_SORT_OPTION,
  ERROR_KEY_NOT_FOUND,
  ERROR_LEASE_PROVIDED,
  ERROR_NO_SPACE,
  ERROR_VALUE_PROVIDED,
} from '../../../../core/store/errors.ts';
import { KeyInterner } from '../../../../core/store/key-interner.ts';
import { Alarms } from '../../../../core/store/v3/alarms.ts';
import { checkPut, checkRange } from '../../../../core/store/v3/check-request.ts';
import { Engine } from '../../../../core/store/v3/engine.ts';
import {
  ALARM_ACTIVATE,
  ALARM_CORRUPT,
  ALARM_NOSPACE,
  type PutRequest,
  type RangeRequest,
  type RangeResponse,
  SORT_ASCEND,
  SORT_DESCEND,
  SORT_NONE,
  TARGET_CREATE,
  TARGET_KEY,
  TARGET_MOD,
  TARGET_VALUE,
  TARGET_VERSION,
  type WriteRequest,
} from '../../../../core/store/v3/messages.ts';

/** a, b and c are made at revisions 2 to 4, then b twice and a once more: create 2 3 4, mod 7 6 4, version 2 3 1. */
function store(): Engine {
  const engine = new Engine({ keys: new KeyInterner() });
  const writes: readonly (readonly [string, string])[] = [
    ['a', 'x'],
    ['b', 'y'],
    ['c', 'm'],
    ['b', 'y2'],
    ['b', 'z'],
    ['a', 'n'],
  ];
  for (const [key, text] of writes) engine.apply(put(key, text), 0);
  return engine;
}

const ranged = (engine: Engine, more: Partial<RangeRequest>, rangeEnd = 'z') =>
  engine.kv.range(range('a', rangeEnd, more).range) as RangeResponse;
const keysOf = ({ kvs }: RangeResponse): string => kvs.map(({ key }) => key).join('');

test.each([
  ['key', TARGET_KEY, 'abc', 'abc', 'cba'],
  ['version', TARGET_VERSION, 'cab', 'cab', 'bac'],
  ['create revision', TARGET_CREATE, 'abc', 'abc', 'cba'],
  ['mod revision', TARGET_MOD, 'cba', 'cba', 'abc'],
  ['value', TARGET_VALUE, 'cab', 'cab', 'bac'],
])('sorted by %s: without an order, ascending, descending', (_name, sortTarget, ...expected) => {
  const engine = store();
  const orders = [SORT_NONE, SORT_ASCEND, SORT_DESCEND];
  expect(orders.map((sortOrder) => keysOf(ranged(engine, { sortTarget, sortOrder })))).toEqual(expected);
});

test.each<[string, Partial<RangeRequest>, string]>([
  ['changed at 6 or later', { minModRevision: 6 }, 'ab'],
  ['changed at 6 or earlier', { maxModRevision: 6 }, 'bc'],
  ['changed at 6', { minModRevision: 6, maxModRevision: 6 }, 'b'],
  ['made at 3 or later', { minCreateRevision: 3 }, 'bc'],
  ['made at 3 or earlier', { maxCreateRevision: 3 }, 'ab'],
  ['made early, changed late', { maxCreateRevision: 3, minModRevision: 7 }, 'a'],
  ['as of revision 4', { revision: 4 }, 'abc'],
  ['as of revision 3', { revision: 3 }, 'ab'],
])('a range of what was %s', (_name, more, expected) => {
  const found = ranged(store(), more);
  expect([keysOf(found), found.revision]).toEqual([expected, 7]);
});

test.each<[Partial<RangeRequest>, string, boolean, number]>([
  [{ limit: 2 }, 'ab', true, 3],
  [{ limit: 3 }, 'abc', false, 3],
  [{ limit: 2, sortOrder: SORT_DESCEND }, 'cb', true, 3],
  [{ limit: 1, minModRevision: 6 }, 'a', true, 3],
  [{ countOnly: true }, '', false, 3],
])('a range with %j gives %s, more %s, count %i', (more, keys, isMore, count) => {
  const found = ranged(store(), more);
  expect([keysOf(found), found.more, found.count]).toEqual([keys, isMore, count]);
});

test('keys without their values; revisions that are gone or still to come', () => {
  const engine = store();
  expect(ranged(engine, { keysOnly: true }).kvs.map(({ value }) => value)).toEqual([null, null, null]);
  expect(ranged(engine, { keysOnly: true }, '').kvs.map(({ key, value }) => [key, value])).toEqual([['a', null]]);
  expect(ranged(engine, { revision: 8 })).toBe(ERROR_FUTURE_REVISION);
  engine.apply({ op: 'compaction', compaction: { revision: 5, physical: true } }, 0);
  expect(ranged(engine, { revision: 4 })).toBe(ERROR_COMPACTED);
  expect(keysOf(ranged(engine, { revision: 5 }))).toBe('abc');
  const sorted = (sortOrder: number, sortTarget: number) => checkRange(range('a', '', { sortOrder, sortTarget }).range);
  expect([sorted(2, 4), sorted(3, 0), sorted(-1, 0), sorted(0, 5), sorted(0, -1)]).toEqual([
    null,
    ...Array.from({ length: 4 }, () => ERROR_INVALID_SORT_OPTION),
  ]);
});

test('a put keeps the value or the lease that is there, tells the old one, and needs one to keep', () => {
  const engine = store();
  engine.apply(grant(5, 60), 0);
  const write = (more: Partial<PutRequest>, text = '') => {
    const { put: request } = put('a', text, more);
    const problem = checkPut(request) ?? engine.kv.checkPut(request);
    if (problem !== null) return problem;
    const { prevKv } = engine.kv.put(request);
    const [kv] = ranged(engine, {}, '').kvs;
    return [textOf(kv?.value ?? null), kv?.lease, prevKv === null ? null : textOf(prevKv.value)];
  };
  const empty = new TextValue('');
  expect(write({ lease: 5n }, 'one')).toEqual(['one', 5n, null]);
  expect(write({ ignoreLease: true }, 'two')).toEqual(['two', 5n, null]);
  expect(write({ ignoreValue: true, value: empty })).toEqual(['two', 0n, null]);
  expect(write({ prevKv: true }, 'three')).toEqual(['three', 0n, 'two']);
  expect(write({ ignoreValue: true }, 'four')).toBe(ERROR_VALUE_PROVIDED);
  expect(write({ ignoreLease: true, lease: 5n }, 'four')).toBe(ERROR_LEASE_PROVIDED);
  engine.apply(remove('a'), 0);
  expect(write({ ignoreValue: true, value: empty })).toBe(ERROR_KEY_NOT_FOUND);
  expect(write({ ignoreLease: true }, 'five')).toBe(ERROR_KEY_NOT_FOUND);
});

test('a hash is of one revision: none below the compaction, none to come', () => {
  const [one, two] = [store(), store()];
  const at = one.hashKv(5);
  two.apply(put('d', 'more'), 0);
  expect([two.hashKv(5), one.hashKv(8)]).toMatchObject([{ hash: (at as { hash: number }).hash }, {}]);
  expect(one.hashKv(8)).toBe(ERROR_FUTURE_REVISION);
  expect(two.hashKv(8)).toEqual(two.hashKv(0));
  expect((two.hashKv(8) as { hash: number }).hash).not.toBe((two.hashKv(7) as { hash: number }).hash);
  two.apply({ op: 'compaction', compaction: { revision: 6, physical: true } }, 0);
  expect(two.hashKv(5)).toBe(ERROR_COMPACTED);
});

test('an alarm refuses what it is about, and never its own end', () => {
  const lift: WriteRequest = { op: 'alarm', alarm: { action: 2, alarm: ALARM_NOSPACE, memberId: 1n } };
  const refused = (alarms: readonly number[]) => {
    const all = new Alarms();
    for (const alarm of alarms) all.apply({ action: ALARM_ACTIVATE, alarm, memberId: 1n });
    return [put('a', 'x'), remove('a'), grant(1, 9), lift].map((request) => all.refusal(request, true));
  };
  expect(refused([])).toEqual([null, null, null, null]);
  expect(refused([ALARM_NOSPACE])).toEqual([ERROR_NO_SPACE, null, ERROR_NO_SPACE, null]);
  expect(refused([ALARM_CORRUPT])).toEqual([ERROR_CORRUPT, ERROR_CORRUPT, ERROR_CORRUPT, null]);
});
