/**
 * What a simulated run gives: plain data. All times are µs of virtual time; where nothing else is said, since the cluster was up.
 */

/** The result of {@link simulate}; the same bytes for the same scenario, seed and build. */
export interface SimulationResult {
  /** Name of the scenario, or of its twin. */
  readonly scenario: string;
  readonly seed: number;
  /**
   * How the system came out, before any expectation. `excused`: it did not converge, and an excuse that the scenario allows
   * explains why. `over-budget`: the budget of events was used up.
   */
  readonly verdict: 'pass' | 'excused' | 'fail' | 'over-budget';
  /** Whether that is what the scenario expects. */
  readonly asExpected: boolean;
  /** Id of the predicate that failed, or names of the excuses; '' for a pass. `seatrial list predicates` explains them. */
  readonly predicate: string;
  /** What went wrong, one sentence; '' for a pass. */
  readonly message: string;
  /** 64 hex digits over everything that happened: equal digests mean equal runs. */
  readonly digest: string;
  readonly counters: SimulationCounters;
  readonly times: SimulationTimes;
  /** Creation to Ready of each pod that became Ready, in that order. */
  readonly podStartupUs: readonly number[];
  /** How long workloads were short of Ready pods, one entry a shortfall that was made up. */
  readonly recoveryUs: readonly number[];
  /** What the faults really did. */
  readonly faults: readonly SimulationFault[];
  /** Key instants in order. */
  readonly timeline: readonly { readonly timeUs: number; readonly what: string }[];
  readonly series: SimulationSeries;
  /** By lease name: who led from when on; '' = nobody. */
  readonly leaders: Readonly<Record<string, readonly { readonly timeUs: number; readonly holder: string }[]>>;
  /** Warnings about the scenario, one sentence each. */
  readonly warnings: readonly string[];
}

/** Work done. */
export interface SimulationCounters {
  readonly events: number;
  /** Writes to the store. */
  readonly commits: number;
  readonly processes: number;
  /** Pods at the end. */
  readonly pods: number;
  /** Pods that became Ready. */
  readonly podsStarted: number;
}

/** Virtual instants; −1 = never. */
export interface SimulationTimes {
  /** How long the cluster took to come up. */
  readonly bootUs: number;
  /** When all faults were ended. */
  readonly healUs: number;
  /** Since when everything was as wanted, for good. */
  readonly convergedUs: number;
  readonly endUs: number;
}

/** One fault. */
export interface SimulationFault {
  readonly id: string;
  readonly kind: string;
  /** Names of the processes that it hit; empty = nothing was there. */
  readonly targets: readonly string[];
  /** −1 = it never began. */
  readonly beginUs: number;
  /** −1 = it lasted to the end. */
  readonly endUs: number;
}

/** Numbers over time: entry `i` is the worst value between `i × frameUs` and `(i + 1) × frameUs`. */
export interface SimulationSeries {
  readonly frameUs: number;
  /** Pods without a node; the most in each frame. */
  readonly podsPending: readonly number[];
  /** Ready pods; the fewest in each frame. */
  readonly podsReady: readonly number[];
  /** Pods on a node that are not Ready; the most in each frame. */
  readonly podsNotReady: readonly number[];
  /** Nodes that the API shows as not Ready; the most in each frame. */
  readonly nodesNotReady: readonly number[];
}
