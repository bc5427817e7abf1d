/**
 * InterPodAffinity, required part (Kubernetes 1.34): own affinity terms, own anti-affinity terms, and the anti-affinity terms
 * of pods that are already there. Cost: O(nodes) a term for pods that have terms or are selected by one.
 */
import { type Diagnosis, UNRESOLVABLE, UNSCHEDULABLE } from '../choice/diagnosis.ts';
import type { TopologyColumn } from '../nodes/topology-columns.ts';
import type { ClassTerms } from '../pods/pod-shape.ts';
import type { FilterPlugin, PodRequest, Snapshot } from './plugin.ts';

const AFFINITY = ["node(s) didn't match pod affinity rules"];
const ANTI_AFFINITY = ["node(s) didn't match pod anti-affinity rules"];
const EXISTING = ["node(s) didn't satisfy existing pods anti-affinity rules"];

/** One key with the number of pods per value of it. */
interface Domain {
  readonly values: Int32Array;
  readonly counts: Int32Array;
}

/** Filter on required pod terms. */
export class InterPodAffinityPlugin implements FilterPlugin {
  readonly name = 'InterPodAffinity';
  #affinity: Domain[] = [];
  #anti: Domain[] = [];
  #existing: Domain[] = [];
  #anyMatch = false;

  prepare(request: PodRequest, snapshot: Snapshot): boolean {
    const terms = request.podClass.terms;
    const { nodes, counts, carried } = snapshot;
    const selecting = carried.selecting(request.podClass.group);
    if (selecting.length === 0 && (terms === null || terms.affinityKeys.length + terms.antiKeys.length === 0))
      return false;
    this.#existing = selecting.map((id) => sum(nodes.topology(carried.keyOf(id)), carried.perNode(id), snapshot));
    this.#affinity = (terms?.affinityKeys ?? []).map((key) =>
      sum(nodes.topology(key), counts.perNode((terms as ClassTerms).affinityCounter), snapshot),
    );
    this.#anti = (terms?.antiKeys ?? []).map((key, i) =>
      sum(nodes.topology(key), counts.perNode((terms as ClassTerms).antiCounters[i] as number), snapshot),
    );
    this.#anyMatch = this.#affinity.some((domain) => domain.counts.some((count) => count > 0));
    return true;
  }

  filter(
    request: PodRequest,
    _snapshot: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const mayBeFirst = !this.#anyMatch && request.podClass.terms?.matchesOwnAffinity === true;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (!satisfied(this.#affinity, slot, mayBeFirst)) {
        diagnosis.reject(slot, index, UNRESOLVABLE, diagnosis.reasonSet(AFFINITY));
      } else if (hit(this.#anti, slot)) {
        diagnosis.reject(slot, index, UNSCHEDULABLE, diagnosis.reasonSet(ANTI_AFFINITY));
      } else if (hit(this.#existing, slot)) {
        diagnosis.reject(slot, index, UNSCHEDULABLE, diagnosis.reasonSet(EXISTING));
      } else slots[kept++] = slot;
    }
    return kept;
  }
}

/** Every term finds a pod in the node's domain; the first pod of a group needs only the labels. */
function satisfied(affinity: readonly Domain[], slot: number, mayBeFirst: boolean): boolean {
  let found = true;
  for (const { values, counts } of affinity) {
    const value = values[slot] as number;
    if (value < 0) return false;
    if (counts[value] === 0) found = false;
  }
  return found || mayBeFirst;
}

function hit(domains: readonly Domain[], slot: number): boolean {
  for (const { values, counts } of domains) {
    const value = values[slot] as number;
    if (value >= 0 && (counts[value] as number) > 0) return true;
  }
  return false;
}

function sum(column: TopologyColumn, perNode: Int32Array, { nodes }: Snapshot): Domain {
  const counts = new Int32Array(column.valueCount);
  const values = column.values;
  const list = nodes.order.list;
  const nodeCount = nodes.nodeCount;
  for (let i = 0; i < nodeCount; i++) {
    const slot = list[i] as number;
    const value = values[slot] as number;
    if (value >= 0) counts[value] = (counts[value] as number) + (perNode[slot] ?? 0);
  }
  return { values, counts };
}
