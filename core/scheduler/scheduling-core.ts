/**
 * The scheduler's pure core: node table, pods on nodes, shapes, and the choice of a node. No queue, no clock, no messages.
 *
 * `select` uses cached totals where it can and the plain path otherwise; both give the same node for the same draws. A
 * failed cycle always ends on the plain path, so that {@link SchedulingCore.diagnosis} says why.
 */
import type { Node } from '../types/node.ts';
import type { StringMap } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { CachedPath } from './cached-path.ts';
import { CarriedTerms } from './carried-terms.ts';
import { ClassTermsCompiler } from './class-terms.ts';
import { Diagnosis } from './diagnosis.ts';
import { NodeTable } from './node-table.ts';
import { PlainPath } from './plain-path.ts';
import type { PodRequest, Snapshot } from './plugin.ts';
import { type PluginSet, pluginsOf } from './plugins/index.ts';
import { PodCounts } from './pod-counts.ts';
import type { PodClass } from './pod-shape.ts';
import { PodTable } from './pod-table.ts';
import { type DeviceChooser, TightestDevices } from './policies/device-choice.ts';
import { freeCpuMilli } from './policies/node-scale.ts';
import type { Profile } from './profile.ts';
import { ResourceNames } from './resource-names.ts';
import type { Draws, Selection } from './selection.ts';
import { ShapeTable } from './shape-table.ts';

/** `plain` never uses cached totals: the reference for tests and measurements. */
export type PathChoice = 'cached' | 'plain';

interface ProfilePaths {
  readonly profile: Profile;
  readonly plugins: PluginSet;
  readonly plain: PlainPath;
  readonly cached: CachedPath;
  readonly chooser: DeviceChooser;
}

const NO_LABELS: StringMap = Object.freeze({});

/** Everything the scheduler decides with. All profiles share the node table. */
export class SchedulingCore {
  readonly nodes: NodeTable;
  readonly pods: PodTable;
  readonly shapes: ShapeTable;
  readonly snapshot: Snapshot;
  /** Why the last cycle failed; names of plugins are those of {@link filterNames}. */
  readonly diagnosis = new Diagnosis();
  /** Where the next search starts, a position in the node order (rotates only under sampling). */
  nextStart = 0;
  readonly #paths: ProfilePaths[];
  readonly #choice: PathChoice;
  readonly #namespaces = new Map<string, StringMap>();
  readonly #counts: PodCounts;
  readonly #carried: CarriedTerms;

