/**
 * Measures kernels: starts their processes and sums up what they print.
 *
 * Host times: noise only ever adds to them, so the fastest sample says most about the code, and rates come from the fastest and the median
 * sample, never from an average.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { YOUNG_GENERATION_FLAG } from '../campaign/young-generation.ts';
import { packageRoot } from '../cli/package-info.ts';
import { ToolFailure } from '../cli/tool-failure.ts';
import type { ProgressWriter } from '../report/progress.ts';
import type { Kernel } from './kernel.ts';

/** Longest a process may take, ms. */
const PROCESS_MS_MAX = 600_000;

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

/** Each kernel with what `measure` gives of it, one after the other, until `signal` ends that; null of `measure`: it was ended. */
export async function* measureAll<K extends Pick<Kernel, 'name'>, M>(
  kernels: readonly K[],
  measure: (kernel: K, signal: AbortSignal) => Promise<M | null>,
  progress: ProgressWriter,
  signal: AbortSignal,
): AsyncGenerator<{ readonly kernel: K; readonly measured: M }> {
  for (const [index, kernel] of kernels.entries()) {
    if (signal.aborted) return;
    progress.update(() => `${index} of ${kernels.length}: ${kernel.name}`);
    const measured = await measure(kernel, signal);
    if (measured !== null) yield { kernel, measured };
  }
}

/**
 * Measures one kernel, each of its samples in a fresh process, or all in one where they are short; null when `signal` ended it. @throws ToolFailure.
 */
export async function measureKernel(
  { name, work, better, target }: Kernel,
  signal: AbortSignal,
): Promise<Measurement | null> {
  const values: number[] = [];
  const processes = work.kind === 'timed' ? 1 : work.samples;
  for (let i = 0; i < processes; i++) {
    const samples = await samplesOfFreshProcess(name, work.kind === 'direct' && work.asWorker, signal);
    if (samples === null) return null;
    values.push(...samples);
  }
  values.sort((left, right) => left - right);
  const median = values[Math.floor(values.length / 2)] ?? Number.NaN;
  const best = (better === 'higher' ? values.at(-1) : values[0]) ?? Number.NaN;
  const meets = better === 'higher' ? best >= target : best <= target;
  return { median, best, samples: values.length, meets };
}

/**
 * V8's default size of a semi-space, MB, as a least one too: on a busy machine V8 halves the young generation now and then and takes it back
 * later, which would count as 3 kB a pod.
 */
const STEADY_YOUNG_GENERATION_FLAG = '--min-semi-space-size=16';

/** What one process measures of a kernel; null when `signal` ended it. */
async function samplesOfFreshProcess(
  name: string,
  asWorker: boolean,
  signal: AbortSignal,
): Promise<readonly number[] | null> {
  const flags = ['--expose-gc', asWorker ? YOUNG_GENERATION_FLAG : STEADY_YOUNG_GENERATION_FLAG];
  const text = await outputOfFreshProcess('kernel-process.js', name, flags, signal);
  if (text === null) return null;
  const values = JSON.parse(text) as readonly unknown[];
  if (values.length === 0 || !values.every((value) => typeof value === 'number')) {
    throw new ToolFailure(name, `kernel ${name}: no measurement: "${text.trim()}" is no list of numbers`);
  }
  return values;
}

/**
 * What a program of this folder prints about one kernel; null when `signal` ended it. @throws ToolFailure when it fails or takes longer than a
 * kernel may.
 */
export function outputOfFreshProcess(
  file: string,
  kernel: string,
  flags: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  const program = path.join(packageRoot(), 'dist', 'bench', 'kernels', file);
  const options = { timeout: PROCESS_MS_MAX, maxBuffer: 1024 * 1024, signal };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...flags, program, kernel], options, (error, output, complaint) => {
      if (error === null) return resolve(output);
      const cause = complaint.trim() || (error.signal ? `it ended with ${error.signal}` : error.message);
      const failure = new ToolFailure(kernel, `kernel ${kernel}: no measurement: ${cause}`);
      // Ctrl-C in a terminal ends the process as well, perhaps before we hear of it ourselves.
      setImmediate(() => (signal.aborted ? resolve(null) : reject(failure)));
    });
  });
}
