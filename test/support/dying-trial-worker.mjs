/**
 * The trial's own worker, but its thread ends when it meets a zone loss of seed 2.
 */
import { workerData } from 'node:worker_threads';
import runTask from '../../dist/bench/trial/worker.js';

export default function runTaskOrDie(task) {
  const { cases } = workerData;
  const fatal = task.cases.findIndex(
    (caseNumber) => cases[caseNumber].trial === 'zone-loss' && cases[caseNumber].seed === 2,
  );
  if (fatal < 0) return runTask(task);
  Atomics.store(new Int32Array(task.begun), 0, fatal + 1);
  process.exit(9);
}
