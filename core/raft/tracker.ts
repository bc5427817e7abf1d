/**
 * The group as a member sees it: its configuration, the progress of every node, and the votes of a running election.
 *
 * Always holds: nodes are visited in ascending order of id, so nothing depends on the order of a map.
 */
import { Inflights, Progress } from './progress.ts';
import { formatIds, jointCommitted, jointVote, unionIds, VOTE_WON } from './quorum.ts';
import type { ConfState } from './snapshot.ts';

/** Who is in the group; every list ascending. The configuration is joint while `outgoing` is not empty. */
export interface GroupConfig {
  readonly incoming: readonly number[];
  readonly outgoing: readonly number[];
  readonly learners: readonly number[];
  readonly learnersNext: readonly number[];
  readonly autoLeave: boolean;
}

const EMPTY: GroupConfig = { incoming: [], outgoing: [], learners: [], learnersNext: [], autoLeave: false };

/** `voters=(1 2)&&(1) learners=(3) learners_next=(2) autoleave`. */
export function formatConfig(config: GroupConfig): string {
  let text = `voters=${formatIds(config.incoming)}`;
  if (config.outgoing.length > 0) text += `&&${formatIds(config.outgoing)}`;
  if (config.learners.length > 0) text += ` learners=${formatIds(config.learners)}`;
  if (config.learnersNext.length > 0) text += ` learners_next=${formatIds(config.learnersNext)}`;
  if (config.autoLeave) text += ' autoleave';
  return text;
}

/** One line a node: `id: progress`. */
export function formatProgress(progress: ReadonlyMap<number, Progress>): string {
  const ids = [...progress.keys()].sort((a, b) => a - b);
  return ids.map((id) => `${id}: ${progress.get(id)}\n`).join('');
}

export class ProgressTracker {
  readonly maxInflight: number;
  readonly maxInflightBytes: number;
  config: GroupConfig = EMPTY;
  progress: ReadonlyMap<number, Progress> = new Map();
  /** Ids of `progress`, ascending, and their progress in the same order. */
  ids: readonly number[] = [];
  nodes: readonly Progress[] = [];
  readonly votes = new Map<number, boolean>();
  readonly #acked = (id: number): number => this.progress.get(id)?.match ?? -1;

  constructor(maxInflight: number, maxInflightBytes: number) {
    this.maxInflight = maxInflight;
    this.maxInflightBytes = maxInflightBytes;
  }

  /** Takes over a configuration and the progress that belongs to it. */
  assign(config: GroupConfig, progress: ReadonlyMap<number, Progress>): void {
    this.config = config;
    this.progress = progress;
    this.#index();
  }

  #index(): void {
    this.ids = [...this.progress.keys()].sort((a, b) => a - b);
    this.nodes = this.ids.map((id) => this.progress.get(id) as Progress);
  }

  /** Everything known of the nodes is forgotten: a new term begins with log end `lastIndex`. */
  resetProgress(self: number, lastIndex: number): void {
    const progress = new Map<number, Progress>();
    for (let i = 0; i < this.ids.length; i++) {
      const id = this.ids[i] as number;
      const old = this.nodes[i] as Progress;
      progress.set(id, new Progress(id === self ? lastIndex : 0, lastIndex + 1, old.isLearner, this.newInflights()));
    }
    this.progress = progress;
    this.#index();
  }

  newInflights(): Inflights {
    return new Inflights(this.maxInflight, this.maxInflightBytes);
  }

  get confState(): ConfState {
    const { incoming, outgoing, learners, learnersNext, autoLeave } = this.config;
    return { voters: incoming, votersOutgoing: outgoing, learners, learnersNext, autoLeave };
  }

  /** One voter, not joint: no other node has to agree. */
  get isSingleton(): boolean {
    return this.config.incoming.length === 1 && this.config.outgoing.length === 0;
  }

  /** Voters of either half, ascending. */
  get voters(): number[] {
    return unionIds(this.config.incoming, this.config.outgoing);
  }

  isVoter(id: number): boolean {
    return this.config.incoming.includes(id) || this.config.outgoing.includes(id);
  }

  /** The index that a quorum has stored. */
  committed(): number {
    return jointCommitted(this.config.incoming, this.config.outgoing, this.#acked);
  }

  /** Whether a quorum has been heard of since the last check. */
  quorumActive(): boolean {
    const active = new Map<number, boolean>();
    for (let i = 0; i < this.ids.length; i++) {
      const node = this.nodes[i] as Progress;
      if (!node.isLearner) active.set(this.ids[i] as number, node.recentActive);
    }
    return jointVote(this.config.incoming, this.config.outgoing, active) === VOTE_WON;
  }

  /** A node's first answer counts. */
  recordVote(id: number, granted: boolean): void {
    if (!this.votes.has(id)) this.votes.set(id, granted);
  }

  tally(): { readonly granted: number; readonly rejected: number; readonly result: number } {
    let granted = 0;
    let rejected = 0;
    for (let i = 0; i < this.ids.length; i++) {
      if ((this.nodes[i] as Progress).isLearner) continue;
      const vote = this.votes.get(this.ids[i] as number);
      if (vote === true) granted++;
      else if (vote === false) rejected++;
    }
    return { granted, rejected, result: jointVote(this.config.incoming, this.config.outgoing, this.votes) };
  }
}
