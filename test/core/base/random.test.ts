import { describe, expect, it } from 'vitest';
import { hashString } from '../../../core/base/content-hash.ts';
import { drawUint32, Sfc32, seedOf } from '../../../core/base/random.ts';

/** Frozen for ever: a change here changes every recorded result. */
describe('random streams', () => {
  it('follow the frozen vectors of a named stream', () => {
    const stream = Sfc32.named(seedOf(42), 'scheduler-0', 'tie');
    const first = Array.from({ length: 6 }, () => stream.nextUint32());
    expect(first).toMatchInlineSnapshot(`
      [
        2484395163,
        3943956597,
        3341355752,
        3413183420,
        3212103224,
        2451398046,
      ]
    `);
  });

  it('follow the frozen vectors of stateless draws', () => {
    const draws = ['a', 'b', 'demo/web-1'].map((key) => drawUint32(seedOf(42), hashString(key), hashString('start')));
    expect(draws).toMatchInlineSnapshot(`
      [
        2307494941,
        1197172953,
        615436328,
      ]
    `);
  });

  it('draw uniformly below a bound', () => {
    const stream = new Sfc32(1, 2, 3);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const value = stream.below(10);
      counts[value] = (counts[value] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('cover both ends of a range and refuse an empty one', () => {
    const stream = new Sfc32(4, 5, 6);
    const seen = new Set(Array.from({ length: 200 }, () => stream.range(3, 6)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
    expect(() => stream.range(2, 1)).toThrow('empty range');
  });

  it('refuse seeds that are not integers below 2^53', () => {
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 53]) expect(() => seedOf(bad)).toThrow('seed must be');
  });
});
