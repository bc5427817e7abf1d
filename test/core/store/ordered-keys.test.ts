/** The shared order of keys and the names behind it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyInterner, prefixEnd, RANGE_TO_LAST_KEY } from '../../../core/store/client-interface.ts';

describe('key interner', () => {
  it('gives dense ids, once a key, and the order of bytes whenever it is asked', () => {
    const key = fc.string({ unit: fc.constantFrom('/', 'a', 'b', '~', '\xff'), maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.array(key, { maxLength: 30 }), { maxLength: 6 }), (rounds) => {
        const keys = new KeyInterner();
        const known = new Set<string>();
        for (const round of rounds) {
          for (const name of round) {
            known.add(name);
            expect(keys.keyOf(keys.intern(name))).toBe(name);
            expect(keys.find(name)).toBe(keys.intern(name));
          }
          const order = keys.ordered();
          expect(Array.from({ length: order.count }, (_, i) => keys.keyOf(order.idAt(i)))).toEqual([...known].sort());
          for (const bound of ['', '/', 'a/', 'b\xff', '\xff\xff']) {
            expect(order.lowerBound(bound)).toBe([...known].filter((name) => name < bound).length);
          }
        }
        expect(keys.count).toBe(known.size);
        expect(keys.find('never named')).toBe(-1);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('ends the range of a prefix where no key with it can be', () => {
    expect(prefixEnd('/registry/pods/')).toBe('/registry/pods0');
    expect(prefixEnd('a\xff')).toBe('b');
    expect(prefixEnd('\xff\xff')).toBe(RANGE_TO_LAST_KEY);
    expect(prefixEnd('')).toBe(RANGE_TO_LAST_KEY);
  });
});
