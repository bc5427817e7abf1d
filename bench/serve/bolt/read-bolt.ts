/**
 * Reads a bbolt file: all buckets with their entries.
 *
 * Always: a damaged file gives a {@link BoltError} with the offset of what is wrong; nothing outside the file is read and no page is
 * visited twice, so hostile input ends.
 */
import {
  type BoltEntry,
  BUCKET_BYTES,
  ELEMENT_BYTES,
  fnv64a,
  LEAF_BUCKET,
  META_MAGIC,
  META_SUMMED_BYTES,
  META_VERSION,
  PAGE_BRANCH,
  PAGE_HEADER_BYTES,
  PAGE_LEAF,
} from './layout.ts';

/** A file that is not a database, or a damaged one. */
export class BoltError extends Error {
  /** Byte in the file. */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

interface Meta {
  readonly pageBytes: number;
  readonly root: number;
  readonly transaction: bigint;
}

/** The buckets of a database, entries in order. @throws BoltError */
export function readBolt(file: Buffer): Map<string, BoltEntry[]> {
  const meta = readMeta(file);
  const reader = new TreeReader(file, meta.pageBytes);
  const buckets = new Map<string, BoltEntry[]>();
  reader.visit(meta.root, (key, value, flags, offset) => {
    if ((flags & LEAF_BUCKET) === 0) throw new BoltError(offset, 'an entry outside of all buckets');
    if (value.length < BUCKET_BYTES) throw new BoltError(offset, 'a bucket without a root');
    const entries: BoltEntry[] = [];
    const root = Number(value.readBigUInt64LE(0));
    const add = (entryKey: Buffer, entryValue: Buffer): void => {
      entries.push({ key: entryKey, value: entryValue });
    };
    // A small bucket lies within its entry instead of in pages of its own.
    if (root === 0) reader.page(value, BUCKET_BYTES, value.length, add);
    else reader.visit(root, add);
    buckets.set(key.toString('latin1'), entries);
  });
  return buckets;
}

/** The newer of the two meta records that are sound. */
function readMeta(file: Buffer): Meta {
  const first = metaAt(file, 0);
  const second = metaAt(file, first?.pageBytes ?? 4096);
  if (first === null && second === null)
    throw new BoltError(0, 'not a database, or both of its meta pages are damaged');
  if (first === null || second === null) return (first ?? second) as Meta;
  return second.transaction > first.transaction ? second : first;
}

function metaAt(file: Buffer, page: number): Meta | null {
  const at = page + PAGE_HEADER_BYTES;
  if (at + META_SUMMED_BYTES + 8 > file.length) return null;
  const meta = file.subarray(at, at + META_SUMMED_BYTES + 8);
  if (meta.readUInt32LE(0) !== META_MAGIC || meta.readUInt32LE(4) !== META_VERSION) return null;
  if (meta.readBigUInt64LE(META_SUMMED_BYTES) !== fnv64a(meta.subarray(0, META_SUMMED_BYTES))) return null;
  const pageBytes = meta.readUInt32LE(8);
  if (pageBytes < 512) return null;
  return { pageBytes, root: Number(meta.readBigUInt64LE(16)), transaction: meta.readBigUInt64LE(48) };
}

type Visit = (key: Buffer, value: Buffer, flags: number, offset: number) => void;

class TreeReader {
  readonly #file: Buffer;
  readonly #pageBytes: number;
  readonly #visited = new Set<number>();

  constructor(file: Buffer, pageBytes: number) {
    this.#file = file;
    this.#pageBytes = pageBytes;
  }

  /** Visits the leaf entries of the tree below page `id`. */
  visit(id: number, visit: Visit): void {
    const at = id * this.#pageBytes;
    if (at + this.#pageBytes > this.#file.length) throw new BoltError(at, `page ${id} lies behind the end of the file`);
    if (this.#visited.has(id)) throw new BoltError(at, `page ${id} is in two places`);
    this.#visited.add(id);
    const overflow = this.#file.readUInt32LE(at + 12);
    const end = at + (overflow + 1) * this.#pageBytes;
    if (end > this.#file.length) throw new BoltError(at, `page ${id} goes on behind the end of the file`);
    this.page(this.#file, at, end, visit);
  }

  /** Visits the entries of one page that lies in `bytes[at, end)`. */
  page(bytes: Buffer, at: number, end: number, visit: Visit): void {
    if (at + PAGE_HEADER_BYTES > end) throw new BoltError(at, 'a page that is cut off');
    const flags = bytes.readUInt16LE(at + 8);
    const count = bytes.readUInt16LE(at + 10);
    if (flags !== PAGE_LEAF && flags !== PAGE_BRANCH) throw new BoltError(at, `a page of unknown kind ${flags}`);
    if (at + PAGE_HEADER_BYTES + count * ELEMENT_BYTES > end) throw new BoltError(at, 'a page with too many entries');
    for (let i = 0; i < count; i++) {
      const element = at + PAGE_HEADER_BYTES + i * ELEMENT_BYTES;
      if (flags === PAGE_BRANCH) {
        this.visit(Number(bytes.readBigUInt64LE(element + 8)), visit);
        continue;
      }
      const from = element + bytes.readUInt32LE(element + 4);
      const middle = from + bytes.readUInt32LE(element + 8);
      const to = middle + bytes.readUInt32LE(element + 12);
      if (from < element || to > end) throw new BoltError(element, 'an entry that lies outside of its page');
      visit(bytes.subarray(from, middle), bytes.subarray(middle, to), bytes.readUInt32LE(element), element);
    }
  }
}
