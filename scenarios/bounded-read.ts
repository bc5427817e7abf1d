/**
 * Reads a file that may have no end: devices and pipes say nothing of their size.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;
/** Between two looks at a pipe that has nothing yet. */
const PAUSE_MS = 10;

/** The bytes of `path`; null when there are more than `bytesMax`. @throws what the file system throws. */
export function readBounded(path: string, bytesMax: number): Buffer | null {
  const descriptor = openSync(path, 'r');
  try {
    return readDescriptor(descriptor, bytesMax);
  } finally {
    closeSync(descriptor);
  }
}

/** The same of an open descriptor, which stays open. */
export function readDescriptor(descriptor: number, bytesMax: number): Buffer | null {
  const chunks: Buffer[] = [];
  for (let sizeBytes = 0; sizeBytes <= bytesMax; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSome(descriptor, chunk);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
    sizeBytes += length;
  }
  return null;
}

/** Bytes read, 0 at the end. Whoever made a pipe may have made it non-blocking: then having no data yet is an error of the system's, and no end. */
function readSome(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
