/**
 * Measures one kernel in a process of its own and prints its samples as a JSON list: `node --expose-gc kernel-process.js NAME`.
 *
 * Work that is timed from outside goes through tinybench, used for timing only. Its defaults do not fit: it would run at least 64 samples of
 * anything, call a function once more to see whether it returns a promise, and average rates. So times and counts are always given, and
 * `async` is said.
 */
import { Bench } from 'tinybench';
import { CHAOS_FIGURES } from './chaos/figures.ts';
import { KERNELS } from './index.ts';
import type { Kernel, TimedKernel } from './kernel.ts';
import { SCHEDULER_FIGURES } from './scheduler/figures.ts';

const WARM_UP_MS = 250;
const WARM_UP_SAMPLES = 3;
const MEASURE_MS = 1_000;
const SAMPLES_MIN = 10;

/** Samples of work that is timed from outside, in the kernel's unit. @throws when nothing was measured. */
function timedValues({ name, unit }: Kernel, { batch, make }: TimedKernel): number[] {
  const run = make();
  const bench = new Bench({
    time: MEASURE_MS,
    iterations: SAMPLES_MIN,
    warmupTime: WARM_UP_MS,
    warmupIterations: WARM_UP_SAMPLES,
    timestampProvider: 'hrtimeNow',
    throws: true,
    retainSamples: true,
  });
  bench.add(name, () => run(batch), { async: false });
  const [task] = bench.runSync();
  const result = task?.result;
  if (result === undefined || result.state !== 'completed') {
    throw new Error(`kernel ${name}: nothing was measured (${result?.state ?? 'no result'})`);
  }
  return (result.latency.samples ?? []).map((sampleMs) => {
    const nanoseconds = (sampleMs * 1e6) / batch;
    return unit === 'ns' ? nanoseconds : 1e9 / nanoseconds;
  });
}

const name = process.argv[2] ?? '';
const kernel = [...KERNELS, ...SCHEDULER_FIGURES, ...CHAOS_FIGURES].find((each) => each.name === name);
if (kernel === undefined) throw new Error(`no kernel is named "${name}"`);
const { work } = kernel;
const values = work.kind === 'timed' ? timedValues(kernel, work) : [work.measure(() => performance.now())];
process.stdout.write(`${JSON.stringify(values)}\n`);
