/**
 * Loads a user's module once in a thread of its own, where its top level can do no harm.
 *
 * Always: a top level that ends the process, loops or waits for ever, or leaves a rejected promise behind, is told as such and
 * never ends or stops the command itself. What merely throws is left to the real import, which has the better message.
 */
import { Worker } from 'node:worker_threads';
import { type PlacedError, placedError } from './error-place.ts';

/** Host time a top level may take, ms. */
const LOAD_LIMIT_MS = 30_000;
/** After so much of it the user is told what the command waits for, ms. */
const SLOW_MS = 3000;

/** How long a top level may take, and whom to tell that it takes long. */
export interface LoadPatience {
  readonly limitMs?: number;
  readonly slowMs?: number;
  /** Gets what is going on, once. */
  readonly onSlow?: (text: string) => void;
}

// The answer waits for a turn of the event loop, so that a rejection nobody handles comes first.
const PROGRAM = `
const { parentPort, workerData: { url, tsx } } = require('node:worker_threads');
process.once('beforeExit', () => parentPort.postMessage('waits'));
const answer = () => setImmediate(() => parentPort.postMessage('loaded'));
(tsx === null ? import(url) : import(tsx).then(({ tsImport }) => tsImport(url, url))).then(answer, answer);
`;

/** Why the module at `url` cannot be loaded safely, or what was thrown behind its back; undefined when it can. `tsx` is the address of tsx's import API or null. */
export function trialLoad(
  url: string,
  tsx: string | null,
  { limitMs = LOAD_LIMIT_MS, slowMs = SLOW_MS, onSlow = () => undefined }: LoadPatience = {},
): Promise<PlacedError | undefined> {
  const worker = new Worker(PROGRAM, { eval: true, workerData: { url, tsx }, stdout: true, stderr: true });
  return new Promise((resolve) => {
    const end = (cause?: PlacedError): void => {
      clearTimeout(timer);
      clearTimeout(slow);
      resolve(cause);
      void worker.terminate();
    };
    const timer = setTimeout(() => end({ text: `its top level did not end within ${limitMs / 1000} s` }), limitMs);
    const slow = setTimeout(
      () => onSlow(`its top level runs for ${slowMs / 1000} s, the limit is ${limitMs / 1000} s`),
      slowMs,
    );
    worker.once('message', (answer: string) => {
      end(answer === 'loaded' ? undefined : { text: 'its top level waits for something that never comes' });
    });
    worker.once('error', (error: unknown) => end(placedError(error)));
    worker.once('exit', (code) => end({ text: `its top level ends the process (exit code ${code})` }));
  });
}
