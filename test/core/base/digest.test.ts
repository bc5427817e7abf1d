import { createHash } from 'node:crypto';
import { sha256 } from '@noble/hashes/sha2.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError, assert, assertNever } from '../../../core/base/assert.ts';
import { COST_ROWS, costTable } from '../../../core/base/costs.ts';
import { DigestColumn } from '../../../core/base/digest.ts';
import { scaleDraw } from '../../../core/base/random.ts';

describe('digest column', () => {
  it('follows its frozen vectors', () => {
    const digests = new DigestColumn(2);
    digests.reset(0, 1, 2);
    const seen: number[][] = [];
    for (const [x, y] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [-1, 0x7fffffff],
    ] as const) {
      digests.mix(0, x, y);
      seen.push([digests.low(0), digests.high(0)]);
    }
    expect(seen).toMatchInlineSnapshot(`
      [
        [
          -823210236,
          -1451721127,
        ],
        [
          -1742520931,
          -1098146416,
        ],
        [
          -527079433,
          1120508970,
        ],
        [
          1657376147,
          -1631005914,
        ],
      ]
    `);
    expect([digests.low(1), digests.high(1)]).toEqual([0, 0]);
  });

  it('sees every word and the order of words, and columns do not touch each other', () => {
    const digestOf = (pairs: readonly (readonly [number, number])[], index = 0): string => {
      const digests = new DigestColumn(4);
      for (const [x, y] of pairs) digests.mix(index, x, y);
      return `${digests.low(index)}/${digests.high(index)}`;
    };
    const pair = fc.tuple(fc.integer(), fc.integer());
    fc.assert(
      fc.property(fc.array(pair, { minLength: 2, maxLength: 20 }), fc.nat(), fc.nat(31), (pairs, place, bit) => {
        const at = place % pairs.length;
        const flipped = pairs.map(([x, y], i) => (i === at ? ([x ^ (1 << bit), y] as const) : ([x, y] as const)));
        expect(digestOf(flipped)).not.toBe(digestOf(pairs));
        expect(digestOf(pairs, 3)).toBe(digestOf(pairs));
        const [first, second, ...rest] = pairs as [[number, number], [number, number], ...[number, number][]];
        if (`${first}` !== `${second}`) expect(digestOf([second, first, ...rest])).not.toBe(digestOf(pairs));
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it('keeps digests when it grows', () => {
    const digests = new DigestColumn(1);
    digests.mix(0, 7, 8);
    const before = [digests.low(0), digests.high(0)];
    digests.reserve(1000);
    digests.mix(999, 1, 1);
    expect([digests.low(0), digests.high(0)]).toEqual(before);
  });
});

describe('sha-256', () => {
  it('is the one everybody else computes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(Buffer.from(sha256(bytes)).toString('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
      }),
      { seed: 6, numRuns: 100 },
    );
  });
});

describe('cost table', () => {
  it('names a source for every row, and lays overrides over the defaults', () => {
    for (const [name, row] of Object.entries(COST_ROWS)) {
      expect(name).toMatch(/Us$/);
      expect(row.source.length).toBeGreaterThan(5);
      expect(Number.isSafeInteger(row.us) && row.us >= 0).toBe(true);
    }
    const table = costTable({ linkLatencyUs: 5 });
    expect(table.linkLatencyUs).toBe(5);
    expect(table.storeFsyncUs).toBe(COST_ROWS.storeFsyncUs.us);
    expect(Object.keys(table)).toEqual(Object.keys(COST_ROWS));
  });
});

describe('assertions', () => {
  it('throw an error of their own that says what must hold', () => {
    expect(() => assert(true, 'fine')).not.toThrow();
    expect(() => assert(false, 'the heap is sorted')).toThrow(new AssertionError('the heap is sorted'));
    expect(() => assertNever('x' as never, 'fault kind')).toThrow(/fault kind: unexpected x/);
  });
});

describe('scaled draws', () => {
  it('stay below their bound and reach both ends', () => {
    expect(scaleDraw(0, 10)).toBe(0);
    expect(scaleDraw(0xffffffff, 10)).toBe(9);
    expect(scaleDraw(0xffffffff, 1)).toBe(0);
    expect(scaleDraw(0x80000000, 2)).toBe(1);
  });
});
