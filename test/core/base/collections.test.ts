import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitset } from '../../../core/base/bitset.ts';
import { hashJson } from '../../../core/base/content-hash.ts';
import { Ring } from '../../../core/base/ring.ts';

describe('content hash', () => {
  it('ignores key order and absent fields, and sees every change of a leaf', () => {
    expect(hashJson({ a: 1, b: [true, null, 'x'] })).toBe(hashJson({ b: [true, null, 'x'], a: 1, c: undefined }));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const same = JSON.stringify(left) === JSON.stringify(right);
        if (same) expect(hashJson(left)).toBe(hashJson(right));
      }),
      { seed: 1, numRuns: 300 },
    );
    expect(hashJson({ a: { b: 1 } })).not.toBe(hashJson({ a: { b: 2 } }));
    expect(hashJson([1, 2])).not.toBe(hashJson([2, 1]));
    expect(hashJson({ a: 'b' })).not.toBe(hashJson({ b: 'a' }));
    expect(hashJson(1.5)).not.toBe(hashJson(2.5));
  });
});

describe('bitset', () => {
  it('behaves as a sorted set of integers', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(300))), (steps) => {
        const bits = new Bitset(1);
        const model = new Set<number>();
        for (const [add, value] of steps) {
          if (add) expect(bits.add(value)).toBe(!model.has(value));
          else expect(bits.delete(value)).toBe(model.has(value));
          if (add) model.add(value);
          else model.delete(value);
        }
        const members: number[] = [];
        bits.forEach((value) => members.push(value));
        expect(members).toEqual([...model].sort((l, r) => l - r));
        expect(bits.count).toBe(model.size);
      }),
      { seed: 2, numRuns: 100 },
    );
  });
});

describe('ring', () => {
  it('is first in, first out, over many growths', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat()), { maxLength: 200 }), (steps) => {
        const ring = new Ring<number>('test', 1000);
        const model: number[] = [];
        for (const step of steps) {
          if (step === null) expect(ring.shift()).toBe(model.shift());
          else {
            ring.push(step);
            model.push(step);
          }
          expect(ring.size).toBe(model.length);
          expect(ring.at(0)).toBe(model[0]);
        }
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  it('refuses more than its limit', () => {
    const ring = new Ring<number>('small ring', 1);
    ring.push(1);
    expect(() => ring.push(2)).toThrow('small ring: more than 1 entries');
  });
});
