/**
 * PodTopologySpread, ScheduleAnyway part (Kubernetes 1.34): fewer matching pods in a node's domains score higher, domains of
 * rare keys weighing less. The terms are the pod's own or the profile's defaults. Cost: O(nodes) a term.
 */
import { naturalLog } from '../../base/natural-log.ts';
import type { PodTopologySpreadArgs } from '../configuration/plugin-arguments.ts';
import { HOSTNAME } from '../framework/spread-constraints.ts';
import { hasAllKeys, isIncluded } from '../nodes/spread-inclusion.ts';
import type { SpreadTerm } from '../pods/pod-shape.ts';
import { IGNORED_SCORE, type Normalizer, type PodRequest, type ScorePlugin, type Snapshot } from './plugin.ts';

/** Logarithms of the sizes seen, by size. */
const logarithms: number[] = [];

const NO_TERMS: readonly SpreadTerm[] = [];

/** Score by how few matching pods a node's domains hold. */
export class PodTopologySpreadScorePlugin implements ScorePlugin {
  readonly name = 'PodTopologySpread';
  readonly normalizer: Normalizer = 'spread';
  readonly #args: PodTopologySpreadArgs;
  #terms: readonly SpreadTerm[] = [];
  #needsAllKeys = true;

  constructor(args: PodTopologySpreadArgs) {
    this.#args = args;
  }

  prepare(request: PodRequest, snapshot: Snapshot): boolean {
    this.#terms = this.termsOf(request, snapshot);
    this.#needsAllKeys = this.needsAllKeys(request);
    return this.#terms.length > 0;
  }

  inPlay(request: PodRequest, snapshot: Snapshot): boolean {
    return this.termsOf(request, snapshot).length > 0;
  }

  /** Whether nodes without one of the keys are left out: not under the system defaults. */
  needsAllKeys({ podClass }: PodRequest): boolean {
    return podClass.shape.hasOwnSpread || !this.#args.systemDefaulted;
  }

  /** The terms that score a pod; empty when it has none. */
  termsOf({ podClass, pod }: PodRequest, { defaultSpread }: Snapshot): readonly SpreadTerm[] {
    if (podClass.shape.hasOwnSpread) return podClass.terms?.softSpread ?? NO_TERMS;
    if (pod === undefined) return NO_TERMS;
    return defaultSpread.termsOf(pod, podClass.group, this.#args.defaultConstraints, 'ScheduleAnyway');
  }

  score(request: PodRequest, snapshot: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const { nodes, counts } = snapshot;
    const terms = this.#terms;
    const columns = terms.map(({ key }) => nodes.topology(key).values);
    const perNode = terms.map(({ counter }) => counts.perNode(counter));
    const scored = this.#needsAllKeys ? countWithAllKeys(columns, slots, count) : count;
    const weights = terms.map(({ key }, t) =>
      logarithm((key === HOSTNAME ? scored : this.#domainCount(columns, t, slots, count)) + 2),
    );
    const sums = terms.map((term, t) => (term.key === HOSTNAME ? null : this.#sums(request, snapshot, columns, t)));
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (this.#needsAllKeys && !hasAllKeys(columns, slot)) {
        out[i] = IGNORED_SCORE;
        continue;
      }
      let sum = 0;
      for (let t = 0; t < terms.length; t++) {
        const value = (columns[t] as Int32Array)[slot] as number;
        if (value < 0) continue;
        const domain = sums[t];
        const matching = domain === null || domain === undefined ? (perNode[t] as Int32Array)[slot] : domain[value];
        sum += (matching ?? 0) * (weights[t] as number) + ((terms[t] as SpreadTerm).maxSkew - 1);
      }
      out[i] = Math.round(sum);
    }
  }

  /** Different values of a key among the nodes that are scored; nodes without it share one more. */
  #domainCount(columns: readonly Int32Array[], t: number, slots: Int32Array, count: number): number {
    const values = columns[t] as Int32Array;
    const seen = new Set<number>();
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (!this.#needsAllKeys || hasAllKeys(columns, slot)) seen.add(values[slot] as number);
    }
    return seen.size;
  }

  /** Matching pods by value id over all nodes that the term includes. */
  #sums(request: PodRequest, snapshot: Snapshot, columns: readonly Int32Array[], t: number): Float64Array {
    const { nodes, counts } = snapshot;
    const term = this.#terms[t] as SpreadTerm;
    const { shape } = request.podClass;
    const values = columns[t] as Int32Array;
    const matching = counts.perNode(term.counter);
    const sums = new Float64Array(nodes.topology(term.key).valueCount);
    const list = nodes.order.list;
    for (let i = 0; i < nodes.nodeCount; i++) {
      const slot = list[i] as number;
      const value = values[slot] as number;
      if (value < 0 || (matching[slot] ?? 0) === 0) continue;
      if (this.#needsAllKeys && !hasAllKeys(columns, slot)) continue;
      if (!isIncluded(term, shape, nodes, slot)) continue;
      sums[value] = (sums[value] as number) + (matching[slot] as number);
    }
    return sums;
  }
}

function countWithAllKeys(columns: readonly Int32Array[], slots: Int32Array, count: number): number {
  let found = 0;
  for (let i = 0; i < count; i++) if (hasAllKeys(columns, slots[i] as number)) found++;
  return found;
}

/** ln(size), remembered by size. */
export function logarithm(size: number): number {
  logarithms[size] ??= naturalLog(size);
  return logarithms[size];
}
