/**
 * Writes a whole bbolt file at once: two meta pages, an empty free list, a tree of pages for each bucket and for the list of buckets.
 *
 * Always: entries of a bucket are given in ascending byte order of their keys, without repetition; the file is a valid database of one
 * transaction, which etcd and its tools open.
 */
import { assert } from '../../../core/base/assert.ts';
import {
  type BoltBuckets,
  type BoltEntry,
  BUCKET_BYTES,
  ELEMENT_BYTES,
  fnv64a,
  LEAF_BUCKET,
  META_MAGIC,
  META_SUMMED_BYTES,
  META_VERSION,
  PAGE_BRANCH,
  PAGE_BYTES,
  PAGE_FREELIST,
  PAGE_HEADER_BYTES,
  PAGE_LEAF,
  PAGE_META,
} from './layout.ts';

const META_PAGES = 2;
const FREELIST_PAGE = 2;
/** Elements of a page, so that their count fits its field whatever their size. */
const ELEMENTS_MAX = 0xfff0;

/** A page that a parent refers to. */
interface Child {
  readonly key: Uint8Array;
  readonly page: number;
}

class Pages {
  readonly parts: Buffer[] = [];
  next = FREELIST_PAGE + 1;

  /** Adds a page of elements; returns its number. */
  add(
    flags: number,
    elements: readonly BoltEntry[],
    write: (page: Buffer, at: number, i: number, pos: number) => void,
  ) {
    const dataBytes = elements.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    const size = PAGE_HEADER_BYTES + elements.length * ELEMENT_BYTES + dataBytes;
    const pageCount = Math.max(1, Math.ceil(size / PAGE_BYTES));
    const page = Buffer.alloc(pageCount * PAGE_BYTES);
    writeHeader(page, this.next, flags, elements.length, pageCount - 1);
    let data = PAGE_HEADER_BYTES + elements.length * ELEMENT_BYTES;
    elements.forEach(({ key, value }, i) => {
      const at = PAGE_HEADER_BYTES + i * ELEMENT_BYTES;
      write(page, at, i, data - at);
      page.set(key, data);
      page.set(value, data + key.length);
      data += key.length + value.length;
    });
    this.parts.push(page);
    const number = this.next;
    this.next += pageCount;
    return number;
  }
}

function writeHeader(page: Buffer, id: number, flags: number, count: number, overflow: number): void {
  page.writeBigUInt64LE(BigInt(id), 0);
  page.writeUInt16LE(flags, 8);
  page.writeUInt16LE(count, 10);
  page.writeUInt32LE(overflow, 12);
}

/** The bytes of a database with these buckets. */
export function writeBolt(buckets: BoltBuckets): Buffer {
  const pages = new Pages();
  const names = [...buckets.keys()].sort();
  const roots = names.map((name): BoltEntry => {
    const root = writeTree(pages, buckets.get(name) as readonly BoltEntry[], 0);
    const value = Buffer.alloc(BUCKET_BYTES);
    value.writeBigUInt64LE(BigInt(root), 0);
    return { key: Buffer.from(name), value };
  });
  const root = writeTree(pages, roots, LEAF_BUCKET);
  const freelist = Buffer.alloc(PAGE_BYTES);
  writeHeader(freelist, FREELIST_PAGE, PAGE_FREELIST, 0, 0);
  const metas = [0, 1].map((id) => metaPage(id, root, pages.next));
  return Buffer.concat([...metas, freelist, ...pages.parts]);
}

function metaPage(id: number, root: number, highWater: number): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  writeHeader(page, id, PAGE_META, 0, 0);
  const meta = page.subarray(PAGE_HEADER_BYTES);
  meta.writeUInt32LE(META_MAGIC, 0);
  meta.writeUInt32LE(META_VERSION, 4);
  meta.writeUInt32LE(PAGE_BYTES, 8);
  meta.writeBigUInt64LE(BigInt(root), 16);
  meta.writeBigUInt64LE(BigInt(FREELIST_PAGE), 32);
  meta.writeBigUInt64LE(BigInt(highWater), 40);
  meta.writeBigUInt64LE(BigInt(META_PAGES + id), 48);
  meta.writeBigUInt64LE(fnv64a(meta.subarray(0, META_SUMMED_BYTES)), META_SUMMED_BYTES);
  return page;
}

/** Writes leaves, then as many levels of branches as it takes; returns the root's page. */
function writeTree(pages: Pages, entries: readonly BoltEntry[], leafFlags: number): number {
  let level = chunks(entries).map((chunk): Child => {
    const page = pages.add(PAGE_LEAF, chunk, (buffer, at, i, pos) => {
      const { key, value } = chunk[i] as BoltEntry;
      buffer.writeUInt32LE(leafFlags, at);
      buffer.writeUInt32LE(pos, at + 4);
      buffer.writeUInt32LE(key.length, at + 8);
      buffer.writeUInt32LE(value.length, at + 12);
    });
    return { key: chunk[0]?.key ?? new Uint8Array(0), page };
  });
  while (level.length > 1) {
    const children = level;
    const rows = children.map(({ key }): BoltEntry => ({ key, value: new Uint8Array(0) }));
    let from = 0;
    level = chunks(rows).map((chunk): Child => {
      const first = from;
      from += chunk.length;
      const page = pages.add(PAGE_BRANCH, chunk, (buffer, at, i, pos) => {
        const child = children[first + i] as Child;
        buffer.writeUInt32LE(pos, at);
        buffer.writeUInt32LE(child.key.length, at + 4);
        buffer.writeBigUInt64LE(BigInt(child.page), at + 8);
      });
      return { key: (chunk[0] as BoltEntry).key, page };
    });
  }
  return (level[0] as Child).page;
}

/** Entries by page: at least two a page where there are two, so that every level is shorter than the one below. */
function chunks(entries: readonly BoltEntry[]): (readonly BoltEntry[])[] {
  const result: BoltEntry[][] = [];
  let chunk: BoltEntry[] = [];
  let bytes = PAGE_HEADER_BYTES;
  for (const entry of entries) {
    const size = ELEMENT_BYTES + entry.key.length + entry.value.length;
    if (chunk.length >= 2 && (bytes + size > PAGE_BYTES || chunk.length >= ELEMENTS_MAX)) {
      result.push(chunk);
      chunk = [];
      bytes = PAGE_HEADER_BYTES;
    }
    chunk.push(entry);
    bytes += size;
  }
  result.push(chunk);
  assert(entries.length === 0 || chunk.length > 0, 'an empty page between full ones');
  return result;
}
