/**
 * Measures kernels: starts their processes and sums up what they print.
 *
 * Host times: noise only ever adds to them, so the fastest sample says most about the code, and rates come from the fastest and the median
 * sample, never from an average.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { YOUNG_GENERATION_FLAG } from '../campaign/young-generation.ts';
import { packageRoot } from '../cli/package-info.ts';
import { ToolFailure } from '../cli/tool-failure.ts';
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

/** Measures one kernel, each of its samples in a fresh process, or all in one where they are short. @throws ToolFailure. */
export function measureKernel({ name, work, better, target }: Kernel): Measurement {
  const values: number[] = [];
  const processes = work.kind === 'timed' ? 1 : work.samples;
  for (let i = 0; i < processes; i++)
    values.push(...samplesOfFreshProcess(name, work.kind === 'direct' && work.asWorker));
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

/** What one process measures of a kernel. */
function samplesOfFreshProcess(name: string, asWorker: boolean): readonly number[] {
  const flags = ['--expose-gc', asWorker ? YOUNG_GENERATION_FLAG : STEADY_YOUNG_GENERATION_FLAG];
  const text = outputOfFreshProcess('kernel-process.js', name, flags);
  const values = JSON.parse(text) as readonly unknown[];
  if (values.length === 0 || !values.every((value) => typeof value === 'number')) {
    throw new ToolFailure(name, `kernel ${name}: no measurement: "${text.trim()}" is no list of numbers`);
  }
  return values;
}

/**
 * What a program of this folder prints about one kernel. @throws ToolFailure when it fails or takes longer than a kernel may.
 */
export function outputOfFreshProcess(file: string, kernel: string, flags: readonly string[]): string {
  const program = path.join(packageRoot(), 'dist', 'bench', 'kernels', file);
  const run = spawnSync(process.execPath, [...flags, program, kernel], {
    encoding: 'utf8',
    timeout: PROCESS_MS_MAX,
    maxBuffer: 1024 * 1024,
  });
  if (run.error !== undefined || run.status !== 0) {
    const cause = run.error?.message ?? (run.stderr.trim() || `it ended with ${run.signal ?? run.status}`);
    throw new ToolFailure(kernel, `kernel ${kernel}: no measurement: ${cause}`);
  }
  return run.stdout;
}
