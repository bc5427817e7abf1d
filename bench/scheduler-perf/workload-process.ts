/**
 * Measures one workload in a process of its own and prints what it gave as JSON: `node --expose-gc workload-process.js TASK`.
 *
 * One warm-up run, so that compilation is not in the figure, then the run that counts. Of another workload's types and compiled code nothing is
 * here: a figure does not hang on what was measured before it. Garbage of young objects is collected between the two, and none, as in the
 * original, as a phase begins; twice, so that the second run begins in the half of the young generation whose pages the first one has touched. The
 * first run's objects stay until the second has ended: a full collection throws compiled code away, most of all code for kinds of objects that are
 * gone, and one before both makes V8 begin one while it is measured.
 */
import { runInNewContext } from 'node:vm';
import { setInterruptBudget } from '../campaign/interrupt-budget.ts';
import { ProblemList } from '../cli/user-error.ts';
import { planWorkload } from './config/plan.ts';
import { readPerfConfig } from './config/read-config.ts';
import { TemplateFiles } from './config/template-files.ts';
import type { MeasuringTask } from './fresh-process.ts';
import { type RunOptions, runWorkload, type WorkloadResult } from './run/run-workload.ts';

/** Bytes of bytecode: an eighth of the usual work. A short workload's one warm-up run is over before most functions would be compiled. */
const INTERRUPT_BUDGET = 8000;
const MS_PER_S = 1000;

async function measure({ file, caseIndex, workloadIndex, seed, timeoutS }: MeasuringTask): Promise<WorkloadResult> {
  const problems = new ProblemList();
  const config = readPerfConfig(file, problems);
  const plan = config && planWorkload({ config, caseIndex, workloadIndex }, new TemplateFiles(), problems);
  problems.throwIfErrors();
  if (plan === null) throw new Error(`${file} has changed`);
  const hostNow = () => performance.now() / MS_PER_S;
  const options: RunOptions = { seed, hostNow, ...(timeoutS > 0 ? { deadlineS: hostNow() + timeoutS } : {}) };
  const kept: object[] = [];
  const warmUp = await runWorkload(plan, { ...options, kept });
  if (warmUp.timedOut) return { ...warmUp, phases: [] };
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
  collect({ type: 'minor' });
  collect({ type: 'minor' });
  const result = await runWorkload(plan, options);
  kept.length = 0;
  return result;
}

// Whoever wants the result holds the other end: with it gone, however it ended, nobody does.
process.stdin.on('end', () => process.exit()).resume();
process.stdin.unref();
setInterruptBudget(INTERRUPT_BUDGET);
const result = await measure(JSON.parse(process.argv[2] as string) as MeasuringTask);
process.stdout.write(JSON.stringify(result));
