/**
 * Measures kernels with tinybench, used for timing only.
 *
 * tinybench's defaults do not fit: it would run at least 64 samples of anything, call a function once more to see whether
 * it returns a promise, and average rates. So times and counts are always given, `async` is said, and rates come from the
 * median and the fastest sample. Host times: noise only ever adds to them, so the fastest sample says most about the code.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Bench } from 'tinybench';
import { YOUNG_GENERATION_FLAG } from '../campaign/young-generation.ts';
import { packageRoot } from '../cli/package-info.ts';
import { ToolFailure } from '../cli/tool-failure.ts';
import type { Kernel, TimedKernel } from './kernel.ts';

const WARM_UP_MS = 250;
const WARM_UP_SAMPLES = 3;
const MEASURE_MS = 1_000;
const SAMPLES_MIN = 10;
/** Longest a direct kernel may take, ms. */
const DIRECT_MS_MAX = 600_000;

/** One kernel's measurement; host time. */
export interface Measurement {
  /** Median of the samples in the kernel's unit. */
  readonly median: number;
  /** The best sample: the fastest, or the least. */
  readonly best: number;
  readonly samples: number;
  /** Whether the best sample meets the target. */
  readonly meets: boolean;
}

/** Measures one kernel. @throws what the kernel throws, and when nothing was measured. */
export function measureKernel(kernel: Kernel, signal?: AbortSignal): Measurement {
  const made = kernel.make();
  const values =
    made.kind === 'timed'
      ? timedValues(kernel, made, signal)
      : Array.from({ length: made.samples }, () => measureInFreshProcess(kernel.name, made.asWorker));
  const sorted = values.sort((left, right) => left - right);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const best = (kernel.better === 'higher' ? sorted.at(-1) : sorted[0]) ?? Number.NaN;
  const meets = kernel.better === 'higher' ? best >= kernel.target : best <= kernel.target;
  return { median, best, samples: sorted.length, meets };
}

function timedValues(kernel: Kernel, { batch, run }: TimedKernel, signal: AbortSignal | undefined): number[] {
  const values: number[] = [];
  const bench = new Bench({
    time: MEASURE_MS,
    iterations: SAMPLES_MIN,
    warmupTime: WARM_UP_MS,
    warmupIterations: WARM_UP_SAMPLES,
    timestampProvider: 'hrtimeNow',
    throws: true,
    retainSamples: true,
    ...(signal === undefined ? {} : { signal: AbortSignal.any([signal]) }),
  });
  bench.add(kernel.name, () => run(batch), { async: false });
  const [task] = bench.runSync();
  const result = task?.result;
  if (result === undefined || result.state !== 'completed') {
    throw new Error(`kernel ${kernel.name}: nothing was measured (${result?.state ?? 'no result'})`);
  }
  for (const sampleMs of result.latency.samples ?? []) {
    const nanoseconds = (sampleMs * 1e6) / batch;
    values.push(kernel.unit === 'ns' ? nanoseconds : 1e9 / nanoseconds);
  }
  return values;
}

/**
 * V8's default size of a semi-space, MB, as a least one too: on a busy machine V8 halves the young generation now and then and takes it back
 * later, which would count as 3 kB a pod.
 */
const STEADY_YOUNG_GENERATION_FLAG = '--min-semi-space-size=16';

/** One sample of a direct kernel from a process of its own. */
function measureInFreshProcess(name: string, asWorker: boolean): number {
  const flags = ['--expose-gc', asWorker ? YOUNG_GENERATION_FLAG : STEADY_YOUNG_GENERATION_FLAG];
  const text = outputOfFreshProcess('direct-process.js', name, flags);
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new ToolFailure(name, `kernel ${name}: no measurement: "${text.trim()}" is no number`);
  }
  return value;
}

/**
 * What a program of this folder prints about one kernel. @throws ToolFailure when it fails or takes longer than a kernel may.
 */
export function outputOfFreshProcess(file: string, kernel: string, flags: readonly string[]): string {
  const program = path.join(packageRoot(), 'dist', 'bench', 'kernels', file);
  const run = spawnSync(process.execPath, [...flags, program, kernel], {
    encoding: 'utf8',
    timeout: DIRECT_MS_MAX,
    maxBuffer: 1024 * 1024,
  });
  if (run.error !== undefined || run.status !== 0) {
    const cause = run.error?.message ?? (run.stderr.trim() || `it ended with ${run.signal ?? run.status}`);
    throw new ToolFailure(kernel, `kernel ${kernel}: no measurement: ${cause}`);
  }
  return run.stdout;
}
