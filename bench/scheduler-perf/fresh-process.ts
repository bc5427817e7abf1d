/**
 * Has workloads measured in processes of their own.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { packageRoot } from '../cli/package-info.ts';
import { ToolFailure } from '../cli/tool-failure.ts';
import type { WorkloadResult } from './run/run-workload.ts';

/** What such a process is told. */
export interface MeasuringTask {
  /** Absolute path of the configuration, and where the workload stands in it. */
  readonly file: string;
  readonly caseIndex: number;
  readonly workloadIndex: number;
  readonly seed: number;
  /** Host time that both runs may take together, s; 0 = any. */
  readonly timeoutS: number;
}

/**
 * The semi-spaces of the young generation, MB, from the beginning: all that a phase makes stays alive, and each collection meanwhile copies what
 * came since the last. Measured by turns on workloads of 0.1 to 0.5 s, with the two collections before the second run, against 64 MB and one: 51.3
 * instead of 43.9 times the threshold with SchedulingDeletedPodsWithFinalizers, 58.9 and 51.4 with SchedulingDaemonset, 58.9 and 56.0 with
 * SchedulingWithMixedChurn, 37.2 and 37.7 with PreemptionAsync. With 256 MB V8 begins a full collection as a run begins.
 */
const SEMI_SPACE_MB = 128;
const FLAGS = ['--expose-gc', `--min-semi-space-size=${SEMI_SPACE_MB}`, `--max-semi-space-size=${SEMI_SPACE_MB}`];
/** Longest that a process prints: latencies of some ten million pods. */
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/** What the run that counts gave; null when `signal` ended it. @throws ToolFailure when the process fails. */
export function measureInFreshProcess(
  name: string,
  task: MeasuringTask,
  signal: AbortSignal,
): Promise<WorkloadResult | null> {
  const program = path.join(packageRoot(), 'dist', 'bench', 'scheduler-perf', 'workload-process.js');
  const options = { maxBuffer: OUTPUT_BYTES_MAX, signal };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...FLAGS, program, JSON.stringify(task)], options, (error, output, complaint) => {
      if (error === null) return resolve(JSON.parse(output) as WorkloadResult);
      const cause = complaint.trim() || (error.signal ? `its process ended with ${error.signal}` : error.message);
      const failure = new ToolFailure(name, `workload ${name}: no measurement: ${cause}`);
      // Ctrl-C in a terminal ends the process as well, perhaps before we hear of it ourselves.
      setImmediate(() => (signal.aborted ? resolve(null) : reject(failure)));
    });
  });
}
