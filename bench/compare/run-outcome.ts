/**
 * What one run of any experiment gives: plain data, sent from the worker thread.
 */
import type { ForkResult } from './fork.ts';
import type { RunValues } from './metrics.ts';

/** Result of one run. */
export interface RunOutcome {
  readonly values: RunValues;
  /** Curves by name; equal lengths for all policies and seeds. */
  readonly curves: Readonly<Record<string, readonly number[]>>;
  /** Hash over all placements in their order. */
  readonly checksum: number;
  /** Mean number of equal best nodes a placement. */
  readonly tiesMean: number;
  /** Pods that were placed. */
  readonly placed: number;
  /** Kinds that asked for a node and never had one. */
  readonly unplaced?: readonly number[];
  /** What was found, in words. */
  readonly answer?: string;
  readonly fork?: ForkResult;
}
