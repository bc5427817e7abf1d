/**
 * What a fault does when it begins and when it ends, with its targets decided, and what it has really done.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { Commit } from './world.ts';

/** How often a fault made a difference. */
export interface FaultDone {
  readonly count: number;
  /** What is counted: `requests refused`. */
  readonly what: string;
  /** How much of it API servers refused for good, and what they said first. */
  readonly refused?: { readonly count: number; readonly message: string };
  /** Ids of the faults that had taken its targets away when it began, where it did nothing. */
  readonly takenBy?: readonly string[];
  /** Numbers of what a fault with a share hit, from 1 since it began, by the plan's field for exactly these: `lost`. */
  readonly hits?: Readonly<Record<string, readonly number[]>>;
}

export interface FaultEffect {
  begin(cluster: Cluster): void;
  end(cluster: Cluster): void;
  /** What it has done so far, or did until it ended. A count of 0 is a fault that tested nothing. */
  done(cluster: Cluster): FaultDone;
  /** What of it still stands after its end, a sentence each: what is wrong because of it is no fault of the cluster. */
  left?(): readonly string[];
  /** Whether a commit is a write of the fault itself, made or taken back: what that breaks, nobody in the cluster has broken. */
  wrote?(commit: Commit): boolean;
}
