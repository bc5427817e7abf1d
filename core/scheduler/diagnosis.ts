/**
 * Why nodes were rejected in one scheduling cycle: first rejecting plugin, status code and reasons per node.
 *
 * Reasons are interned as sets (most rejections of a cycle share a handful), so a rejection costs three array writes and
 * the message is built from a histogram. One object serves all cycles of a scheduler; it holds the last cycle.
 */

/** Preemption may help. */
export const UNSCHEDULABLE = 1;
/** Nothing that happens to other pods helps. */
export const UNRESOLVABLE = 2;

/** Reasons and codes of one cycle. */
export class Diagnosis {
  /** While true nothing is recorded: a cache asks filters for their verdict only. */
  silent = false;
  /** Nodes in the cluster. */
  nodeCount = 0;
  /** Message of a plugin that rejected the pod for all nodes before filtering; `''` without one. */
  preFilterMessage = '';
  /** Nodes left out by a PreFilter result: how many, and the reason they count with. */
  excludedCount = 0;
  excludedReason = '';
  /** Bit set of the plugins (by index in the profile) that rejected a node or the pod. */
  rejectors = 0;
  /** Number of rejected nodes recorded. */
  rejectedCount = 0;
  rejectedSlots = new Int32Array(256);
  /** Index of the rejecting plugin in the profile, parallel to {@link rejectedSlots}. */
  rejectedBy = new Uint8Array(256);
  codes = new Uint8Array(256);
  reasonSets = new Int32Array(256);
  readonly #sets: (readonly string[])[] = [];
  readonly #bySet = new Map<string, number>();

  /** Starts a cycle. */
  reset(nodeCount: number): void {
    this.nodeCount = nodeCount;
    this.preFilterMessage = '';
    this.excludedCount = 0;
    this.excludedReason = '';
    this.rejectors = 0;
    this.rejectedCount = 0;
  }

  /** The id of a list of reasons. */
  reasonSet(reasons: readonly string[]): number {
    const text = reasons.join('\n');
    const known = this.#bySet.get(text);
    if (known !== undefined) return known;
    const id = this.#sets.length;
    this.#sets.push(reasons);
    this.#bySet.set(text, id);
    return id;
  }

  /** The reasons of an id. */
  reasonsOf(set: number): readonly string[] {
    return this.#sets[set] as readonly string[];
  }

  /** Records that a plugin rejected a node. */
  reject(slot: number, plugin: number, code: number, reasonSet: number): void {
    if (this.silent) return;
    const i = this.rejectedCount++;
    if (i >= this.rejectedSlots.length) this.#grow();
    this.rejectedSlots[i] = slot;
    this.rejectedBy[i] = plugin;
    this.codes[i] = code;
    this.reasonSets[i] = reasonSet;
    this.rejectors |= 1 << plugin;
  }

  /** Records that a plugin rejected the pod for all nodes. */
  rejectAll(plugin: number, message: string): void {
    if (this.silent) return;
    this.preFilterMessage = message;
    this.rejectors |= 1 << plugin;
  }

  /**
   * The message of the PodScheduled condition and of the FailedScheduling event, as kube-scheduler writes it
   * (Kubernetes 1.34, `FitError`): `0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu.`
   */
  message(): string {
    const head = `0/${this.nodeCount} nodes are available:`;
    if (this.preFilterMessage !== '') return `${head} ${this.preFilterMessage}.`;
    const counts = new Map<string, number>();
    for (let i = 0; i < this.rejectedCount; i++) {
      for (const reason of this.reasonsOf(this.reasonSets[i] as number))
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
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
