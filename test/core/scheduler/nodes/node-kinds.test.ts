/** Kinds of nodes: no column that was split by differs within a kind, and tables by kind follow later splits. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NodeKinds } from '../../../../core/scheduler/nodes/node-kinds.ts';

test('a table by kind says of each position what its column says, whatever is split by later', () => {
  const column = fc.array(fc.nat(3), { minLength: 9, maxLength: 9 });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), (columns) => {
      const kinds = new NodeKinds();
      kinds.renew(9, 1, 1);
      const tables = columns.map((values) => kinds.split(Float64Array.from(values)));
      expect(kinds.count).toBe(new Set(columns[0]?.map((_, at) => columns.map((values) => values[at]).join())).size);
      columns.forEach((values, i) => {
        const table = kinds.widened(tables[i] as Float64Array<ArrayBuffer>);
        expect(Array.from(kinds.ofPosition, (kind) => table[kind])).toEqual(values);
      });
    }),
    { numRuns: 200, seed: 20261121 },
  );
});

test('nodes are of one kind again when their order or descriptions changed, and only then', () => {
  const kinds = new NodeKinds();
  kinds.renew(3, 1, 1);
  kinds.split(Float64Array.of(0, 1, 1));
  kinds.renew(3, 1, 1);
  expect(kinds.count).toBe(2);
  kinds.renew(4, 2, 1);
  expect([kinds.count, kinds.ofPosition.length]).toEqual([1, 4]);
  kinds.split(Float64Array.of(0, 1, 1, 2));
  kinds.renew(4, 2, 2);
  expect(kinds.count).toBe(1);
  expect([...kinds.split(Float64Array.of(5, 5, 5, 5))]).toEqual([5]);
});
