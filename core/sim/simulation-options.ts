/**
 * What a run is given, and how it may end.
 */
import type { CostTable } from '../base/costs.ts';

export interface SimulationOptions {
  /** Master seed: integer from 0 to 2^53 − 1. */
  readonly seed: number;
  readonly costs?: Partial<CostTable>;
  /** Names of bug switches that are on. */
  readonly bugs?: readonly string[];
  /** Most events of the run; reaching it ends the run with a finding. */
  readonly eventsMax?: number;
  /** Seed that permutes events of equal time; absent = by process id. Recorded with the run. */
  readonly interleaving?: number;
}

/** How `Simulation.run` ended. */
export type RunEnd = 'until' | 'idle' | 'events-budget' | 'stopped';
