/**
 * What a pod's resources, devices and host ports say of a node, and the scores that read the node's own row: the part of a total that one node's
 * change moves.
 */
import type { Diagnosis } from '../choice/diagnosis.ts';
import type { Profile } from '../configuration/profile.ts';
import { GpuSharePlugin } from '../plugins/gpu-share-plugin.ts';
import type { PluginSet, WeightedScore } from '../plugins/index.ts';
import { NodePortsPlugin } from '../plugins/node-ports-plugin.ts';
import { NodeResourcesFitPlugin } from '../plugins/node-resources-fit-plugin.ts';
import type { FilterPlugin, PodRequest, Snapshot } from '../plugins/plugin.ts';
import type { PodShape } from '../pods/pod-shape.ts';
import { kernelCovers, ResourceKernel } from './resource-kernel.ts';

/** Judges nodes for pods of one shape. */
export interface RowEvaluator {
  /** Writes for each of the `count` slots from index `from` on the sum of the weighted scores of its row, −1 where the pod does not fit. */
  evaluate(request: PodRequest, slots: Int32Array, from: number, count: number, out: Int32Array): void;
}

/** The evaluators of a profile; `rowScores` are the scores that read nothing but the node's row. */
export class RowEvaluators {
  readonly #snapshot: Snapshot;
  readonly #profile: Profile;
  readonly #fit: readonly FilterPlugin[];
  /** Devices and host ports: pods without pay for neither. */
  readonly #rare: readonly (GpuSharePlugin | NodePortsPlugin)[];
  readonly #scores: readonly WeightedScore[];
  readonly #silent: Diagnosis;
  readonly #byShape = new Map<number, RowEvaluator>();

  constructor(
    snapshot: Snapshot,
    { filters }: PluginSet,
    scores: readonly WeightedScore[],
    profile: Profile,
    silent: Diagnosis,
  ) {
    this.#snapshot = snapshot;
    this.#profile = profile;
    this.#scores = scores;
    this.#silent = silent;
    this.#fit = filters.filter((plugin) => plugin instanceof NodeResourcesFitPlugin);
    this.#rare = filters.filter((plugin) => plugin instanceof GpuSharePlugin || plugin instanceof NodePortsPlugin);
  }

  /** The evaluator of a request's shape. */
  of(request: PodRequest): RowEvaluator {
    const { shape } = request.podClass;
    const known = this.#byShape.get(shape.id);
    if (known !== undefined) return known;
    const made = this.#make(request, shape);
    this.#byShape.set(shape.id, made);
    return made;
  }

  #make(request: PodRequest, shape: PodShape): RowEvaluator {
    const inPlay = this.#rare.filter((plugin) => plugin.prepare(request));
    if (!kernelCovers(this.#profile) || this.#profile.policy !== undefined) {
      return new PluginRows(this.#snapshot, [...this.#fit, ...inPlay], this.#scores, this.#silent);
    }
    const kernel = new ResourceKernel(this.#snapshot.nodes, this.#profile, shape);
    return inPlay.length === 0 ? kernel : new FilteredRows(this.#snapshot, inPlay, this.#silent, kernel);
  }
}

/** Nodes that a filter rejects are infeasible. */
class FilteredRows implements RowEvaluator {
  readonly #snapshot: Snapshot;
  readonly #filters: readonly FilterPlugin[];
  readonly #silent: Diagnosis;
  readonly #inner: RowEvaluator;
  readonly #one = new Int32Array(1);

  constructor(snapshot: Snapshot, filters: readonly FilterPlugin[], silent: Diagnosis, inner: RowEvaluator) {
    this.#snapshot = snapshot;
    this.#filters = filters;
    this.#silent = silent;
    this.#inner = inner;
  }

  evaluate(request: PodRequest, slots: Int32Array, from: number, count: number, out: Int32Array): void {
    this.#inner.evaluate(request, slots, from, count, out);
    const one = this.#one;
    for (const filter of this.#filters) {
      for (let i = 0; i < count; i++) {
        one[0] = slots[from + i] as number;
        if (out[i] !== -1 && filter.filter(request, this.#snapshot, one, 1, this.#silent, 0) === 0) out[i] = -1;
      }
    }
  }
}

/** Scratch space of the evaluation through plugins. */
let fitting = new Int32Array(1024);
let places = new Int32Array(1024);
let column = new Float64Array(1024);

/** The same through the plugins, for policies and for profiles with other resources. Only nodes that fit are scored. */
class PluginRows implements RowEvaluator {
  readonly #snapshot: Snapshot;
  readonly #filters: readonly FilterPlugin[];
  readonly #scores: readonly WeightedScore[];
  readonly #silent: Diagnosis;

  constructor(
    snapshot: Snapshot,
    filters: readonly FilterPlugin[],
    scores: readonly WeightedScore[],
    silent: Diagnosis,
  ) {
    this.#snapshot = snapshot;
    this.#filters = filters;
    this.#scores = scores;
    this.#silent = silent;
  }

  evaluate(request: PodRequest, slots: Int32Array, from: number, count: number, out: Int32Array): void {
    const snapshot = this.#snapshot;
    if (column.length < count) {
      fitting = new Int32Array(count * 2);
      places = new Int32Array(count * 2);
      column = new Float64Array(count * 2);
    }
    for (let i = 0; i < count; i++) fitting[i] = slots[from + i] as number;
    let kept = count;
    for (const filter of this.#filters) {
      if (filter.prepare(request, snapshot, this.#silent, 0))
        kept = filter.filter(request, snapshot, fitting, kept, this.#silent, 0);
    }
    // Filters keep the order, so one walk finds where the survivors stood; a slot may stand there twice.
    for (let i = 0, found = 0; i < count; i++) {
      const survives = found < kept && fitting[found] === slots[from + i];
      out[i] = survives ? 0 : -1;
      if (survives) places[found++] = i;
    }
    for (const { plugin, weight } of this.#scores) {
      if (!plugin.prepare(request, snapshot)) continue;
      plugin.score(request, snapshot, fitting, kept, column);
      for (let i = 0; i < kept; i++) {
        const place = places[i] as number;
        out[place] = (out[place] as number) + weight * (column[i] as number);
      }
    }
  }
}
