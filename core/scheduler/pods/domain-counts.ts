/**
 * Pods by topology domain: how many match a term in each value of its key, over the nodes that the term counts, and the smallest of these figures.
 *
 * Cost: O(1) a change; the minimum is followed in a histogram of the figures, so that a domain a node (5,000 of them) costs no more than three zones.
 */
import { growInt32 } from '../../base/grow.ts';

/** Matching pods by value id. */
export class DomainCounts {
  /** By value id; 0 for a value that no counted node has. */
  readonly counts: Int32Array;
  /** Sum over all domains. */
  total = 0;
  /** Domains: values that at least one counted node has. */
  domainCount = 0;
  readonly #isDomain: Uint8Array;
  /** Domains by their figure. */
  #histogram = new Int32Array(16);
  #least = 0;

  constructor(valueCount: number) {
    this.counts = new Int32Array(valueCount);
    this.#isDomain = new Uint8Array(valueCount);
  }

  /** A node with this value counts. Only before the first {@link add}. */
  include(value: number): void {
    if (this.#isDomain[value] === 1) return;
    this.#isDomain[value] = 1;
    this.domainCount++;
    this.#histogram[0] = (this.#histogram[0] as number) + 1;
  }

  /** The pods of a counted node with this value became more by `change` (or fewer). */
  add(value: number, change: number): void {
    const before = this.counts[value] as number;
    const after = before + change;
    this.counts[value] = after;
    this.total += change;
    if (after >= this.#histogram.length) this.#histogram = growInt32(this.#histogram, after * 2);
    const histogram = this.#histogram;
    histogram[before] = (histogram[before] as number) - 1;
    histogram[after] = (histogram[after] as number) + 1;
    if (after < this.#least) this.#least = after;
  }

  /** The smallest figure of a domain; 0 without domains. */
  get least(): number {
    if (this.domainCount === 0) return 0;
    while (this.#histogram[this.#least] === 0) this.#least++;
    return this.#least;
  }
}
