/**
 * Content hash of plain JSON data: 32 bits, equal for equal content whatever the order of keys was built in.
 *
 * Used for digests and for comparing replicas, not for security. Objects are combined by addition of their mixed
 * entries, so key order does not matter and nothing is sorted or allocated. Cost: about 1 ns a character and 5 ns a field.
 * Strings are hashed each time.
 */

/** Mixes the int32 `x` into the int32 state `h`. */
export function mix(h: number, x: number): number {
  let k = Math.imul(x, 0xcc9e2d51 | 0);
  k = (k << 15) | (k >>> 17);
  h ^= Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** Final avalanche of an int32 state (the murmur3 finaliser). */
export function avalanche(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b | 0);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35 | 0);
  return (h ^ (h >>> 16)) | 0;
}

/** Where {@link hashTextOn} starts. */
export const TEXT_SEED = 0x811c9dc5 | 0;

/** FNV-1a over UTF-16 units, going on from the state `h` that a text before this one left: what several texts share is read once. */
export function hashTextOn(h: number, text: string): number {
  let state = h;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state;
}

/** FNV-1a, then avalanche: int32. */
export function hashString(text: string): number {
  return avalanche(hashTextOn(TEXT_SEED, text));
}

const NUMBER_SCRATCH = new Float64Array(1);
const NUMBER_WORDS = new Int32Array(NUMBER_SCRATCH.buffer);

/** Hash of a number: small integers directly, everything else by its IEEE bits (−0 equals 0). */
export function hashNumber(value: number): number {
  if ((value | 0) === value) return mix(0x3c6ef372, value);
  NUMBER_SCRATCH[0] = value;
  return mix(mix(0x5bf03635, NUMBER_WORDS[0] as number), NUMBER_WORDS[1] as number);
}

const NAME_HASHES = new Map<string, number>();
/** Field names are few; the table is bounded because map keys of users (labels, data) go through it too. */
const NAME_HASHES_MAX = 8192;

/** `hashString` of one of few texts that come again and again: a field's name, a client's. */
export function hashName(name: string): number {
  return NAME_HASHES.get(name) ?? newNameHash(name);
}

function newNameHash(name: string): number {
  const hash = hashString(name);
  if (NAME_HASHES.size < NAME_HASHES_MAX) NAME_HASHES.set(name, hash);
  return hash;
}

/** Structural hash (int32) of plain JSON data; `undefined` fields count as absent. */
export function hashJson(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return hashString(value);
    case 'number':
      return hashNumber(value);
    case 'boolean':
      return value ? 0x2545f491 : 0x9e3779b9 | 0;
    case 'object':
      break;
    default:
      return 0x1f123bb5;
  }
  if (value === null) return 0x7a3c91ef;
  if (Array.isArray(value)) {
    let h = mix(0x41c6ce57, value.length);
    for (let i = 0; i < value.length; i++) h = mix(h, hashJson(value[i]));
    return avalanche(h);
  }
  return hashFields(value as Record<string, unknown>);
}

/** Where the sum over an object's fields starts. */
export const FIELDS_SEED = 0x27d4eb2f;

function hashFields(value: Record<string, unknown>): number {
  let sum = FIELDS_SEED;
  for (const key in value) {
    const field = value[key];
    if (field === undefined) continue;
    sum = (sum + avalanche(mix(hashName(key), hashJson(field)))) | 0;
  }
  return avalanche(sum);
}
