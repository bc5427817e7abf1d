/**
 * Why nodes were rejected in one scheduling cycle: first rejecting plugin, status code and reasons per node.
 *
 * Reasons are interned as sets (most rejections of a cycle share a handful), so a rejection costs three array writes and
 * the message is built from a histogram. One object serves the cycles of a scheduler and holds the last one; an index of rejections has its own, which
 * it keeps.
 */
import { NO_NODES } from '../framework/fit-error.ts';

/** Preemption may help. */
export const UNSCHEDULABLE = 1;
/** Nothing that happens to other pods helps. */
export const UNRESOLVABLE = 2;

/** Lists of reasons by id, shared by all diagnoses of one scheduler. */
export class ReasonSets {
  readonly #lists: (readonly string[])[] = [];
  readonly #byText = new Map<string, number>();
  /** Lists that plugins give again and again. */
  readonly #byList = new WeakMap<readonly string[], number>();

  /** The id of a list of reasons. */
  idOf(reasons: readonly string[]): number {
    const known = this.#byList.get(reasons);
    if (known !== undefined) return known;
    const id = this.#idOfText(reasons);
    this.#byList.set(reasons, id);
    return id;
  }

  #idOfText(reasons: readonly string[]): number {
    const text = reasons.join('\n');
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const id = this.#lists.length;
    this.#lists.push(reasons);
    this.#byText.set(text, id);
    return id;
  }

  /** The reasons of an id. */
  listOf(id: number): readonly string[] {
    return this.#lists[id] as readonly string[];
  }
}

/** Rejections there is room for at first: most clusters of a campaign have fewer nodes. */
const ROOM_AT_FIRST = 16;

/** Reasons and codes of one cycle. */
export class Diagnosis {
  /** While true nothing is recorded: a cache asks filters for their verdict only. */
  silent = false;
  /** Nodes in the cluster. */
  nodeCount = 0;
  /** Message of a plugin that rejected the pod for all nodes before filtering; `''` without one. */
  preFilterMessage = '';
  /** Message of a plugin that failed, which ended the cycle; `''` when none did. */
  error = '';
  /** Nodes left out by a PreFilter result: how many, and the reason they count with. */
  excludedCount = 0;
  excludedReason = '';
  /** Number of rejected nodes recorded. */
  rejectedCount = 0;
  rejectedSlots = new Int32Array(ROOM_AT_FIRST);
  /** Index of the rejecting plugin in the profile, parallel to {@link rejectedSlots}. */
  rejectedBy = new Uint8Array(ROOM_AT_FIRST);
  codes = new Uint8Array(ROOM_AT_FIRST);
  reasonSets = new Int32Array(ROOM_AT_FIRST);
  /** Rejected nodes that preemption may help. */
  unschedulableCount = 0;
  readonly #sets: ReasonSets;
  /** Rejected nodes by id of their reasons. */
  readonly #nodesWith: number[] = [];

  /** Rejected nodes by plugin, and the plugins that rejected the pod for all nodes. */
  readonly #nodesOf = new Int32Array(32);
  #refusedBy = 0;

  constructor(sets = new ReasonSets()) {
    this.#sets = sets;
  }

  /** Bit set of the plugins (by index in the profile) that rejected a node or the pod; 0 after an error, or without any node. */
  get rejectors(): number {
    if (this.error !== '' || this.nodeCount === 0) return 0;
    let bits = this.#refusedBy;
    for (let plugin = 0; plugin < this.#nodesOf.length; plugin++) if (this.#nodesOf[plugin] !== 0) bits |= 1 << plugin;
    return bits;
  }

  /** Starts a cycle. */
  reset(nodeCount: number): void {
    this.nodeCount = nodeCount;
    this.preFilterMessage = '';
    this.error = '';
    this.excludedCount = 0;
    this.excludedReason = '';
    this.rejectedCount = 0;
    this.unschedulableCount = 0;
    this.#nodesWith.fill(0);
    this.#nodesOf.fill(0);
    this.#refusedBy = 0;
  }

  /** The id of a list of reasons. */
  reasonSet(reasons: readonly string[]): number {
    return this.#sets.idOf(reasons);
  }

  /** The reasons of an id. */
  reasonsOf(set: number): readonly string[] {
    return this.#sets.listOf(set);
  }

  /** Records that a plugin rejected a node. */
  reject(slot: number, plugin: number, code: number, reasonSet: number): void {
    if (this.silent) return;
    const i = this.rejectedCount++;
    if (i >= this.rejectedSlots.length) this.#grow();
    this.rejectedSlots[i] = slot;
    this.#write(i, plugin, code, reasonSet);
  }

  /** Takes over the first record of another diagnosis with the same reason sets as the i-th of this one. */
  replace(i: number, other: Diagnosis): void {
    this.#count(i, -1);
    this.#write(i, other.rejectedBy[0] as number, other.codes[0] as number, other.reasonSets[0] as number);
  }

  #write(i: number, plugin: number, code: number, reasonSet: number): void {
    this.rejectedBy[i] = plugin;
    this.codes[i] = code;
    this.reasonSets[i] = reasonSet;
    this.#count(i, 1);
  }

  #count(i: number, sign: 1 | -1): void {
    const set = this.reasonSets[i] as number;
    while (this.#nodesWith.length <= set) this.#nodesWith.push(0);
    this.#nodesWith[set] = (this.#nodesWith[set] as number) + sign;
    const plugin = this.rejectedBy[i] as number;
    this.#nodesOf[plugin] = (this.#nodesOf[plugin] as number) + sign;
    if (this.codes[i] === UNSCHEDULABLE) this.unschedulableCount += sign;
  }

  /** Records that a plugin rejected the pod for all nodes. */
  rejectAll(plugin: number, message: string): void {
    if (this.silent) return;
    this.preFilterMessage = message;
    this.#refusedBy |= 1 << plugin;
  }

  /** Records which plugins (bits) narrowed the search to some nodes, and how many that leaves out. */
  exclude(plugins: number, count: number, reason: string): void {
    this.#refusedBy |= plugins;
    this.excludedCount = count;
    this.excludedReason = reason;
  }

  /**
   * The message of the PodScheduled condition and of the FailedScheduling event, as kube-scheduler writes it
   * (Kubernetes 1.34, `FitError`): `0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu.`
   */
  message(): string {
    if (this.nodeCount === 0) return NO_NODES;
    if (this.error !== '') return this.error;
    const head = `0/${this.nodeCount} nodes are available:`;
    if (this.preFilterMessage !== '') return `${head} ${this.preFilterMessage}.`;
    const counts = new Map<string, number>();
    this.#nodesWith.forEach((nodes, set) => {
      if (nodes === 0) return;
      for (const reason of this.reasonsOf(set)) counts.set(reason, (counts.get(reason) ?? 0) + nodes);
    });
    if (this.excludedCount > 0)
      counts.set(this.excludedReason, (counts.get(this.excludedReason) ?? 0) + this.excludedCount);
    const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
    return parts.length === 0 ? head : `${head} ${parts.join(', ')}.`;
  }

  #grow(): void {
    const length = this.rejectedSlots.length * 2;
    const slots = new Int32Array(length);
    const sets = new Int32Array(length);
    const by = new Uint8Array(length);
    const codes = new Uint8Array(length);
    slots.set(this.rejectedSlots);
    sets.set(this.reasonSets);
    by.set(this.rejectedBy);
    codes.set(this.codes);
    this.rejectedSlots = slots;
    this.reasonSets = sets;
    this.rejectedBy = by;
    this.codes = codes;
  }
}
