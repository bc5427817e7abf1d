/**
 * PodTopologySpread, DoNotSchedule part (Kubernetes 1.34): with the pod on the node, the number of matching pods in the node's
 * domain may exceed the smallest domain by at most maxSkew. Cost: O(nodes) for pods with constraints.
 */

import { type Diagnosis, UNRESOLVABLE, UNSCHEDULABLE } from '../choice/diagnosis.ts';
import type { PodTopologySpreadArgs } from '../configuration/plugin-arguments.ts';
import { hasAllKeys, isIncluded } from '../nodes/spread-inclusion.ts';
import type { SpreadTerm } from '../pods/pod-shape.ts';
import type { FilterPlugin, PodRequest, Snapshot } from './plugin.ts';

const MISSING = ["node(s) didn't match pod topology spread constraints (missing required label)"];
const SKEWED = ["node(s) didn't match pod topology spread constraints"];

const NO_TERMS: readonly SpreadTerm[] = [];

interface Domains {
  /** Matching pods by value id, −1 where no counted node has the value. */
  readonly counts: Float64Array;
  /** The global minimum, 0 while there are fewer than minDomains domains. */
  readonly minimum: number;
}

/** Filter on hard spread constraints. */
export class PodTopologySpreadPlugin implements FilterPlugin {
  readonly name = 'PodTopologySpread';
  readonly #args: PodTopologySpreadArgs;
  #terms: readonly SpreadTerm[] = [];
  #domains: Domains[] = [];

  constructor(args: PodTopologySpreadArgs) {
    this.#args = args;
  }

  prepare(request: PodRequest, snapshot: Snapshot): boolean {
    const spread = this.termsOf(request, snapshot);
    this.#terms = spread;
    if (spread.length === 0) return false;
    this.#domains = spread.map((term) => countDomains(term, spread, request, snapshot));
    return true;
  }

  inPlay(request: PodRequest, snapshot: Snapshot): boolean {
    return this.termsOf(request, snapshot).length > 0;
  }

  /** The terms that filter for a pod: its own or the profile's defaults. */
  termsOf({ podClass, pod }: PodRequest, { defaultSpread }: Snapshot): readonly SpreadTerm[] {
    if (podClass.shape.hasOwnSpread) return podClass.terms?.spread ?? NO_TERMS;
    if (pod === undefined) return NO_TERMS;
    return defaultSpread.termsOf(pod, podClass.group, this.#args.defaultConstraints, 'DoNotSchedule');
  }

  filter(
    _request: PodRequest,
    { nodes }: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const spread = this.#terms;
    const columns = spread.map((term) => nodes.topology(term.key).values);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      let verdict = 0;
      for (let c = 0; verdict === 0 && c < spread.length; c++) {
        const term = spread[c] as SpreadTerm;
        const value = (columns[c] as Int32Array)[slot] as number;
        if (value < 0) verdict = UNRESOLVABLE;
        else if (skew(this.#domains[c] as Domains, value, term) > term.maxSkew) verdict = UNSCHEDULABLE;
      }
      if (verdict === 0) slots[kept++] = slot;
      else diagnosis.reject(slot, index, verdict, diagnosis.reasonSet(verdict === UNRESOLVABLE ? MISSING : SKEWED));
    }
    return kept;
  }
}

function skew(domains: Domains, value: number, term: SpreadTerm): number {
  return Math.max(0, domains.counts[value] as number) + term.self - domains.minimum;
}

/** Domains count only nodes that have every key of the constraints and pass the constraint's inclusion policies. */
function countDomains(
  term: SpreadTerm,
  all: readonly SpreadTerm[],
  request: PodRequest,
  { nodes, counts }: Snapshot,
): Domains {
  const shape = request.podClass.shape;
  const column = nodes.topology(term.key);
  const keys = all.map((other) => nodes.topology(other.key).values);
  const matching = counts.perNode(term.counter);
  const byValue = new Float64Array(column.valueCount).fill(-1);
  const list = nodes.order.list;
  for (let i = 0; i < nodes.nodeCount; i++) {
    const slot = list[i] as number;
    if (!hasAllKeys(keys, slot) || !isIncluded(term, shape, nodes, slot)) continue;
    const value = column.values[slot] as number;
    byValue[value] = Math.max(0, byValue[value] as number) + (matching[slot] ?? 0);
  }
  let domainCount = 0;
  let minimum = Number.POSITIVE_INFINITY;
  for (const count of byValue) {
    if (count < 0) continue;
    domainCount++;
    minimum = Math.min(minimum, count);
  }
  return { counts: byValue, minimum: domainCount === 0 || domainCount < term.minDomains ? 0 : minimum };
}
