/**
 * The hash in names of ReplicaSets and ControllerRevisions (`web-5d9c7b8f4`).
 *
 * As the real one: FNV-1a over the template and the collision count, printed in decimal and mapped to an alphabet without
 * vowels. What is hashed differs (canonical JSON, not a Go dump), so values differ from a real cluster's; that equal
 * templates give equal hashes is what matters. Source: Kubernetes 1.34, controller_utils.go ComputeHash.
 */
import { canonicalJson } from './canonical-json.ts';
import type { PodTemplateSpec } from './pod.ts';

/** Letters and digits of generated names: no vowels, no 0, 1, 3. */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a (32 bit, unsigned) over the UTF-8 bytes of a text, starting at `seed`. */
export function fnv32a(text: string, seed = FNV_OFFSET): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    if (point < 0x80) h = Math.imul(h ^ point, FNV_PRIME);
    else {
      if (point < 0x800) h = Math.imul(h ^ (0xc0 | (point >> 6)), FNV_PRIME);
      else {
        if (point < 0x10000) h = Math.imul(h ^ (0xe0 | (point >> 12)), FNV_PRIME);
        else {
          i++;
          h = Math.imul(h ^ (0xf0 | (point >> 18)), FNV_PRIME);
          h = Math.imul(h ^ (0x80 | ((point >> 12) & 0x3f)), FNV_PRIME);
        }
        h = Math.imul(h ^ (0x80 | ((point >> 6) & 0x3f)), FNV_PRIME);
      }
      h = Math.imul(h ^ (0x80 | (point & 0x3f)), FNV_PRIME);
    }
  }
  return h >>> 0;
}

/** Adds the collision count, as eight little-endian bytes. */
function addCollisionCount(hash: number, count: number): number {
  let h = hash | 0;
  for (let i = 0; i < 8; i++) h = Math.imul(h ^ (i < 4 ? (count >>> (8 * i)) & 0xff : 0), FNV_PRIME);
  return h >>> 0;
}

/** Maps each character of a text into the safe alphabet. */
export function safeEncode(text: string): string {
  let result = '';
  for (let i = 0; i < text.length; i++) result += SAFE_ALPHABET[text.charCodeAt(i) % SAFE_ALPHABET.length];
  return result;
}

const templateHashes = new WeakMap<object, number>();

/** The hash part of a name for any content (a template, a revision's data); `collisionCount` as in the owner's status. */
export function contentNameHash(content: object, collisionCount?: number): string {
  let hash = templateHashes.get(content);
  if (hash === undefined) {
    hash = fnv32a(canonicalJson(content));
    templateHashes.set(content, hash);
  }
  return safeEncode(String(collisionCount === undefined ? hash : addCollisionCount(hash, collisionCount)));
}

/** The `pod-template-hash` of a template. */
export function podTemplateHash(template: PodTemplateSpec, collisionCount?: number): string {
  return contentNameHash(template, collisionCount);
}
