/**
 * Directed links between processes.
 *
 * A link in its default state has no record at all: latency = base + jitter, drawn statelessly from the names of both ends and the
 * message's number on that link, so that moving or removing one process leaves every other link's draws untouched. Only
 * links that a fault or a description changed have a {@link LinkState}.
 */
import type { Picks } from './picks.ts';
import type { Pid } from './process.ts';

/** What a fault may change of a link; the meaning is that of {@link LinkState}. */
export type LinkSettings = Pick<LinkState, (typeof SETTINGS)[number]>;

const SETTINGS = [
  'latencyUs',
  'jitterUs',
  'lossPpm',
  'duplicationPpm',
  'reorderPpm',
  'bandwidthBytesPerS',
  'losses',
  'doubles',
  'overtakes',
  'delays',
] as const;

/** What differs from the default on one directed link. Ratios are parts per million. */
export class LinkState {
  /** Latency, µs; −1 = default. */
  latencyUs = -1;
  /** Uniform extra latency from 0 to this, µs; −1 = default. */
  jitterUs = -1;
  /** Datagrams are lost; on a connection a loss costs retransmissions. */
  lossPpm = 0;
  /** Datagrams arrive twice. */
  duplicationPpm = 0;
  /** Datagrams get extra latency up to ten times the base, and so overtake each other. */
  reorderPpm = 0;
  /** Bytes a second; 0 = unlimited. */
  bandwidthBytesPerS = 0;
  /** Decide and record losses, second arrivals and late ones instead of their ratio alone; shared by the links of one fault. */
  losses: Picks | null = null;
  doubles: Picks | null = null;
  overtakes: Picks | null = null;
  /** Decides and records which messages have the whole of the jitter, the others none; undecided, it records those with more than half of it. */
  delays: Picks | null = null;
  /** Messages that were dropped or had to wait because the link was cut or held; messages that took another latency than the default. */
  stopped = 0;
  slowed = 0;
  /** Messages that waited for bandwidth, came twice or were overtaken. */
  impaired = 0;
  /** Partitions that cut this link; datagrams are dropped and connections hear nothing while there is one. */
  cutCount = 0;
  /** Faults that hold this link: everything waits until release; nobody's health check is allowed to notice. */
  holdCount = 0;
  /** When the link's bandwidth is free again, µs. */
  busyUntilUs = 0;

  get cut(): boolean {
    return this.cutCount > 0;
  }

  /** Whether it carries messages as a link does that nobody ever changed. */
  get isDefault(): boolean {
    const usual = this.latencyUs < 0 && this.jitterUs < 0 && this.bandwidthBytesPerS === 0;
    const whole = this.lossPpm === 0 && this.duplicationPpm === 0 && this.reorderPpm === 0;
    const picked = this.losses !== null || this.doubles !== null || this.overtakes !== null || this.delays !== null;
    return usual && whole && !picked && !this.cut && !this.hold;
  }

  get hold(): boolean {
    return this.holdCount > 0;
  }

  /** The settings before the first of {@link #changes}. */
  #usual: LinkSettings | null = null;
  /** What faults change now, in the order in which they began. */
  #changes: Partial<LinkSettings>[] = [];

  /** Takes on what `change` names, until {@link withdraw}; where two changes name the same, the later one counts. */
  impose(change: Partial<LinkSettings>): void {
    this.#usual ??= Object.fromEntries(SETTINGS.map((name) => [name, this[name]])) as unknown as LinkSettings;
    this.#changes.push(change);
    this.#settle(this.#usual);
  }

  /** Takes back what {@link impose} got; everything else that is imposed stays. */
  withdraw(change: Partial<LinkSettings>): void {
    if (this.#usual === null) return;
    this.#changes = this.#changes.filter((one) => one !== change);
    this.#settle(this.#usual);
    if (this.#changes.length === 0) this.#usual = null;
  }

  #settle(usual: LinkSettings): void {
    Object.assign(this, usual, ...this.#changes);
  }
}

/** All non-default links by (from, to). */
export class LinkTable {
  readonly #states = new Map<number, LinkState>();

  /** The state of from → to, or null where it is the default. */
  find(from: Pid, to: Pid): LinkState | null {
    return this.#states.size === 0 ? null : (this.#states.get(from * 0x20000 + to) ?? null);
  }

  /** The state of from → to, created if it was the default. */
  of(from: Pid, to: Pid): LinkState {
    const key = from * 0x20000 + to;
    let state = this.#states.get(key);
    if (state === undefined) {
      state = new LinkState();
      this.#states.set(key, state);
    }
    return state;
  }
}
