/**
 * A worker for tests of the case pool, plain JavaScript: squares case numbers, and dies, hangs or throws where it is told to.
 */
import { workerData } from 'node:worker_threads';

export default function runTask(task) {
  const begun = new Int32Array(task.begun);
  const { dieAt, hangAt, throwAt, eatAt } = workerData;
  try {
    const squares = task.cases.map((caseNumber, index) => {
      Atomics.store(begun, 0, index + 1);
      if (caseNumber === dieAt) process.exit(7);
      if (caseNumber === throwAt) throw new Error('thrown in a case');
      if (caseNumber === eatAt) for (const hoard = []; ; ) hoard.push(new Array(100_000).fill(hoard.length));
      while (caseNumber === hangAt);
      return caseNumber * caseNumber;
    });
    return { ok: true, result: squares };
  } catch (error) {
    return { ok: false, message: error.message };
  }
}