  /** `profiles[0]` decides the node order; the others must name the same. */
  constructor(profiles: readonly [Profile, ...Profile[]], draws: Draws, choice: PathChoice = 'cached') {
    const names = new ResourceNames();
    const labelsOf = (namespace: string) => this.#namespaces.get(namespace) ?? NO_LABELS;
    this.#choice = choice;
    this.nodes = new NodeTable(names, profiles[0].nodeOrder);
    this.#counts = new PodCounts(labelsOf);
    this.#carried = new CarriedTerms(labelsOf);
    this.pods = new PodTable(this.nodes, this.#counts, this.#carried);
    const compiler = new ClassTermsCompiler(this.#counts, this.#carried, labelsOf, (id) => this.pods.fillCounter(id));
    this.shapes = new ShapeTable(names, (shape, group) => compiler.compile(shape, group));
    this.snapshot = { nodes: this.nodes, pods: this.pods, counts: this.#counts, carried: this.#carried };
    this.#paths = profiles.map((profile) => {
      const policy = profile.policy?.(this.nodes, draws) ?? null;
      const plugins = pluginsOf(profile, policy);
      return {
        profile,
        plugins,
        plain: new PlainPath(this.snapshot, plugins, profile, draws, this.diagnosis),
        cached: new CachedPath(this.snapshot, plugins, profile, draws),
        chooser: policy?.chooser ?? new TightestDevices(this.nodes.gpus),
      };
    });
  }

  /** Adds or replaces a node. */
  putNode(node: Node): number {
    const slot = this.nodes.putNode(node);
    this.nodes.reserveResources();
    return slot;
  }

  /** Removes a node; its pods keep counting under its name until they are removed. */
  removeNode(name: string): void {
    this.nodes.removeNode(name);
  }

  /** Sets a namespace's labels (for namespace selectors), `undefined` when it is gone. Recounts all pods if they changed. */
  putNamespace(name: string, labels: StringMap | undefined): void {
    if (JSON.stringify(this.#namespaces.get(name) ?? NO_LABELS) === JSON.stringify(labels ?? NO_LABELS)) return;
    if (labels === undefined) this.#namespaces.delete(name);
    else this.#namespaces.set(name, labels);
    this.#carried.invalidate();
    if (this.#counts.count > 0) this.pods.recount();
  }

  /** The class of a pod; columns for resources that it is the first to name are made. */
  classOf(pod: Pod): PodClass {
    const podClass = this.shapes.intern(pod);
    this.nodes.reserveResources();
    return podClass;
  }

  /** Counts a pod on a node (which may not be known yet); returns its row. */
  addPod(nodeName: string, podClass: PodClass, terminating: boolean): number {
    return this.#add(this.nodes.slotFor(nodeName), podClass, terminating, 0);
  }

  /** Counts a pod on a slot that {@link select} gave; returns its row. */
  assume(slot: number, podClass: PodClass, profile = 0): number {
    return this.#add(slot, podClass, false, profile);
  }

  /** Takes a pod off its node again. */
  removePod(row: number): void {
    const { gpu } = this.pods.classOf(row).shape;
    if (gpu !== null) this.nodes.gpus.giveBack(row, this.pods.slotOf(row), gpu);
    this.pods.remove(row);
  }

  /** Puts a pod on a slot, and its demand on devices that the profile chooses. */
  #add(slot: number, podClass: PodClass, terminating: boolean, profile: number): number {
    const { gpu, vector } = podClass.shape;
    if (gpu === null) return this.pods.add(slot, podClass, terminating);
    const { chooser } = this.#paths[profile] as ProfilePaths;
    const fits = this.nodes.gpus.fits(slot, gpu);
    const devices = fits ? chooser.chooseDevices(slot, freeCpuMilli(this.nodes, slot), vector.cpu, gpu) : [];
    const row = this.pods.add(slot, podClass, terminating);
    this.nodes.gpus.take(row, slot, gpu, devices);
    return row;
  }

  /**
   * Chooses a node for a pod under a profile (by index) and fills `out`, without finding out why where no node fits: the
   * diagnosis is then not to be read.
   */
  choose(request: PodRequest, profile: number, out: Selection): void {
    const { plain, cached } = this.#paths[profile] as ProfilePaths;
    const nodeCount = this.nodes.nodeCount;
    const start = nodeCount === 0 ? 0 : this.nextStart % nodeCount;
    if (this.#choice !== 'cached' || !cached.select(request, start, out)) plain.select(request, start, out);
    if (nodeCount > 0) this.nextStart = (start + out.examined) % nodeCount;
  }

  /** Chooses a node for a pod under a profile (by index) and fills `out`. */
  select(request: PodRequest, profile: number, out: Selection): void {
    const { plain, cached } = this.#paths[profile] as ProfilePaths;
    const nodeCount = this.nodes.nodeCount;
    const start = nodeCount === 0 ? 0 : this.nextStart % nodeCount;
    const answered = this.#choice === 'cached' && cached.select(request, start, out);
    if (!answered || out.slot < 0) plain.select(request, start, out);
    if (nodeCount > 0) this.nextStart = (start + out.examined) % nodeCount;
  }

  /**
   * Runs a cycle on the plain path without drawing conclusions from it, and tells every feasible node's weighted score by
   * plugin. The diagnosis then holds the rejected nodes. The search position stays; a tie costs one draw.
   */
  explain(
    request: PodRequest,
    profile: number,
    visit: (plugin: string, slot: number, weighted: number) => void,
  ): Selection {
    const { plain } = this.#paths[profile] as ProfilePaths;
    const out: Selection = { slot: -1, feasible: 0, examined: 0 };
    plain.select(request, this.nodes.nodeCount === 0 ? 0 : this.nextStart % this.nodes.nodeCount, out);
    plain.explainScores(request, out.feasible, visit);
    return out;
  }

  /** Names of a profile's filters; bit i of `diagnosis.rejectors` stands for the i-th. */
  filterNames(profile: number): readonly string[] {
    return (this.#paths[profile] as ProfilePaths).plugins.filters.map(({ name }) => name);
  }

  /** Index of the profile of a scheduler name, −1 when this scheduler is not responsible. */
  profileOf(schedulerName: string): number {
    return this.#paths.findIndex(({ profile }) => profile.schedulerName === schedulerName);
  }
}
