/** The index of names against a Map, under random programs with many collisions. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NameIndex } from '../../../core/base/name-index.ts';

it('finds what a Map finds, whatever came and went', () => {
  const step = fc.record({ add: fc.boolean(), name: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const names: string[] = [];
      const index = new NameIndex(names);
      const model = new Map<string, number>();
      for (const { add, name: number } of steps) {
        const name = `n${number}`;
        const known = model.get(name);
        if (add && known === undefined) {
          model.set(name, names.length);
          names.push(name);
          index.add(names.length - 1);
        } else if (!add && known !== undefined) {
          model.delete(name);
          index.remove(known);
          index.remove(known);
        }
        for (let i = 0; i <= 60; i++) expect(index.find(`n${i}`)).toBe(model.get(`n${i}`) ?? -1);
      }
    }),
    { seed: 5, numRuns: 200 },
  );
});
