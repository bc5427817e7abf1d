/**
 * Random numbers of the simulation, frozen for ever by test vectors.
 *
 * Two kinds. *Streams* (sfc32) are long-lived and stateful, one a (component, purpose), seeded by hashing the names, so that
 * removing one component leaves the others' streams untouched. *Draws* are stateless: a hash of (master seed, object key,
 * purpose), for what is decided once for an object (start latency, name suffix), so that the order of events has no influence.
 */
import { assert } from './assert.ts';
import { avalanche, hashString, mix } from './content-hash.ts';

/** The 64-bit master seed of a run as two 32-bit words. */
export interface Seed {
  readonly high: number;
  readonly low: number;
}

/** A seed that another one can take the place of: everybody who holds it draws from the new one then. */
export class ReplaceableSeed implements Seed {
  high: number;
  low: number;

  constructor({ high, low }: Seed) {
    this.high = high;
    this.low = low;
  }
}

/** Splits a non-negative safe integer into the two words of a {@link Seed}. */
export function seedOf(value: number): Seed {
  assert(Number.isSafeInteger(value) && value >= 0, `seed must be an integer from 0 to 2^53 - 1, got ${value}`);
  return { high: Math.floor(value / 0x1_0000_0000) | 0, low: value | 0 };
}

/** Small fast chaotic generator sfc32 (PractRand by Chris Doty-Humphrey): 128 bits of state, period about 2^127. */
export class Sfc32 {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  constructor(a: number, b: number, c: number) {
    this.#begin(a, b, c);
  }

  #begin(a: number, b: number, c: number): void {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = 1;
    for (let i = 0; i < 12; i++) this.nextUint32();
  }

  /** A stream that depends on nothing but the seed and the two names. */
  static named(seed: Seed, component: string, purpose: string): Sfc32 {
    const name = mix(hashString(component), hashString(purpose));
    return new Sfc32(mix(seed.low, name), mix(seed.high, avalanche(name)), mix(mix(seed.low, seed.high), ~name));
  }

  /** Goes on as another stream, which depends on this one's present state and on `seed`. */
  reseed(seed: Seed): void {
    this.#begin(mix(this.#a, seed.low), mix(this.#b, seed.high), mix(this.#c, ~seed.low));
  }

  /** The next 32 random bits, 0 to 2^32 - 1. */
  nextUint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A uniform integer from 0 to `bound` - 1; `bound` from 1 to 2^32. Unbiased (Lemire's rejection). */
  below(bound: number): number {
    assert(bound >= 1, 'random: bound must be at least 1');
    if (bound >= 0x1_0000_0000) return this.nextUint32();
    for (;;) {
      const product = this.nextUint32() * bound;
      const high = Math.floor(product * 2 ** -32);
      const low = product - high * 0x1_0000_0000;
      // The rejection threshold is below the bound: mostly it need not be computed.
      if (low >= bound || low >= (0x1_0000_0000 - bound) % bound) return high;
    }
  }

  /** A uniform integer from `low` to `high`, both included. */
  range(low: number, high: number): number {
    assert(high >= low, 'random: empty range');
    return low + this.below(high - low + 1);
  }

  /** A uniform double in [0, 1) with 32 bits. */
  nextFloat(): number {
    return this.nextUint32() / 0x1_0000_0000;
  }

  /** Hash of the state: what a digest takes in so that every draw counts. */
  stateHash(): number {
    return mix(mix(this.#a, this.#b), mix(this.#c, this.#counter));
  }
}

/** Stateless draw: 32 bits (uint32) from (seed, object key hash, purpose hash). */
export function drawUint32(seed: Seed, objectHash: number, purposeHash: number): number {
  return drawInt32(seed, objectHash, purposeHash) >>> 0;
}

/** The same bits as an int32: where only bits are wanted, half of the draws need no number on the heap. */
export function drawInt32(seed: Seed, objectHash: number, purposeHash: number): number {
  let h = mix(mix(mix(mix(0x51ed270b, seed.low), seed.high), objectHash), purposeHash);
  h = avalanche(h);
  return avalanche(mix(h, seed.low ^ purposeHash));
}

/** Scales a uint32 draw to an integer from 0 to `bound` - 1 (`bound` up to 2^21: the bias is below 2^-11). */
export function scaleDraw(draw: number, bound: number): number {
  return Math.floor((draw * bound) / 0x1_0000_0000);
}
