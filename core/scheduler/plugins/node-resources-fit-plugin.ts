/**
 * NodeResourcesFit (Kubernetes 1.34): the pod count and every requested resource must fit into what is left; scores by the
 * profile's strategy.
 */
import { isExtendedResource } from '../../types/dns-names.ts';
import { type Diagnosis, UNRESOLVABLE, UNSCHEDULABLE } from '../choice/diagnosis.ts';
import type { NodeResourcesFitArgs } from '../configuration/plugin-arguments.ts';
import type { ScoringStrategy } from '../configuration/profile.ts';
import { type ScoringFunction, scoringFunctionOf } from '../framework/resource-scores.ts';
import { NON_ZERO_CPU, ROW } from '../nodes/node-table.ts';
import { CPU, FIRST_EXTENDED, MEMORY, PODS, type ResourceNames } from '../nodes/resource-names.ts';
import { requestOf } from '../nodes/resource-vector.ts';
import type { FilterPlugin, Normalizer, PodRequest, ScorePlugin, Snapshot } from './plugin.ts';

const NO_REASONS: readonly string[] = [];

/** Filter and score on resources. */
export class NodeResourcesFitPlugin implements FilterPlugin, ScorePlugin {
  readonly name = 'NodeResourcesFit';
  readonly normalizer: Normalizer = 'none';
  readonly #args: NodeResourcesFitArgs;
  readonly #scoring: ScoringFunction;
  readonly #ignoresAny: boolean;
  /** Lists of reasons by a shorter one and the resource that is lacking besides. */
  readonly #longer = new WeakMap<readonly string[], Map<number, readonly string[]>>();

  constructor(args: NodeResourcesFitArgs) {
    this.#args = args;
    this.#scoring = scoringFunctionOf(args.scoringStrategy);
    this.#ignoresAny = args.ignoredResources.length + args.ignoredResourceGroups.length > 0;
  }

  prepare(): boolean {
    return true;
  }

  filter(
    request: PodRequest,
    { nodes }: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const { resources, amounts } = request.podClass.shape.vector;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      let fits = nodes.requestedOf(slot, PODS) + 1 <= nodes.allocatableOf(slot, PODS);
      for (let r = 0; fits && r < amounts.length; r++) {
        const id = resources[r] as number;
        fits = !nodes.lacks(slot, id, amounts[r] as number);
        if (!fits && this.#ignoresAny) fits = this.#ignores(nodes.resources.nameOf(id));
      }
      if (fits) slots[kept++] = slot;
      else if (!diagnosis.silent) this.#reject(request, { nodes }, slot, diagnosis, index);
    }
    return kept;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const vector = request.podClass.shape.vector;
    const ids = this.#args.scoringStrategy.resources.map(({ name }) => nodes.resources.intern(name));
    const pod = ids.map((id) =>
      id === CPU ? vector.scoreCpu : id === MEMORY ? vector.scoreMemory : requestOf(vector, id),
    );
    const requested: number[] = ids.map(() => 0);
    const allocatable: number[] = ids.map(() => 0);
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      for (let r = 0; r < ids.length; r++) {
        const id = ids[r] as number;
        const amount = pod[r] as number;
        const used =
          id <= MEMORY ? (nodes.rows[slot * ROW + NON_ZERO_CPU + id] as number) : nodes.requestedOf(slot, id);
        requested[r] = used + amount;
        const scored = id < FIRST_EXTENDED || amount > 0;
        allocatable[r] = scored ? nodes.allocatableOf(slot, id) : 0;
        if (scored && allocatable[r] === 0 && nodes.deviceStock?.standsFor(id) === true) {
          const devices = nodes.deviceStock.totals(slot, id);
          requested[r] = devices.allocated + amount;
          allocatable[r] = devices.allocatable;
        }
      }
      out[i] = this.#scoring(requested, allocatable);
    }
  }

  #ignores(name: string): boolean {
    if (!isExtendedResource(name)) return false;
    const { ignoredResources, ignoredResourceGroups } = this.#args;
    return ignoredResources.includes(name) || ignoredResourceGroups.includes(name.slice(0, name.indexOf('/')));
  }

  #reject(
    request: PodRequest,
    { nodes }: Pick<Snapshot, 'nodes'>,
    slot: number,
    diagnosis: Diagnosis,
    index: number,
  ): void {
    const { resources, amounts } = request.podClass.shape.vector;
    let reasons = NO_REASONS;
    let code = UNSCHEDULABLE;
    const isFull = nodes.requestedOf(slot, PODS) + 1 > nodes.allocatableOf(slot, PODS);
    if (isFull) reasons = this.#with(reasons, PODS, nodes.resources);
    for (let r = 0; r < amounts.length; r++) {
      const id = resources[r] as number;
      const amount = amounts[r] as number;
      if (!nodes.lacks(slot, id, amount)) continue;
      if (this.#ignoresAny && this.#ignores(nodes.resources.nameOf(id))) continue;
      reasons = this.#with(reasons, id, nodes.resources);
      if (amount > nodes.allocatableOf(slot, id)) code = UNRESOLVABLE;
    }
    diagnosis.reject(slot, index, code, diagnosis.reasonSet(reasons));
  }

  /** Reasons and a lack of one resource more: the same list each time, since thousands of nodes have the same. */
  #with(reasons: readonly string[], resource: number, names: ResourceNames): readonly string[] {
    let longer = this.#longer.get(reasons);
    if (longer === undefined) {
      longer = new Map();
      this.#longer.set(reasons, longer);
    }
    let list = longer.get(resource);
    if (list === undefined) {
      list = [...reasons, resource === PODS ? 'Too many pods' : `Insufficient ${names.nameOf(resource)}`];
      longer.set(resource, list);
    }
    return list;
  }
}

/** Score 0 … 100 of one resource; `capacity` is positive. */
export function resourceScore(strategy: ScoringStrategy, requested: number, capacity: number): number {
  if (strategy === 'MostAllocated') return Math.floor((Math.min(requested, capacity) * 100) / capacity);
  return requested > capacity ? 0 : Math.floor(((capacity - requested) * 100) / capacity);
}
