/**
 * What a cluster looked like over one run, small enough to be drawn: the data behind the replay of a report.
 *
 * Time is cut into equal frames of virtual time. Plain data with texts instead of long arrays, so that a file of it stays
 * readable and small: 1,000 nodes over twelve virtual minutes are about 30 kB.
 */

/** Schema of replay.json: `{schema, replays}`. */
export const REPLAYS_SCHEMA = 'seatrial/replays/v1';

/** State of a node as the API shows it; its place in the list is the number in `cells`. */
export const NODE_STATES = ['absent', 'Ready', 'not Ready', 'cordoned'] as const;

/** A cell is pods × STATE_COUNT + state. */
export const STATE_COUNT = NODE_STATES.length;

/** From an instant on, a lease has this holder ('' = nobody). */
export interface LeaderChange {
  readonly timeUs: number;
  readonly holder: string;
}

/** A fault, or something that a user did, on the time line. Times are µs since the cluster was up. */
export interface ReplayFault {
  readonly id: string;
  readonly kind: string;
  /** What it hit, as names of processes; a long list is cut. */
  readonly targets: readonly string[];
  readonly targetCount: number;
  /** Nodes among the targets, as indexes into `nodes`. */
  readonly nodes: readonly number[];
  readonly beginUs: number;
  /** −1 = until the end. */
  readonly endUs: number;
}

/** One run as frames. */
export interface ClusterReplay {
  /** The scenario, or the trial and what it was done to. */
  readonly title: string;
  readonly seed: number;
  /** `pass`, `fail RS2`, `failed` …: how the run came out. */
  readonly outcome: string;
  /** The line that shows the run again. */
  readonly again: string;
  readonly frameUs: number;
  readonly frameCount: number;
  readonly endUs: number;
  /** Where faults ended, µs; −1 = not reached. */
  readonly healUs: number;
  readonly zones: readonly string[];
  readonly nodes: readonly string[];
  /** Zone of each node, an index into `zones`; '' = one zone. */
  readonly nodeZones: string;
  /** A line a node: `frame cell frame cell …`, a cell holds until the next frame that is named. */
  readonly cells: readonly string[];
  /** Most pods on one node in any frame. */
  readonly podsMax: number;
  /** Worst value in each frame, numbers with spaces between. */
  readonly pending: string;
  readonly notReadyPods: string;
  readonly readyPods: string;
  readonly notReadyNodes: string;
  /** By lease name: who led. */
  readonly leaders: Readonly<Record<string, readonly LeaderChange[]>>;
  readonly faults: readonly ReplayFault[];
  /** Key instants in order. */
  readonly timeline: readonly { readonly timeUs: number; readonly what: string }[];
}
