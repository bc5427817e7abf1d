/**
 * The scheduler's pure core: node table, pods on nodes, shapes, and the choice of a node. No queue, no clock, no messages.
 *
 * `select` uses cached totals where it can and the plain path otherwise; both give the same node for the same draws. After a
 * failed cycle {@link SchedulingCore.diagnosis} says why.
 */
import { jsonEqual } from '../types/json-value.ts';
import type { Node } from '../types/node.ts';
import type { KubeObject, StringMap } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { CachedPath } from './cached-path.ts';
import { CarriedTerms } from './carried-terms.ts';
import { ClassTermsCompiler } from './class-terms.ts';
import type { ProfileConfiguration } from './configuration/configuration.ts';
import type { SchedulerVersion } from './configuration/default-plugins.ts';
import { DefaultSpread, servingSelector } from './default-spread.ts';
import { Diagnosis, ReasonSets } from './diagnosis.ts';
import { ClusterObjects } from './framework/cluster-objects.ts';
import { Framework } from './framework/framework.ts';
import { ImageStates } from './framework/image-states.ts';
import { podInfoOf } from './framework/pod-info.ts';
import { preempt } from './framework/preemption.ts';
import type { Candidate, MayGo } from './framework/victims.ts';
import { IndexCache } from './index-cache.ts';
import { NodeTable } from './node-table.ts';
import { Nominations } from './nominations.ts';
import { PlainPath } from './plain-path.ts';
import type { PodRequest, Snapshot } from './plugin.ts';
import { type PluginSet, pluginsOf } from './plugins/index.ts';
import { PodCounts } from './pod-counts.ts';
import type { PodClass, PodGroup, PodShape } from './pod-shape.ts';
import { PodTable } from './pod-table.ts';
import { type DeviceChooser, TightestDevices } from './policies/device-choice.ts';
import { freeCpuMilli } from './policies/node-scale.ts';
import { configurationOf, type Profile, versionOf } from './profile.ts';
import { ReferencePath } from './reference-path.ts';
import { RejectionIndex } from './rejection-index.ts';
import { ResourceNames } from './resource-names.ts';
import type { Draws, Selection } from './selection.ts';
import { SettledVolumes, VOLUME_PLUGINS } from './settled-volumes.ts';
import { ShapeTable } from './shape-table.ts';
import { TableView } from './table-view.ts';
import { VictimSearch } from './victim-search.ts';
import { type Waiting, WaitingRoom } from './waiting-room.ts';

/**
 * `plain` never uses cached totals, `reference` never the columns: what the others must choose, for tests and measurements.
 */
export type PathChoice = 'cached' | 'plain' | 'reference';

/** What else a core may be told. */
export interface CoreOptions {
  readonly choice?: PathChoice | undefined;
  /**
   * Whether volumes, claims and devices are among the objects it is given; without, pods are placed as if all their claims
   * were satisfied.
   */
  readonly volumes?: boolean | undefined;
  /** Whether every pod on a node is given as an object too (PodTable.setObject): then labels that nobody asks for do not tell pods apart. */
  readonly keepsObjects?: boolean | undefined;
}

/** What preemption came to. */
export interface Preemption {
  /** The node and its victims; `null` when preemption does not help. */
  readonly candidate: Candidate | null;
  /** Nodes that the criteria leave equal, the candidate's first. */
  readonly bestNodes: readonly string[];
  /** Why the pod may not preempt at all; `''` when it may. */
  readonly ineligible: string;
  /** The message when there is no candidate, `''` otherwise. */
  readonly message: string;
}

const NOBODY: readonly Waiting[] = [];

/** Shapes whose rejections are kept; about 10 bytes a node each. */
const MAX_REJECTION_INDEXES = 64;

interface ProfilePaths {
  readonly profile: Profile;
  readonly plugins: PluginSet;
  readonly plain: PlainPath;
  readonly cached: CachedPath;
  /** By shape: why nodes reject it. */
  readonly rejections: IndexCache<RejectionIndex>;
  readonly chooser: DeviceChooser;
  readonly configuration: ProfileConfiguration;
  /** What only a few pods need is made when it is first asked for. */
  readonly framework: () => Framework;
  readonly reference: () => ReferencePath;
  /** Names of all filters; those that the columns know come first. */
  readonly names: readonly string[];
}

