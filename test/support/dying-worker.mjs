/**
 * The campaign's own worker, but its thread ends when it meets seed 13.
 */
import { workerData } from 'node:worker_threads';
import runTask from '../../dist/bench/campaign/worker.js';

const FATAL_SEED = 13;

export default function runTaskOrDie(task) {
  const { seeds } = workerData;
  const fatal = task.cases.findIndex((caseNumber) => seeds[caseNumber % seeds.length] === FATAL_SEED);
  if (fatal < 0) return runTask(task);
  Atomics.store(new Int32Array(task.begun), 0, fatal + 1);
  process.exit(9);
}
