/**
 * Pod terms that pods on nodes carry around, of one kind (Kubernetes 1.34, InterPodAffinity): required anti-affinity keeps
 * pods that it selects out of the carrier's domain, required and preferred affinity pull or push them.
 *
 * Terms are interned; a column counts how many pods with the term each node has. Cost: one write a term of the pod.
 */
import { assert } from '../../base/assert.ts';
import { type CounterPart, type NamespaceLabels, partMatches } from './pod-counts.ts';
import type { PodGroup } from './pod-shape.ts';

/** At most so many different terms of a kind in one scheduler. */
const MAX_CARRIED_TERMS = 1 << 16;

interface Carried {
  readonly part: CounterPart;
  readonly topologyKey: string;
  readonly weight: number;
}

/** Terms that select the pods of a group, as of a version. */
interface Selecting {
  readonly version: number;
  readonly list: readonly number[];
}

/** All terms of one kind seen, with their counts. */
export class CarriedTerms {
  /** Grows when a term gets its first pod, loses its last, or when who it selects may have changed. */
  version = 0;
  readonly #terms: Carried[] = [];
  readonly #byText = new Map<string, number>();
  readonly #perNode: Int32Array<ArrayBuffer>[] = [];
  readonly #totals: number[] = [];
  readonly #labelsOf: NamespaceLabels;
  /** By group id. */
  readonly #byGroup: (Selecting | undefined)[] = [];
  #active = 0;

  constructor(labelsOf: NamespaceLabels) {
    this.#labelsOf = labelsOf;
  }

  /** The id of a term, a new one when `text` is new. Preferred terms have a weight, negative for anti-affinity. */
  intern(text: string, part: CounterPart, topologyKey: string, weight = 0): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const id = this.#terms.length;
    assert(id < MAX_CARRIED_TERMS, `more than ${MAX_CARRIED_TERMS} pod terms in one scheduler`);
    this.#terms.push({ part, topologyKey, weight });
    this.#byText.set(text, id);
    this.#perNode.push(new Int32Array(16));
    this.#totals.push(0);
    return id;
  }

  /** Adds or takes off a pod that carries these terms. */
  change(slot: number, ids: readonly number[], sign: 1 | -1): void {
    for (const id of ids) {
      let column = this.#perNode[id] as Int32Array<ArrayBuffer>;
      if (slot >= column.length) {
        const grown = new Int32Array(Math.max(slot + 1, column.length * 2));
        grown.set(column);
        this.#perNode[id] = grown;
        column = grown;
      }
      column[slot] = (column[slot] as number) + sign;
      const total = (this.#totals[id] as number) + sign;
      this.#totals[id] = total;
      if (total === 0 || (total === 1 && sign === 1)) {
        this.#active += sign;
        this.version++;
      }
    }
  }

  /** Whether any pod on a node carries a term. */
  get any(): boolean {
    return this.#active > 0;
  }

  /** Namespace labels changed: answers of {@link selecting} may differ. */
  invalidate(): void {
    this.version++;
  }

  /** Whether a term selects pods of this group, whoever carries it. */
  selects(id: number, group: PodGroup): boolean {
    return partMatches((this.#terms[id] as Carried).part, group, this.#labelsOf);
  }

  /** Terms with at least one pod that select a pod of this group. The same array until {@link version} changes. */
  selecting(group: PodGroup): readonly number[] {
    if (this.#active === 0) return NONE;
    const known = this.#byGroup[group.id];
    if (known !== undefined && known.version === this.version) return known.list;
    const list: number[] = [];
    for (let id = 0; id < this.#terms.length; id++) {
      if ((this.#totals[id] as number) > 0 && partMatches((this.#terms[id] as Carried).part, group, this.#labelsOf))
        list.push(id);
    }
    while (this.#byGroup.length <= group.id) this.#byGroup.push(undefined);
    this.#byGroup[group.id] = { version: this.version, list };
    return list;
  }

  /** Pods with the term, by node slot; shorter than the table when the last nodes have none. */
  perNode(id: number): Int32Array {
    return this.#perNode[id] as Int32Array;
  }

  /** Weight of a preferred term. */
  weightOf(id: number): number {
    return (this.#terms[id] as Carried).weight;
  }

  /** Topology key of a term. */
  keyOf(id: number): string {
    return (this.#terms[id] as Carried).topologyKey;
  }
}

const NONE: readonly number[] = [];
