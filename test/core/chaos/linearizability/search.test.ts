import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkLinearizability } from '../../../../core/chaos/linearizability/check.ts';
import { NEVER_RETURNED, type Partition } from '../../../../core/chaos/linearizability/history.ts';
import { inconsistentPart } from '../../../../core/chaos/linearizability/inconsistent-part.ts';
import {
  REGISTER_MODEL,
  type RegisterInput,
  type RegisterOperation,
  type RegisterOutput,
} from '../../../../core/chaos/linearizability/register-model.ts';

type Register = Partition<RegisterInput, RegisterOutput>;

const part = (operations: readonly RegisterOperation[], name = 'x'): Register => ({
  name,
  operations,
  model: REGISTER_MODEL,
});

const write = (client: number, callAt: number, returnAt: number, value: number): RegisterOperation => ({
  client,
  callAt,
  returnAt,
  input: { op: 'write', value },
  output: returnAt === NEVER_RETURNED ? null : { value: null, done: true },
});

const read = (client: number, callAt: number, returnAt: number, value: number | null): RegisterOperation => ({
  client,
  callAt,
  returnAt,
  input: { op: 'read' },
  output: { value, done: true },
});

/** Tries every order: what the search must agree with. */
function explains(operations: readonly RegisterOperation[]): boolean {
  const place = (left: readonly RegisterOperation[], state: number): boolean => {
    if (left.every(({ returnAt }) => returnAt === NEVER_RETURNED)) return true;
    return left.some((operation) => {
      if (left.some(({ returnAt }) => returnAt < operation.callAt)) return false;
      const after = REGISTER_MODEL.step(state, operation);
      return (
        after >= 0 &&
        place(
          left.filter((other) => other !== operation),
          after,
        )
      );
    });
  };
  return place(operations, REGISTER_MODEL.initial);
}

const OPERATION = fc
  .record({
    client: fc.nat(3),
    callAt: fc.nat(12),
    length: fc.nat(5),
    kind: fc.constantFrom('read', 'write', 'cas', 'refused', 'lost'),
    value: fc.nat(2),
    to: fc.nat(2),
  })
  .map(({ client, callAt, length, kind, value, to }): RegisterOperation => {
    const returnAt = callAt + length;
    if (kind === 'write') return write(client, callAt, returnAt, value);
    if (kind === 'lost') return write(client, callAt, NEVER_RETURNED, value);
    if (kind === 'read') return read(client, callAt, returnAt, value);
    return {
      client,
      callAt,
      returnAt,
      input: { op: 'cas', from: value, to },
      output: { value: null, done: kind === 'cas' },
    };
  });

test('the search agrees with trying every order', () => {
  const verdicts = { linearizable: 0, illegal: 0, unknown: 0 };
  fc.assert(
    fc.property(fc.array(OPERATION, { maxLength: 7 }), (operations) => {
      const { verdict } = checkLinearizability([part(operations)]);
      verdicts[verdict]++;
      expect(verdict).toBe(explains(operations) ? 'linearizable' : 'illegal');
    }),
    { seed: 5, numRuns: 1500 },
  );
  expect(verdicts.unknown).toBe(0);
  expect(Math.min(verdicts.linearizable, verdicts.illegal)).toBeGreaterThan(100);
});

test('a stale read is found, and the part shown is only what it needs', () => {
  const operations = [write(0, 0, 1, 1)];
  for (let i = 1; i < 40; i++) operations.push(write(0, 10 * i, 10 * i + 1, 2 + (i % 3)));
  operations.push(write(0, 500, 501, 7), read(1, 502, 503, 1), read(1, 504, 505, 7));
  const { verdict, illegal } = checkLinearizability([part([write(0, 0, 1, 5)], 'y'), part(operations)]);
  expect([verdict, illegal?.name]).toEqual(['illegal', 'x']);
  const shown = inconsistentPart(illegal as Register);
  expect(shown.operations.map(({ callAt }) => callAt)).toEqual([500, 502]);
  expect(shown.until).toBe(503);
});

test('an unknown write may take effect late, or never, but not before its call', () => {
  const lost = write(0, 10, NEVER_RETURNED, 9);
  const verdictOf = (...operations: RegisterOperation[]): string => checkLinearizability([part(operations)]).verdict;
  expect(verdictOf(lost, read(1, 20, 21, null), read(1, 90, 91, 9))).toBe('linearizable');
  expect(verdictOf(lost, read(1, 20, 21, null))).toBe('linearizable');
  expect(verdictOf(lost, read(1, 20, 21, 9), read(1, 90, 91, null))).toBe('illegal');
  expect(verdictOf(lost, read(1, 5, 6, 9))).toBe('illegal');
});

test('intervals are closed: operations that only touch are concurrent', () => {
  expect(checkLinearizability([part([write(0, 0, 5, 1), read(1, 5, 6, null)])]).verdict).toBe('linearizable');
  expect(checkLinearizability([part([write(0, 0, 4, 1), read(1, 5, 6, null)])]).verdict).toBe('illegal');
});

test('without time the answer is unknown, never yes', () => {
  const hard: RegisterOperation[] = [];
  for (let i = 0; i < 24; i++) hard.push(write(i, 0, 100, i));
  hard.push(read(30, 101, 102, 77));
  expect(checkLinearizability([part(hard)], () => true).verdict).toBe('unknown');
});
