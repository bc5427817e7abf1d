/**
 * Content hash and encoded size of API objects, taken in one pass.
 *
 * One write carries the same status or spec through several messages and versions within a few microseconds, and
 * 50,000 pods share one container list. So the facts of an object's parts are kept by identity: for good where a
 * field's name says that many share it, for the last few parts seen otherwise (a table for every status ever made
 * would cost more than measuring it again). That is sound because objects never change once made. The hash is exactly
 * `hashJson(object)`, the size that of the canonical encoding. Objects without a resourceVersion are not kept: the
 * commit still sets it.
 */
import { avalanche, FIELDS_SEED, hashJson, hashString, mix, TEXT_SEED } from '../base/content-hash.ts';
import { jsonSizeBytes } from './canonical-json.ts';
import type { KubeObject, ObjectMeta } from './object.ts';
import { SHARED_FIELDS } from './shared-fields.ts';
import { VersionMeta } from './version-meta.ts';

/** What is known of a field name. */
interface KeyFacts {
  readonly key: string;
  readonly hash: number;
  /** Bytes of the encoded name with its colon and a comma. */
  readonly size: number;
  readonly shared: boolean;
  /** Where its texts begin in {@link texts}. */
  readonly base: number;
}

const keys = new Map<string, KeyFacts>();
/** Field names are few; the table is bounded because map keys of users (labels, data) go through it too. */
const KEYS_MAX = 8192;
/** Longest text that is kept. */
const KEPT_TEXT_MAX = 128;
/**
 * Texts that were fields' values last, with the names' facts and the term and size of both: three of four fields hold a text that an object shortly
 * before had there. By name, length and last letter.
 */
const TEXTS = 1024;
const texts = new Array<string | null>(TEXTS).fill(null);
const textKeys = new Array<KeyFacts | null>(TEXTS).fill(null);
const textTerms = new Int32Array(TEXTS);
const textSizes = new Int32Array(TEXTS);

/** The names asked for last, by length and first letter: few of an object's fields agree in both, and a look into the map costs more. */
const asked: (KeyFacts | undefined)[] = new Array<KeyFacts | undefined>(256).fill(undefined);

function factsOf(key: string): KeyFacts {
  const at = (key.charCodeAt(0) + 32 * key.length) & 0xff;
  const last = asked[at];
  if (last !== undefined && last.key === key) return last;
  const facts = keys.get(key) ?? newFacts(key);
  asked[at] = facts;
  return facts;
}

function newFacts(key: string): KeyFacts {
  const facts: KeyFacts = {
    key,
    hash: hashString(key),
    size: jsonSizeBytes(key) + 2,
    shared: SHARED_FIELDS.has(key),
    base: 8 * keys.size,
  };
  if (keys.size < KEYS_MAX) keys.set(key, facts);
  return facts;
}

/** Hash and size of parts that many objects share. */
const sharedParts = new WeakMap<object, { readonly hash: number; readonly size: number }>();

/** Parts seen last: a ring that is searched from its newest entry. */
class RecentParts {
  readonly #parts: (object | null)[];
  readonly #hashes: Int32Array;
  readonly #sizes: Int32Array;
  readonly #length: number;
  #newest = 0;

  constructor(length: number) {
    this.#length = length;
    this.#parts = new Array<object | null>(length).fill(null);
    this.#hashes = new Int32Array(length);
    this.#sizes = new Int32Array(length);
  }

  /** The hash of a part, measured if it is not among those seen last; its size is in `measured`. */
  measure(part: object): number {
    const parts = this.#parts;
    let at = this.#newest;
    for (let i = 0; i < this.#length; i++) {
      if (parts[at] === part) {
        measured = this.#sizes[at] as number;
        return this.#hashes[at] as number;
      }
      at = at === 0 ? this.#length - 1 : at - 1;
    }
    const h = measure(part);
    this.keep(part, h);
    return h;
  }

  /** Remembers the hash of a part whose size is in `measured`. */
  keep(part: object, h: number): void {
    const at = this.#newest === this.#length - 1 ? 0 : this.#newest + 1;
    this.#newest = at;
    this.#parts[at] = part;
    this.#hashes[at] = h;
    this.#sizes[at] = measured;
  }
}

