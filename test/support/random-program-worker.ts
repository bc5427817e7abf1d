/** Runs programs in a thread of its own and sends their digests back. */
import { parentPort, workerData } from 'node:worker_threads';
import { digestOfProgram, type Program } from './random-program.ts';

parentPort?.postMessage((workerData as Program[]).map(digestOfProgram));
