/**
 * The runs of a workload before the one that is measured. Compilation goes by how often a function has run: after one run of a fraction of a second
 * a tenth of the next one's time is still spent on code that is compiled only then. Longer workloads are done with it in their first run.
 */
import type { HostClock } from './collector.ts';
import type { WorkloadResult } from './run-workload.ts';

/** Most runs, and host time in s after which no other one begins. */
const RUNS_MAX = 3;
const ENOUGH_S = 3;

/** Runs a workload until its code is compiled; the last run's result where its time was over, null otherwise. */
export async function warmUp(
  run: () => Promise<WorkloadResult>,
  hostNow: HostClock,
  signal: AbortSignal,
): Promise<WorkloadResult | null> {
  const startS = hostNow();
  for (let runs = 0; runs < RUNS_MAX && (runs === 0 || hostNow() - startS < ENOUGH_S); runs++) {
    const result = await run();
    if (result.timedOut) return result;
    if (signal.aborted) return null;
  }
  return null;
}