const recentParts = new RecentParts(8);
/** Pods of one template share their status before and after each has its node, with other small parts in between. */
const recentStatuses = new RecentParts(8);
/** A spec stays while its object's status changes, with those of other objects in between. */
const recentSpecs = new RecentParts(32);
/** Events of one recorder share their source, those about one version their reference to it; recorders take turns. */
const recentReferences = new RecentParts(32);

/** Size of what was measured last. */
let measured = 0;

/** 1 for UTF-16 units whose encoding is not one byte: a table, since four comparisons a character cost a quarter of the hash. */
const ODD_UNITS = new Uint8Array(0x10000).fill(1);
for (let unit = 0x20; unit <= 0x7e; unit++) ODD_UNITS[unit] = unit === 0x22 || unit === 0x5c ? 1 : 0;

/** As hashString; in the same pass it is found out whether each unit takes one byte. */
function measureText(text: string): number {
  let h = TEXT_SEED;
  let odd = 0;
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    h = Math.imul(h ^ unit, 0x01000193);
    odd |= ODD_UNITS[unit] as number;
  }
  measured = odd === 0 ? length + 2 : jsonSizeBytes(text);
  return avalanche(h);
}

/** The hash of `value` as hashJson gives it; its size is in `measured`. */
function measure(value: unknown): number {
  if (typeof value === 'string') return measureText(value);
  if (typeof value !== 'object' || value === null) {
    measured = jsonSizeBytes(value);
    return hashJson(value);
  }
  if (Array.isArray(value)) {
    let h = mix(0x41c6ce57, value.length);
    let size = value.length === 0 ? 2 : 1 + value.length;
    for (let i = 0; i < value.length; i++) {
      h = mix(h, measure(value[i]));
      size += measured;
    }
    measured = size;
    return avalanche(h);
  }
  return avalanche(fieldsOf(value));
}

/** The sum over the fields of a record that is no array; the size of its encoding is in `measured`. */
function fieldsOf(record: object): number {
  let sum = FIELDS_SEED;
  let size = 1;
  const fields = record as Readonly<Record<string, unknown>>;
  for (const key in fields) {
    const field = fields[key];
    if (field === undefined) continue;
    const facts = factsOf(key);
    if (typeof field === 'string') {
      sum = (sum + textTerm(facts, field)) | 0;
      size += measured;
      continue;
    }
    const h = facts.shared && typeof field === 'object' && field !== null ? measureShared(field) : measure(field);
    sum = (sum + avalanche(mix(facts.hash, h))) | 0;
    size += facts.size + measured;
  }
  measured = size === 1 ? 2 : size;
  return sum;
}

/** The term of a field whose value is a text; its share of the encoded size is in `measured`. */
function textTerm(facts: KeyFacts, text: string): number {
  const { length } = text;
  const at = (facts.base + (length === 0 ? 0 : length + text.charCodeAt(length - 1))) & (TEXTS - 1);
  if (textKeys[at] === facts && texts[at] === text) {
    measured = textSizes[at] as number;
    return textTerms[at] as number;
  }
  const term = avalanche(mix(facts.hash, measureText(text)));
  measured += facts.size;
  if (length <= KEPT_TEXT_MAX) {
    textKeys[at] = facts;
    texts[at] = text;
    textTerms[at] = term;
    textSizes[at] = measured;
  }
  return term;
}

function measureShared(part: object): number {
  let facts = sharedParts.get(part);
  if (facts === undefined) {
    const hash = measure(part);
    facts = { hash, size: measured };
    sharedParts.set(part, facts);
  }
  measured = facts.size;
  return facts.hash;
}

/** Where the parts are kept that are the value of a field of that name. */
function partsOf(key: string): RecentParts {
  if (key === 'spec') return recentSpecs;
  if (key === 'status') return recentStatuses;
  return key === 'involvedObject' || key === 'source' ? recentReferences : recentParts;
}

/** The record that {@link noteChangedSpec} was told of last, and what its other fields come to. */
let lastBase: object | null = null;
let lastBaseKey = '';
let lastBaseSum = 0;
let lastBaseSize = 0;

/**
 * Measures a spec that is the record `base` with another value of field `key`, whose value is no large part that others share: pods of one
 * template are given a node one after the other, and only that is read.
 */
