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

  it('gives one id to a key that several name, by the directory or by its text', () => {
    const keys = new KeyInterner();
    const one = keys.openDirectory('a/');
    const [x, y] = [keys.internIn(one, 'x'), keys.internIn(one, 'y')];
    const two = keys.openDirectory('a/');
    expect([keys.internIn(two, 'x'), keys.internIn(two, 'z')]).toEqual([x, 2]);
    expect([keys.internIn(one, 'z'), keys.intern('a/y'), keys.count]).toEqual([2, y, 3]);
    expect(keys.internIn(one, 'b/x')).toBe(keys.intern('a/b/x'));
    const met = keys.intern('c/x');
    expect(keys.internIn(keys.openDirectory('c/'), 'x')).toBe(met);
  });

  it('ends the range of a prefix where no key with it can be', () => {
    expect(prefixEnd('/registry/pods/')).toBe('/registry/pods0');
    expect(prefixEnd('a\xff')).toBe('b');
    expect(prefixEnd('\xff\xff')).toBe(RANGE_TO_LAST_KEY);
    expect(prefixEnd('')).toBe(RANGE_TO_LAST_KEY);
  });
});
