/**
 * Uids and generated names: stateless draws from (owner, ordinal of creation by that owner).
 *
 * A pod of a ReplicaSet gets the same uid and suffix whatever else happens in the run: removing one fault leaves the
 * identities of untouched objects equal. The ordinals are shared by all API servers of a cluster, so that two of them
 * never give one identity twice.
 */
import { avalanche, hashString, hashTextOn, TEXT_SEED } from '../base/content-hash.ts';
import { growInt32 } from '../base/grow.ts';
import { drawInt32, drawUint32, scaleDraw } from '../base/random.ts';
import type { Context } from '../sim/context.ts';
import type { ResourceType } from '../types/resource-type.ts';

/** Characters of generated suffixes (Kubernetes 1.34, util/rand: no vowels, no look-alikes). */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
/** Longest prefix kept of `generateName` (Kubernetes 1.34, storage/names). */
const GENERATE_NAME_MAX = 58;

const VARIANTS = '89ab';
const DRAW_HIGH = hashString('identity-high');
const DRAW_LOW = hashString('identity-low');
const DRAW_UID = 0x756964;
const DRAW_SUFFIX = 0x737566;

/** The draws of one owner. */
class OwnerDraws {
  ordinal = 0;
  /** The two halves of its seed. */
  readonly high: number;
  readonly low: number;

  /** `hash` is that of the owner's key. */
  constructor(ctx: Context, hash: number) {
    this.high = drawInt32(ctx.sim.seed, hash, DRAW_HIGH);
    this.low = drawInt32(ctx.sim.seed, hash, DRAW_LOW);
  }
}

/** How often each name of a type has been created so far, by local id; most names once. */
class NameOrdinals {
  #counts = new Int32Array(16);

  next(id: number): number {
    if (id >= this.#counts.length) this.#counts = growInt32(this.#counts, Math.max(id + 1, this.#counts.length * 2));
    const ordinal = (this.#counts[id] as number) + 1;
    this.#counts[id] = ordinal;
    return ordinal;
  }
}

/** Who has created how many objects so far: by owner key, and for objects with a name of their own by that name. */
export class CreationOrdinals {
  readonly #owners = new Map<string, OwnerDraws>();
  readonly #named: (NameOrdinals | undefined)[] = [];
  #lastKey = '';
  #last: OwnerDraws | null = null;
  #lastPlural = '';
  #lastNamespace = '';
  #lastPrefix = '';
  #lastPrefixed: OwnerDraws | null = null;
  /** Hash of the keys `type/namespace/` before the name is added. */
  #lastType: ResourceType | null = null;
  #lastIn = '';
  #lastHash = 0;

  /** Counts one creation by `owner` and returns its draws. */
  next(ctx: Context, owner: string): OwnerDraws {
    let draws = owner === this.#lastKey ? this.#last : null;
    if (draws === null) {
      draws = this.#owners.get(owner) ?? null;
      if (draws === null) {
        draws = new OwnerDraws(ctx, hashString(owner));
        this.#owners.set(owner, draws);
      }
      this.#lastKey = owner;
      this.#last = draws;
    }
    draws.ordinal++;
    return draws;
  }

  /** Counts one creation of an object of a type whose name begins with a prefix, and returns its draws. */
  nextPrefixed(ctx: Context, { plural }: ResourceType, namespace: string, prefix: string): OwnerDraws {
    const last = this.#lastPrefixed;
    if (
      last !== null &&
      prefix === this.#lastPrefix &&
      namespace === this.#lastNamespace &&
      plural === this.#lastPlural
    ) {
      last.ordinal++;
      return last;
    }
    const draws = this.next(ctx, `${plural}/${namespace}/${prefix}`);
    this.#lastPlural = plural;
    this.#lastNamespace = namespace;
    this.#lastPrefix = prefix;
    this.#lastPrefixed = draws;
    return draws;
  }

  /**
   * Counts one creation of the object of that name, whose local id is `id`, and returns its draws. A name is made once as a rule, so only
   * its count is kept and the rest is drawn again.
   */
  nextNamed(ctx: Context, type: ResourceType, id: number, namespace: string, name: string): OwnerDraws {
    while (this.#named.length <= type.id) this.#named.push(undefined);
    let ordinals = this.#named[type.id];
    if (ordinals === undefined) {
      ordinals = new NameOrdinals();
      this.#named[type.id] = ordinals;
    }
    if (type !== this.#lastType || namespace !== this.#lastIn) {
      this.#lastType = type;
      this.#lastIn = namespace;
      this.#lastHash = hashTextOn(TEXT_SEED, `${type.plural}/${namespace}/`);
    }
    const draws = new OwnerDraws(ctx, avalanche(hashTextOn(this.#lastHash, name)));
    draws.ordinal = ordinals.next(id);
    return draws;
  }
}

const codes = new Array<number>(36).fill(0x2d);

function writeWord(word: number, at: number, digits: number): void {
  for (let i = 0; i < digits; i++) {
    const digit = (word >>> (28 - 4 * i)) & 15;
    codes[at + i] = digit + (digit < 10 ? 0x30 : 0x57);
  }
}

/** A random (version 4) UUID from four words. */
function uuid(a: number, b: number, c: number, d: number): string {
  writeWord(a, 0, 8);
  writeWord(b, 9, 4);
  writeWord(b << 16, 14, 4);
  writeWord(c, 19, 4);
  writeWord(c << 16, 24, 4);
  writeWord(d, 28, 8);
  codes[14] = 0x34;
  codes[19] = VARIANTS.charCodeAt((c >>> 28) & 3);
  return String.fromCharCode.apply(null, codes);
}

/** The uid of the creation that `draws` counted last. */
export function drawUid(draws: OwnerDraws): string {
  const { ordinal } = draws;
  return uuid(
    drawInt32(draws, ordinal, DRAW_UID),
    drawInt32(draws, ordinal, DRAW_UID + 1),
    drawInt32(draws, ordinal, DRAW_UID + 2),
    drawInt32(draws, ordinal, DRAW_UID + 3),
  );
}

/** The prefix of the last generated name, and the name's codes: whoever looks a name up wants it in one piece. */
let namePrefix = '';
let nameCodes = new Array<number>(SUFFIX_LENGTH).fill(0);

function setNamePrefix(prefix: string): void {
  namePrefix = prefix;
  nameCodes = [];
  const length = Math.min(prefix.length, GENERATE_NAME_MAX);
  for (let i = 0; i < length; i++) nameCodes.push(prefix.charCodeAt(i));
  for (let i = 0; i < SUFFIX_LENGTH; i++) nameCodes.push(0);
}

/** The name generated from `prefix` for the creation that `draws` counted last. */
export function drawName(draws: OwnerDraws, prefix: string): string {
  const { ordinal } = draws;
  if (prefix !== namePrefix) setNamePrefix(prefix);
  const length = nameCodes.length - SUFFIX_LENGTH;
  for (let i = 0; i < SUFFIX_LENGTH; i++) {
    const at = scaleDraw(drawUint32(draws, ordinal, DRAW_SUFFIX + i), SUFFIX_ALPHABET.length);
    nameCodes[length + i] = SUFFIX_ALPHABET.charCodeAt(at);
  }
  return String.fromCharCode.apply(null, nameCodes);
}

export type { OwnerDraws };