export function noteChangedSpec(part: object, base: object, key: string): void {
  if (base !== lastBase || key !== lastBaseKey) {
    lastBaseSum = fieldsOf(base);
    lastBaseSize = measured;
    recentSpecs.keep(base, avalanche(lastBaseSum));
    const old = (base as Readonly<Record<string, unknown>>)[key];
    if (old !== undefined) {
      lastBaseSum = (lastBaseSum - fieldTerm(key, old)) | 0;
      lastBaseSize -= measured;
    }
    lastBase = base;
    lastBaseKey = key;
  }
  const sum = (lastBaseSum + fieldTerm(key, (part as Readonly<Record<string, unknown>>)[key])) | 0;
  // Of a record without any other field no comma follows the first.
  measured += lastBaseSize > 2 ? lastBaseSize : 1;
  recentSpecs.keep(part, avalanche(sum));
}

/** What is known of an object before its commit, so that the hash after it needs no second pass. */
export interface DraftSums {
  readonly bodySum: number;
  readonly metadataSum: number;
}

/**
 * Sum over the fields of a record but `metadata`, whose object-valued members are parts; their size is in `measured`.
 */
function sumOf(record: object): number {
  const fields = record as Readonly<Record<string, unknown>>;
  let sum = FIELDS_SEED;
  let size = 0;
  for (const key in fields) {
    const field = fields[key];
    if (field === undefined || key === 'metadata') continue;
    const facts = factsOf(key);
    if (typeof field === 'string') {
      sum = (sum + textTerm(facts, field)) | 0;
      size += measured;
      continue;
    }
    const h = typeof field === 'object' && field !== null ? partsOf(key).measure(field) : measure(field);
    sum = (sum + avalanche(mix(facts.hash, h))) | 0;
    size += facts.size + measured;
  }
  measured = size;
  return sum;
}

const METADATA = hashString('metadata');
const METADATA_SIZE = jsonSizeBytes('metadata') + 2;
const RESOURCE_VERSION = hashString('resourceVersion');

/**
 * Sum over the fields of metadata; their size is in `measured`. That of a version is taken once without its resourceVersion, which comes last:
 * writes carry the metadata of the version before in their messages and into the next version.
 */
function sumOfMetadata(metadata: ObjectMeta): number {
  if (!(metadata instanceof VersionMeta)) return sumOf(metadata);
  const { resourceVersion } = metadata;
  let sum = VersionMeta.sumOf(metadata);
  let size = VersionMeta.sizeOf(metadata);
  if (size === 0) {
    sum = sumOf(metadata);
    size = measured;
    if (resourceVersion !== undefined) {
      sum = (sum - fieldTerm('resourceVersion', resourceVersion)) | 0;
      size -= measured;
    }
    VersionMeta.keepSum(metadata, sum, size);
  }
  measured = 0;
  if (resourceVersion !== undefined) sum = (sum + fieldTerm('resourceVersion', resourceVersion)) | 0;
  measured += size;
  return sum;
}

/** The object whose body was measured last, and what was found. */
let lastBody: object | null = null;
let lastBodySum = 0;
let lastBodySize = 0;
let lastMetadataSum = 0;

/**
 * Sum over an object's fields but the metadata; leaves its encoded size with metadata in bytes for {@link lastSizeBytes}. `like`: an object all of
 * whose fields but the metadata are those of `object`; what is stored often has the body of the message that was measured just before.
 */
export function bodySumOf(object: KubeObject, like: KubeObject = object): number {
  lastMetadataSum = sumOfMetadata(object.metadata);
  const metadataSize = measured === 0 ? 2 : 1 + measured;
  if (like !== lastBody) {
    lastBodySum = sumOf(object);
    lastBodySize = measured;
    lastBody = like;
  }
  measured = lastBodySize + 1 + METADATA_SIZE + metadataSize;
  return lastBodySum;
}

/** Sum over the fields of a stored version's metadata but resourceVersion: that of its draft. */
export function storedMetadataSum(metadata: ObjectMeta): number {
  if (metadata instanceof VersionMeta) {
    if (VersionMeta.sizeOf(metadata) === 0) sumOfMetadata(metadata);
    return VersionMeta.sumOf(metadata);
  }
  const sum = sumOf(metadata);
  const { resourceVersion } = metadata;
  return resourceVersion === undefined ? sum : (sum - fieldTerm('resourceVersion', resourceVersion)) | 0;
}

/** What is known of a stored version. */
export interface StoredSums {
  readonly object: KubeObject;
  readonly bodySum: number;
  readonly sizeBytes: number;
}

/** What {@link sumsAfter} found last. */
const following = { bodySum: 0, sizeBytes: 0 };