const NO_LABELS: StringMap = Object.freeze({});

/** Everything the scheduler decides with. All profiles share the node table. */
export class SchedulingCore {
  readonly nodes: NodeTable;
  readonly pods: PodTable;
  readonly shapes: ShapeTable;
  readonly snapshot: Snapshot;
  /** Where the next search starts, a position in the node order (rotates only under sampling). */
  nextStart = 0;
  /** Namespaces, services, owners, budgets, volumes: what plugins look up. */
  readonly objects = new ClusterObjects();
  readonly nominations = new Nominations();
  readonly #reasons = new ReasonSets();
  /** Of the plain and the reference path. */
  readonly #ownDiagnosis = new Diagnosis(this.#reasons);
  #diagnosis = this.#ownDiagnosis;
  readonly #victims: VictimSearch;
  readonly #waitingRoom: WaitingRoom;
  readonly #paths: ProfilePaths[];
  readonly #choice: PathChoice;
  /** `null` when volumes are not among the objects. */
  readonly #volumes: SettledVolumes | null;
  /** Rows of pods that ask for GPUs and hold none: their node is not known, or has not enough. */
  readonly #withoutDevices = new Set<number>();
  readonly #namespaces = new Map<string, StringMap>();
  readonly #counts: PodCounts;
  readonly #defaultSpread: DefaultSpread;
  #view: TableView | null = null;

