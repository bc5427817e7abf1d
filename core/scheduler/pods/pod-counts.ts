/**
 * How many pods match a selector, per node: the figures behind pod (anti-)affinity and topology spread.
 *
 * A *counter* is a label selector with namespaces; it is made when a pod class first needs it, counts the pods that are
 * there, and is then kept up to date pod by pod. Cost: a pod added or removed pays one array write for each counter that
 * selects it; which those are is remembered per pod group.
 */
import { assert } from '../../base/assert.ts';
import type { Selector } from '../../types/label-selector.ts';
import type { StringMap } from '../../types/object.ts';
import type { PodGroup } from './pod-shape.ts';

/** At most so many different selectors in one scheduler. */
const MAX_COUNTERS = 1 << 16;

/** Which pods one counter counts. All `parts` must match. */
export interface CounterRule {
  readonly parts: readonly CounterPart[];
  /** Topology spread does not count pods that are being deleted. */
  readonly skipTerminating: boolean;
}

/** Namespaces (listed, or by their labels) and a label selector. */
export interface CounterPart {
  readonly namespaces: readonly string[];
  readonly namespaceSelector: Selector | null;
  readonly selector: Selector;
}

/** Labels of a namespace, an empty map for one that is not known. */
export type NamespaceLabels = (namespace: string) => StringMap;

/** Whether a pod group is in a part. */
export function partMatches(part: CounterPart, group: PodGroup, labelsOf: NamespaceLabels): boolean {
  const inNamespace =
    part.namespaces.includes(group.namespace) ||
    (part.namespaceSelector !== null && part.namespaceSelector.matches(labelsOf(group.namespace)));
  return inNamespace && part.selector.matches(group.labels);
}

/** All counters of one scheduler. */
export class PodCounts {
  /** Grows when all pods are counted anew. */
  version = 0;
  readonly #rules: CounterRule[] = [];
  readonly #byText = new Map<string, number>();
  readonly #perNode: Int32Array<ArrayBuffer>[] = [];
  readonly #byGroup: (Int32Array | undefined)[] = [];
  readonly #labelsOf: NamespaceLabels;
  #capacity = 16;

  constructor(labelsOf: NamespaceLabels) {
    this.#labelsOf = labelsOf;
  }

  /** Number of counters; ids are 0 … count − 1. */
  get count(): number {
    return this.#rules.length;
  }

  /** Id of a counter with this description, −1 when it has to be made. */
  find(text: string): number {
    return this.#byText.get(text) ?? -1;
  }

  /** Makes a counter; the caller then adds the pods that exist. */
  add(text: string, rule: CounterRule): number {
    const id = this.#rules.length;
    assert(id < MAX_COUNTERS, `more than ${MAX_COUNTERS} pod selectors in one scheduler`);
    this.#rules.push(rule);
    this.#byText.set(text, id);
    this.#perNode.push(new Int32Array(this.#capacity));
    this.#byGroup.length = 0;
    return id;
  }

  /** Pods that the counter counts, by node slot. */
  perNode(counter: number): Int32Array {
    return this.#perNode[counter] as Int32Array;
  }

  /** Whether a counter counts pods of a group. */
  selects(counter: number, group: PodGroup): boolean {
    const rule = this.#rules[counter] as CounterRule;
    return rule.parts.every((part) => partMatches(part, group, this.#labelsOf));
  }

  /** Whether a counter leaves out pods that are being deleted. */
  skipsTerminating(counter: number): boolean {
    return (this.#rules[counter] as CounterRule).skipTerminating;
  }

  /** Adds (`sign` 1) or takes off (−1) a pod of a group on a slot. */
  change(slot: number, group: PodGroup, terminating: boolean, sign: 1 | -1): void {
    if (this.#rules.length === 0) return;
    const counters = this.#byGroup[group.id] ?? this.#countersOf(group);
    for (let i = 0; i < counters.length; i++) {
      const counter = counters[i] as number;
      if (terminating && this.skipsTerminating(counter)) continue;
      this.changeOne(counter, slot, sign);
    }
  }

  /** A pod of the group on the slot has begun to terminate: counters that skip such pods let it go. */
  becomeTerminating(slot: number, group: PodGroup): void {
    const counters = this.#byGroup[group.id] ?? this.#countersOf(group);
    for (const counter of counters) if (this.skipsTerminating(counter)) this.changeOne(counter, slot, -1);
  }

  /** Changes one counter on one slot. */
  changeOne(counter: number, slot: number, sign: 1 | -1): void {
    if (slot >= this.#capacity) this.#grow(slot + 1);
    const column = this.#perNode[counter] as Int32Array;
    column[slot] = (column[slot] as number) + sign;
  }

  /** Makes room for slots below `slots` in every column. */
  reserve(slots: number): void {
    if (slots > this.#capacity) this.#grow(slots);
  }

  /** Sets all counters to zero and forgets who selects whom: the caller adds all pods again (labels of a namespace changed). */
  reset(): void {
    this.version++;
    for (const column of this.#perNode) column.fill(0);
    this.#byGroup.length = 0;
  }

  #countersOf(group: PodGroup): Int32Array {
    const list: number[] = [];
    for (let id = 0; id < this.#rules.length; id++) if (this.selects(id, group)) list.push(id);
    const counters = Int32Array.from(list);
    while (this.#byGroup.length < group.id) this.#byGroup.push(undefined);
    this.#byGroup[group.id] = counters;
    return counters;
  }

  #grow(slots: number): void {
    this.#capacity = Math.max(slots, this.#capacity * 2);
    for (let id = 0; id < this.#perNode.length; id++) {
      const column = new Int32Array(this.#capacity);
      column.set(this.#perNode[id] as Int32Array);
      this.#perNode[id] = column;
    }
  }
}
