import { expect, test } from 'vitest';
import { StateMemory } from '../../../../core/scheduler/policies/state-memory.ts';

test('remembers rows whole, and goes on when it is full', () => {
  const memory = new StateMemory(3);
  const row = new Int32Array(3);
  const put = (n: number): boolean => {
    row.set([n, n % 7, -n]);
    const at = memory.find(row);
    const isNew = memory.isNew;
    if (isNew) memory.values[at] = n * 0.5;
    if (memory.values[at] !== n * 0.5) throw new Error(`row ${n} has the number of another`);
    return isNew;
  };
  let added = 0;
  for (let n = 0; n < 100_000; n++) if (put(n)) added++;
  expect(added).toBe(100_000);
  expect(put(99_999)).toBe(false);
  expect(put(0)).toBe(true);
});