  /** `profiles[0]` decides the node order; the others must name the same. */
  constructor(profiles: readonly [Profile, ...Profile[]], draws: Draws, options: PathChoice | CoreOptions = 'cached') {
    const {
      choice = 'cached',
      volumes = false,
      keepsObjects = false,
    }: CoreOptions = typeof options === 'string' ? { choice: options } : options;
    const names = new ResourceNames();
    const labelsOf = (namespace: string) => this.#namespaces.get(namespace) ?? NO_LABELS;
    const fill = (counter: number) => this.pods.fillCounter(counter);
    this.#choice = choice;
    this.nodes = new NodeTable(names, profiles[0].nodeOrder);
    this.#volumes = volumes ? new SettledVolumes(this.objects, this.nodes) : null;
    this.#counts = new PodCounts(labelsOf);
    const carried = {
      carried: new CarriedTerms(labelsOf),
      carriedAffinity: new CarriedTerms(labelsOf),
      carriedPreferred: new CarriedTerms(labelsOf),
    };
    this.pods = new PodTable(this.nodes, this.#counts, carried);
    const compiler = new ClassTermsCompiler(this.#counts, carried, labelsOf, fill);
    const regroup = () => this.pods.reclassify((pod) => this.classOf(pod));
    const compile = (shape: PodShape, group: PodGroup) => compiler.compile(shape, group);
    this.shapes = new ShapeTable(names, compile, keepsObjects ? regroup : null);
    this.#defaultSpread = new DefaultSpread(this.objects, this.#counts, fill);
    this.snapshot = {
      nodes: this.nodes,
      pods: this.pods,
      counts: this.#counts,
      carried: carried.carried,
      carriedAffinity: carried.carriedAffinity,
      carriedPreferred: carried.carriedPreferred,
      defaultSpread: this.#defaultSpread,
      images: new ImageStates(),
      sampleOf: (podClass) => this.shapes.sampleOf(podClass),
    };
    this.#victims = new VictimSearch(this.snapshot);
    this.#waitingRoom = new WaitingRoom(this.snapshot, this.shapes, this.nominations);
    this.#paths = profiles.map((profile) => this.#makePaths(profile, draws));
  }

  #makePaths(profile: Profile, draws: Draws): ProfilePaths {
    const policy = profile.policy?.(this.nodes, draws) ?? null;
    const plugins = pluginsOf(profile, policy);
    const configuration = configurationOf(profile);
    const own = plugins.filters.map(({ name }) => name);
    const names = [...own, ...configuration.plugins.filter.filter((name) => !own.includes(name))];
    let framework: Framework | null = null;
    let reference: ReferencePath | null = null;
    const makeFramework = (): Framework => {
      framework ??= this.#makeFramework(configuration, versionOf(profile));
      return framework;
    };
    return {
      profile,
      plugins,
      plain: new PlainPath(this.snapshot, plugins, profile, draws, this.#ownDiagnosis),
      cached: new CachedPath(this.snapshot, plugins, profile, draws),
      rejections: new IndexCache(MAX_REJECTION_INDEXES),
      chooser: policy?.chooser ?? new TightestDevices(this.nodes.gpus),
      configuration,
      framework: makeFramework,
      reference: () => {
        const parts = { snapshot: this.snapshot, profile, policy, draws, pluginNames: names };
        reference ??= new ReferencePath({
          ...parts,
          framework: makeFramework(),
          view: this.view,
          diagnosis: this.#ownDiagnosis,
        });
        return reference;
      },
      names,
    };
  }

  #makeFramework(configuration: ProfileConfiguration, version: SchedulerVersion): Framework {
    const { plugins } = configuration;
    const looksAt = (name: string) => this.#volumes !== null || !VOLUME_PLUGINS.includes(name);
    const kept = { preFilter: plugins.preFilter.filter(looksAt), filter: plugins.filter.filter(looksAt) };
    return new Framework({ ...configuration, plugins: { ...plugins, ...kept } }, version);
  }

  /** Why the last cycle failed; names of plugins are those of {@link filterNames}. */
  get diagnosis(): Diagnosis {
    return this.#diagnosis;
  }

  /** The table as objects; made when it is first asked for. */
  get view(): TableView {
    this.#view ??= new TableView(this.snapshot, this.shapes, this.objects, this.nominations);
    return this.#view;
  }

  /** Adds or replaces a node. */
  putNode(node: Node): number {
    const known = this.nodes.find(node.metadata.name);
    const before = known < 0 ? null : (this.nodes.nodes[known] ?? null);
    this.snapshot.images.put(before ?? undefined, node);
    const slot = this.nodes.putNode(node);
    this.nodes.reserveResources();
    for (const row of this.#withoutDevices) if (this.pods.slotOf(row) === slot) this.#giveDevices(row, 0);
    return slot;
  }

  /** Removes a node; its pods keep counting under its name until they are removed. */
  removeNode(name: string): void {
    const slot = this.nodes.find(name);
    const node = slot < 0 ? null : (this.nodes.nodes[slot] ?? null);
    if (node !== null) this.snapshot.images.remove(node);
    this.nodes.removeNode(name);
  }

  /** Sets a namespace's labels (for namespace selectors), `undefined` when it is gone. Recounts all pods if they changed. */
  putNamespace(name: string, labels: StringMap | undefined): void {
    if (jsonEqual(this.#namespaces.get(name) ?? NO_LABELS, labels ?? NO_LABELS)) return;
    if (labels === undefined) this.#namespaces.delete(name);
    else this.#namespaces.set(name, labels);
    if (labels === undefined) this.objects.delete('Namespace', '', name);
    else this.objects.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    for (const terms of [this.snapshot.carried, this.snapshot.carriedAffinity, this.snapshot.carriedPreferred]) {
      terms.invalidate();
    }
    if (this.#counts.count > 0) this.pods.recount();
  }

  /** An object that plugins look up came or changed (not nodes, pods and namespaces). */
  putObject(object: KubeObject): void {
    const { namespace = '', name } = object.metadata;
    const before = this.objects.get(object.kind, namespace, name);
    this.objects.put(object);
    this.#volumes?.changed(object);
    const selector = servingSelector(object);
    if (selector !== undefined) this.shapes.ask(selector);
    this.#defaultSpread.changed(before, object);
  }

  /** Such an object is gone. */
  deleteObject(kind: string, namespace: string, name: string): void {
    const before = this.objects.get(kind, namespace, name);
    this.objects.delete(kind, namespace, name);
    this.#defaultSpread.changed(before, undefined);
  }

  /** The class of a pod; columns for resources that it is the first to name are made. */
  classOf(pod: Pod): PodClass {
    this.#volumes?.saw(pod);
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
    if (gpu !== null) {
      this.#withoutDevices.delete(row);
      this.nodes.gpus.giveBack(row, this.pods.slotOf(row), gpu);
    }
    this.pods.remove(row);
  }

  /** Puts a pod on a slot, and its demand on devices that the profile chooses. */
  #add(slot: number, podClass: PodClass, terminating: boolean, profile: number): number {
    const row = this.pods.add(slot, podClass, terminating);
    this.#volumes?.added();
    if (podClass.shape.gpu !== null) {
      this.#withoutDevices.add(row);
      this.#giveDevices(row, profile);
    }
    return row;
  }

  /** Gives a pod its devices if they are there: a pod may be known before its node is. */
  #giveDevices(row: number, profile: number): void {
    const { gpu, vector } = this.pods.classOf(row).shape;
    const slot = this.pods.slotOf(row);
    const { gpus } = this.nodes;
    if (gpu === null || !gpus.fits(slot, gpu)) return;
    const { chooser } = this.#paths[profile] as ProfilePaths;
    const freeBefore = freeCpuMilli(this.nodes, slot) + vector.cpu;
    gpus.take(row, slot, gpu, chooser.chooseDevices(slot, freeBefore, vector.cpu, gpu));
    this.#withoutDevices.delete(row);
    this.nodes.touch(slot);
  }

  /**
   * Chooses a node for a pod under a profile (by index) and fills `out`, without finding out why where no node fits: the
   * diagnosis is then not to be read.
   */
  choose(request: PodRequest, profile: number, out: Selection): void {
    this.#select(request, profile, out, false);
  }

  /** Whether a slot passes every filter of a profile (by index). */
  fits(request: PodRequest, profile: number, slot: number): boolean {
    return (this.#paths[profile] as ProfilePaths).plain.fits(request, slot);
  }

  /** Chooses a node for a pod under a profile (by index) and fills `out`. */
  select(request: PodRequest, profile: number, out: Selection): void {
    this.#select(request, profile, out, true);
  }

  #select(request: PodRequest, profile: number, out: Selection, diagnose: boolean): void {
    const paths = this.#paths[profile] as ProfilePaths;
    const nodeCount = this.nodes.nodeCount;
    const start = nodeCount === 0 ? 0 : this.nextStart % nodeCount;
    this.#diagnosis = this.#ownDiagnosis;
    const waiting = this.#choice === 'cached' ? this.#waitingAgainst(request) : null;
    if (waiting !== null) this.#selectCached(request, paths, start, waiting, out, diagnose);
    else if (this.needsReference(request)) paths.reference().select(request, start, out);
    else paths.plain.select(request, start, out);
    if (nodeCount > 0) this.nextStart = (start + out.examined) % nodeCount;
  }

  /** On cached totals, or where these do not answer on the path that does. */
  #selectCached(
    request: PodRequest,
    paths: ProfilePaths,
    start: number,
    waiting: readonly Waiting[],
    out: Selection,
    diagnose: boolean,
  ): void {
    const hasRoom = (slot: number) => paths.cached.hasRoom(request, slot);
    const held = waiting.length === 0 ? null : this.#waitingRoom.heldAgainst(waiting, hasRoom);
    const answered = paths.cached.select(request, start, out, held);
    if (answered && (out.slot >= 0 || !diagnose || this.#explainRejections(request, paths, waiting))) return;
    if (waiting.length > 0) paths.reference().select(request, start, out);
    else paths.plain.select(request, start, out);
  }

  /** Brings the diagnosis of a failed cycle up to date where that is possible without looking at all nodes. */
  #explainRejections(request: PodRequest, { rejections, plugins }: ProfilePaths, waiting: readonly Waiting[]): boolean {
    const { id } = request.podClass.shape;
    const index =
      rejections.get(id) ?? rejections.add(id, new RejectionIndex(this.snapshot, plugins.filters, this.#reasons));
    if (!index.update(request, waiting)) return false;
    this.#diagnosis = index.diagnosis;
    return true;
  }

  /** Nodes that others wait for as the cached path can heed them; `null` when the reference path has to decide. */
  #waitingAgainst(request: PodRequest): readonly Waiting[] | null {
    const { pod } = request;
    if (pod === undefined) return NOBODY;
    if ((pod.status?.nominatedNodeName ?? '') !== '' || this.#volumesMatter(pod)) return null;
    return this.nominations.size === 0 ? NOBODY : this.#waitingRoom.against(request);
  }

  #volumesMatter(pod: Pod): boolean {
    return this.#volumes !== null && ('resourceClaims' in pod.spec || !this.#volumes.allow(pod));
  }

  /** Whether the columns cannot answer for a pod: it waits for a node, others do, or its volumes matter. */
  needsReference({ pod }: PodRequest): boolean {
    if (pod === undefined || this.#choice === 'reference') return this.#choice === 'reference';
    if ((pod.status?.nominatedNodeName ?? '') !== '') return true;
    if (this.nominations.size > 0 && this.nominations.contest(podInfoOf(pod))) return true;
    return this.#volumesMatter(pod);
  }

  /**
   * Looks for pods that would have to go for a pod that found no node in the cycle just run. The diagnosis is that cycle's;
   * nothing is changed.
   */
  preempt(request: PodRequest, profile: number, draws: Draws, mayGo?: MayGo): Preemption | null {
    const { configuration, ...paths } = this.#paths[profile] as ProfilePaths;
    if (!configuration.plugins.postFilter.includes('DefaultPreemption')) return null;
    if (this.diagnosis.preFilterMessage !== '') return null;
    const args = configuration.args.defaultPreemption;
    let drawn = -1;
    const offset = (count: number) => {
      if (drawn < 0) drawn = draws.below(count);
      return drawn;
    };
    if (mayGo === undefined && this.#onlyResourcesMatter(request, configuration)) {
      const waiting = this.#waitingAgainst(request) ?? NOBODY;
      const priority = request.pod?.spec.priority ?? 0;
      const found = this.#victims.find(request, priority, this.diagnosis, args, waiting, offset);
      if (found !== null) {
        const bestNodes = found.slots.map((slot) => this.nodes.names[slot] as string);
        const candidate = { nodeName: bestNodes[0] as string, victims: found.victims, pdbViolations: 0 };
        return { candidate, bestNodes, ineligible: '', message: '' };
      }
    }
    const path = paths.reference();
    const framework = paths.framework();
    const cycle = path.cycleOf(request);
    const verdicts = path.verdicts(this.diagnosis);
    framework.preFilter(cycle);
    const { best, ineligible, message } = preempt(framework, cycle, verdicts, { args, offset, mayGo });
    return { candidate: best[0] ?? null, bestNodes: best.map(({ nodeName }) => nodeName), ineligible, message };
  }

  /** Whether only resources keep a pod out whose cycle has just failed, and nothing but priorities protects the pods on nodes. */
  #onlyResourcesMatter({ pod, podClass }: PodRequest, { args }: ProfileConfiguration): boolean {
    const { shape } = podClass;
    const { ignoredResources, ignoredResourceGroups } = args.nodeResourcesFit;
    return (
      ignoredResources.length + ignoredResourceGroups.length === 0 &&
      this.#diagnosis !== this.#ownDiagnosis &&
      pod !== undefined &&
      pod.spec.preemptionPolicy !== 'Never' &&
      shape.gpu === null &&
      shape.hostPorts.length === 0 &&
      this.pods.objectCount === this.pods.count &&
      this.objects.isEmpty('PodDisruptionBudget')
    );
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
    this.#diagnosis = this.#ownDiagnosis;
    plain.select(request, this.nodes.nodeCount === 0 ? 0 : this.nextStart % this.nodes.nodeCount, out);
    plain.explainScores(request, out.feasible, visit);
    return out;
  }

  /** Names of a profile's filters; bit i of `diagnosis.rejectors` stands for the i-th. */
  filterNames(profile: number): readonly string[] {
    return (this.#paths[profile] as ProfilePaths).names;
  }

  /** Names of a profile's PostFilter plugins, in order. */
  postFilterNames(profile: number): readonly string[] {
    return (this.#paths[profile] as ProfilePaths).configuration.plugins.postFilter;
  }

  /** Index of the profile of a scheduler name, −1 when this scheduler is not responsible. */
  profileOf(schedulerName: string): number {
    return this.#paths.findIndex(({ profile }) => profile.schedulerName === schedulerName);
  }
}