/**
 * Sums and size of the version that follows `before`, where its body is the same or has another spec: then the status, the largest part of
 * nodes, is not looked at again. Null where more has changed. Good until the next call.
 */
export function sumsAfter(object: KubeObject, before: StoredSums): Readonly<typeof following> | null {
  const { metadata, spec } = before.object;
  const metadataSize = metadata instanceof VersionMeta ? VersionMeta.sizeOf(metadata) : 0;
  if (metadataSize === 0 || !isSameButSpec(object, before.object)) return null;
  sumOfMetadata(object.metadata);
  following.sizeBytes = before.sizeBytes - metadataSize + measured;
  following.bodySum = before.bodySum;
  if (object.spec === spec) return following;
  const old = partTerm('spec', spec as object);
  following.sizeBytes -= measured;
  following.bodySum = (following.bodySum - old + partTerm('spec', object.spec as object)) | 0;
  following.sizeBytes += measured;
  return following;
}

/** Whether two objects share everything but metadata and spec, and both have a spec and a status. */
function isSameButSpec(next: KubeObject, old: KubeObject): boolean {
  if (!isPart(next.spec) || !isPart(old.spec) || !isPart(next.status)) return false;
  const left = next as unknown as Readonly<Record<string, unknown>>;
  const right = old as unknown as Readonly<Record<string, unknown>>;
  for (const key in left) if (left[key] !== right[key] && key !== 'metadata' && key !== 'spec') return false;
  for (const key in right) if (!(key in left)) return false;
  return true;
}

function isPart(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The term of a field whose value is a part; its share of the encoded size is in `measured`. */
function partTerm(key: string, part: object): number {
  const facts = factsOf(key);
  const h = partsOf(key).measure(part);
  measured += facts.size;
  return avalanche(mix(facts.hash, h));
}

/**
 * The term that field `key` with `value` adds to the sum over its record (which starts at FIELDS_SEED and is finished by avalanche); the
 * field's share of the encoded size is left for {@link lastSizeBytes}.
 */
export function fieldTerm(key: string, value: unknown): number {
  const facts = factsOf(key);
  if (typeof value === 'string') return textTerm(facts, value);
  const h = measure(value);
  measured += facts.size;
  return avalanche(mix(facts.hash, h));
}

/** The hash of an object from the sums over its fields, as {@link bodySumOf} and {@link storedMetadataSum} find them. */
export function hashOfSums(bodySum: number, metadataSum: number): number {
  return avalanche((bodySum + avalanche(mix(METADATA, avalanche(metadataSum)))) | 0);
}

/** Bytes of the canonical encoding of the object or field that was measured last. */
export function lastSizeBytes(): number {
  return measured;
}

/** The object has got `resourceVersion`: keeps its final hash, derived from the sums of the draft. */
export function keepCommittedHash(object: KubeObject, sums: DraftSums, resourceVersion: string): void {
  const field = avalanche(mix(RESOURCE_VERSION, hashString(resourceVersion)));
  const metadataSum = (sums.metadataSum + field) | 0;
  const hash = hashOfSums(sums.bodySum, metadataSum);
  if (!VersionMeta.keep(object, hash)) hashes.set(object, hash);
}

/** `hashJson` of what is no object of the API: a patch, which has mostly the fields and texts of what it changes. */
export function valueHash(value: unknown): number {
  return measure(value);
}

/** Hashes of versions with plain metadata. */
const hashes = new WeakMap<object, number>();

/** int32 hash of an API object's whole content; `undefined` fields count as absent, key order does not count. */
export function objectHash(object: KubeObject): number {
  const kept = VersionMeta.of(object);
  if (kept !== null && VersionMeta.isOf(kept, object)) return VersionMeta.hashOf(kept);
  const { metadata } = object;
  if (typeof metadata !== 'object' || metadata === null) return hashJson(object);
  // What has no version yet, or carries the metadata of another version, is a client's next write: it is sent once, and its message keeps the hash.
  const isKept = kept === null && metadata.resourceVersion !== undefined;
  const known = isKept ? hashes.get(object) : undefined;
  if (known !== undefined) return known;
  const bodySum = bodySumOf(object);
  const h = hashOfSums(bodySum, lastMetadataSum);
  if (isKept && !VersionMeta.keep(object, h)) hashes.set(object, h);
  return h;
}
