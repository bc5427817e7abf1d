/**
 * Reads the memory of this process so that two readings can be compared.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * Forced collections before memory is read: so many, and more while one of them still gave this much back; and the pause after each in
 * which V8 returns pages, ms.
 */
const COLLECTIONS_MIN = 3;
const COLLECTIONS_MAX = 20;
const STILL_FALLING_BYTES = 500_000;
const RETURN_PAUSE_MS = 50;
/** What V8 frees in the background otherwise: threads that a busy machine does not let run. */
const BACKGROUND = ['sweeping', 'array-buffer-sweeping'];

/** Short-lived arrays that walk through the whole young generation (at most 3 × 16 MB), so that its pages are all there in every reading. */
const CHURN_ARRAYS = 100_000;
const CHURN_LENGTH = 100;

function touchYoungGeneration(): number {
  let sum = 0;
  for (let i = 0; i < CHURN_ARRAYS; i++) sum += new Array<number>(CHURN_LENGTH).fill(i).length;
  return sum;
}

/**
 * Resident set size in bytes after forced collections, where the process allows them. They compact, so that the figure is what is kept and
 * not the holes between (which are used again); V8 frees pages and buffers in the background, hence the pauses.
 */
export function settledRss(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return process.memoryUsage.rss();
  touchYoungGeneration();
  setFlagsFromString('--compact-on-every-full-gc');
  for (const what of BACKGROUND) setFlagsFromString(`--no-concurrent-${what}`);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let rss = process.memoryUsage.rss();
  for (let i = 1, before = 0; i <= COLLECTIONS_MAX; i++) {
    before = rss;
    gc();
    Atomics.wait(pause, 0, 0, RETURN_PAUSE_MS);
    rss = process.memoryUsage.rss();
    if (i >= COLLECTIONS_MIN && before - rss < STILL_FALLING_BYTES) break;
  }
  setFlagsFromString('--no-compact-on-every-full-gc');
  for (const what of BACKGROUND) setFlagsFromString(`--concurrent-${what}`);
  return rss;
}
