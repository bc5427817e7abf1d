/**
 * The scheduler's pure core: node table, pods on nodes, shapes, and the choice of a node. No queue, no clock, no messages.
 *
 * `select` uses cached totals where it can, and otherwise the plain or the reference path; all give the same node for the same draws. After a
 * failed cycle {@link SchedulingCore.diagnosis} says why.
 */
import type { ResourceClaim } from '../../types/device.ts';
import type { DeviceGate } from '../../types/device-gates.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { Node } from '../../types/node.ts';
import type { KubeObject, StringMap } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import type { ProfileConfiguration } from '../configuration/configuration.ts';
import { nodesWantedBy, type Profile } from '../configuration/profile.ts';
import { ClaimOutlooks } from '../devices/claim-outlooks.ts';
import { DeviceStock } from '../devices/device-stock.ts';
import { GpuGrants } from '../devices/gpu-grants.ts';
import { ClusterObjects } from '../framework/cluster-objects.ts';
import type { Decision } from '../framework/decide.ts';
import { asksForDevices } from '../framework/devices/extended-resources.ts';
import {
  type GroupPreemption,
  isPreempting,
  type PreemptingGroup,
  preemptForGroup,
} from '../framework/group-preemption.ts';
import { ImageStates } from '../framework/image-states.ts';
import { podInfoOf } from '../framework/pod-info.ts';
import type { MayGo } from '../framework/victims.ts';
import { NodeTable } from '../nodes/node-table.ts';
import { ResourceNames } from '../nodes/resource-names.ts';
import type { PodRequest, Snapshot } from '../plugins/plugin.ts';
import { CarriedTerms } from '../pods/carried-terms.ts';
import { ClassTermsCompiler } from '../pods/class-terms.ts';
import { DefaultSpread, servingSelector } from '../pods/default-spread.ts';
import { leavesColumns } from '../pods/leaves-columns.ts';
import { PodCounts } from '../pods/pod-counts.ts';
import type { PodClass, PodGroup, PodShape } from '../pods/pod-shape.ts';
import { PodTable } from '../pods/pod-table.ts';
import { ShapeTable } from '../pods/shape-table.ts';
import type { DeviceChooser } from '../policies/device-choice.ts';
import { CandidateSearch, type Preemption } from '../preemption/candidate-search.ts';
import { Nominations } from '../preemption/nominations.ts';
import { type Waiting, WaitingRoom } from '../preemption/waiting-room.ts';
import { largestIndexes } from '../totals/best-indexes.ts';
import { SettledVolumes } from '../volumes/settled-volumes.ts';
import { Diagnosis, ReasonSets } from './diagnosis.ts';
import { makeProfilePaths, type ProfilePaths } from './profile-paths.ts';
import { RejectionIndex } from './rejection-index.ts';
import type { Draws, Selection } from './selection.ts';
import { TableView } from './table-view.ts';

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
  /** Feature gates of devices that are on. Default: none. */
  readonly deviceGates?: readonly DeviceGate[] | undefined;
  /** Whether every pod on a node is given as an object too (PodTable.setObject): then labels that nobody asks for do not tell pods apart. */
  readonly keepsObjects?: boolean | undefined;
}

const NOBODY: readonly Waiting[] = [];

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
  readonly objects: ClusterObjects;
  readonly nominations = new Nominations();
  readonly #reasons = new ReasonSets();
  /** Of the plain and the reference path. */
  readonly #ownDiagnosis = new Diagnosis(this.#reasons);
  #diagnosis = this.#ownDiagnosis;
  readonly #candidates: CandidateSearch;
  readonly #waitingRoom: WaitingRoom;
  readonly #paths: ProfilePaths[];
  readonly #choice: PathChoice;
  /** `null` when volumes are not among the objects. */
  readonly #volumes: SettledVolumes | null;
  readonly #gpuGrants: GpuGrants;
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
      deviceGates = [],
    }: CoreOptions = typeof options === 'string' ? { choice: options } : options;
    const names = new ResourceNames();
    const labelsOf = (namespace: string) => this.#namespaces.get(namespace) ?? NO_LABELS;
    const fill = (counter: number) => this.pods.fillCounter(counter);
    this.#choice = choice;
    this.objects = new ClusterObjects(deviceGates);
    this.nodes = new NodeTable(names, profiles[0].nodeOrder);
    this.#volumes = volumes ? new SettledVolumes(this.objects, this.nodes) : null;
    this.#counts = new PodCounts(labelsOf);
    const carried = {
      carried: new CarriedTerms(labelsOf),
      carriedAffinity: new CarriedTerms(labelsOf),
      carriedPreferred: new CarriedTerms(labelsOf),
    };
    this.pods = new PodTable(this.nodes, this.#counts, carried);
    this.#gpuGrants = new GpuGrants(this.nodes, this.pods);
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
    this.#candidates = new CandidateSearch(this.snapshot, this.objects);
    this.#waitingRoom = new WaitingRoom(this.snapshot, this.shapes, this.nominations);
    const shared = {
      snapshot: this.snapshot,
      draws,
      diagnosis: this.#ownDiagnosis,
      volumes,
      claims: new ClaimOutlooks(this.objects, this.nodes),
      view: () => this.view,
    };
    this.#paths = profiles.map((profile) => makeProfilePaths(profile, shared));
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
    this.#gpuGrants.nodeSeen(slot, this.#chooserOf(0));
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
    if (object.kind === 'DeviceClass') this.#classesChanged();
    this.#volumes?.changed(object);
    const selector = servingSelector(object);
    if (selector !== undefined) this.shapes.ask(selector);
    this.#defaultSpread.changed(before, object);
  }

  /** Such an object is gone. */
  deleteObject(kind: string, namespace: string, name: string): void {
    const before = this.objects.get(kind, namespace, name);
    this.objects.delete(kind, namespace, name);
    if (kind === 'DeviceClass') this.#classesChanged();
    this.#defaultSpread.changed(before, undefined);
  }

  #classesChanged(): void {
    if (!this.objects.deviceGates.has('DRAExtendedResource')) return;
    this.nodes.setDeviceStock(new DeviceStock(this.objects, this.nodes));
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
    this.#gpuGrants.takeBack(row);
    this.pods.remove(row);
  }

  /** Puts a pod on a slot, and its demand on devices that the profile chooses. */
  #add(slot: number, podClass: PodClass, terminating: boolean, profile: number): number {
    const row = this.pods.add(slot, podClass, terminating);
    this.#volumes?.added();
    if (podClass.shape.gpu !== null) this.#gpuGrants.give(row, this.#chooserOf(profile));
    return row;
  }

  #chooserOf(profile: number): DeviceChooser {
    return (this.#paths[profile] as ProfilePaths).chooser;
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
    const { plain, reference } = this.#paths[profile] as ProfilePaths;
    return this.needsReference(request, profile) ? reference().fits(request, slot) : plain().fits(request, slot);
  }

  /** Chooses a node for a pod under a profile (by index) and fills `out`. */
  select(request: PodRequest, profile: number, out: Selection): void {
    this.#select(request, profile, out, true);
  }

  /** Whether a choice that was just made from search position `start` is right, for whoever observes it; true where {@link ChoiceJudge} has no say. */
  agrees(request: PodRequest, profile: number, start: number, chosen: Selection): boolean {
    return (
      this.needsReference(request, profile) ||
      (this.#paths[profile] as ProfilePaths).judge().agrees(request, start, chosen)
    );
  }

  #select(request: PodRequest, profile: number, out: Selection, diagnose: boolean): void {
    const paths = this.#paths[profile] as ProfilePaths;
    const nodeCount = this.nodes.nodeCount;
    const start = nodeCount === 0 ? 0 : this.nextStart % nodeCount;
    this.#diagnosis = this.#ownDiagnosis;
    const waiting = this.#choice === 'cached' ? this.#waitingAgainst(request, paths) : null;
    if (waiting !== null) this.#selectCached(request, paths, start, waiting, out, diagnose);
    else if (this.needsReference(request, profile)) paths.reference().select(request, start, out);
    else paths.plain().select(request, start, out);
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
    const held = waiting.length === 0 ? null : this.#heldAgainst(request, paths, waiting);
    if (this.#onNominatedNode(request, paths, held, out)) return;
    const answered = paths.cached().select(request, start, out, held);
    const claims = this.#hasClaims(request.pod);
    if (answered && (out.slot >= 0 || !diagnose)) return;
    if (answered && !claims && this.#explainRejections(request, paths, waiting)) return;
    if (claims || waiting.length > 0) paths.reference().select(request, start, out);
    else paths.plain().select(request, start, out);
  }

  #heldAgainst(request: PodRequest, paths: ProfilePaths, waiting: readonly Waiting[]): readonly number[] {
    const { id } = request.podClass.shape;
    return this.#waitingRoom.heldAgainst(waiting, id, paths, (slot) => paths.cached().hasRoom(request, slot));
  }

  /** Whether the pod fits the node that it waits for: then no other is looked at. */
  #onNominatedNode(
    request: PodRequest,
    { plain }: ProfilePaths,
    held: readonly number[] | null,
    out: Selection,
  ): boolean {
    const nominated = request.pod?.status?.nominatedNodeName ?? '';
    const slot = nominated === '' ? -1 : this.nodes.find(nominated);
    if (slot < 0 || held?.includes(slot) === true || !plain().fits(request, slot)) return false;
    out.slot = slot;
    out.feasible = 1;
    out.examined = 0;
    return true;
  }

  /** Brings the diagnosis of a failed cycle up to date where that is possible without looking at all nodes. */
  #explainRejections(request: PodRequest, { rejections, plugins }: ProfilePaths, waiting: readonly Waiting[]): boolean {
    const { id } = request.podClass.shape;
    const index =
      rejections.get(id) ?? rejections.put(id, new RejectionIndex(this.snapshot, plugins.filters, this.#reasons));
    if (!index.update(request, waiting)) return false;
    this.#diagnosis = index.diagnosis;
    return true;
  }

  /** Nodes that others wait for as the cached path can heed them; `null` when the reference path has to decide. */
  #waitingAgainst(request: PodRequest, { looksAtClaims, isTakenApart }: ProfilePaths): readonly Waiting[] | null {
    const { pod, podClass } = request;
    if (podClass.shape.isUnparsable) return null;
    if (pod === undefined) return NOBODY;
    if (isTakenApart || leavesColumns(pod) || this.#volumes?.allow(pod) === false) return null;
    const isNominated = (pod.status?.nominatedNodeName ?? '') !== '';
    if (this.#hasClaims(pod) && (isNominated || !looksAtClaims)) return null;
    if (isNominated && podClass.shape.required?.nodeNames) return null;
    return this.nominations.size === 0 ? NOBODY : this.#waitingRoom.against(request);
  }

  /** Whether the pod has claims for devices, where these are among the objects. */
  #hasClaims(pod: Pod | undefined): boolean {
    if (this.#volumes === null || pod === undefined) return false;
    return pod.spec.resourceClaims !== undefined || asksForDevices(pod, this.objects);
  }

  /**
   * Whether the columns cannot answer for a pod under a profile (by index): it waits for a node, others do, its volumes matter, it is resized, its cycle may
   * end with an error, or the profile takes a plugin apart.
   */
  needsReference({ pod, podClass }: PodRequest, profile: number): boolean {
    if (podClass.shape.isUnparsable) return true;
    if (pod === undefined || this.#choice === 'reference') return this.#choice === 'reference';
    if ((this.#paths[profile] as ProfilePaths).isTakenApart) return true;
    if ((pod.status?.nominatedNodeName ?? '') !== '') return true;
    if (this.nominations.size > 0 && this.nominations.contest(podInfoOf(pod))) return true;
    return leavesColumns(pod) || this.#hasClaims(pod) || this.#volumes?.allow(pod) === false;
  }

  /**
   * Looks for pods that would have to go for a pod that found no node in the cycle just run. The diagnosis is that cycle's;
   * nothing is changed.
   */
  preempt(request: PodRequest, profile: number, draws: Draws, mayGo?: MayGo): Preemption | null {
    const paths = this.#paths[profile] as ProfilePaths;
    const failure = {
      request,
      paths,
      diagnosis: this.#diagnosis,
      onCachedTotals: this.#diagnosis !== this.#ownDiagnosis,
      waiting: () => this.#waitingAgainst(request, paths) ?? NOBODY,
    };
    return this.#candidates.find(failure, draws, mayGo);
  }

  /**
   * Whom preemption would take, anywhere, for a PodGroup that found no room, under a profile (by index); a text says why nobody. No victims: some of an
   * earlier preemption are still leaving. Nothing is changed.
   */
  preemptForGroup(group: PreemptingGroup, profile: number): GroupPreemption | string {
    const { view } = this;
    view.update();
    if (isPreempting(group, view)) return { victims: [], nodeOf: new Map(), pdbViolations: 0 };
    const paths = this.#paths[profile] as ProfilePaths;
    return preemptForGroup(paths.framework(), view, group, nodesWantedBy(paths.profile));
  }

  /**
   * What DynamicResources says after a cycle that found no node, and the claim that it gives up. The reason is `''` when another plugin
   * refused the pod before it was asked.
   */
  givenUpClaim(request: PodRequest, profile: number): { reason: string; gives: ResourceClaim | null } {
    const refused = this.#diagnosis.preFilterMessage !== '';
    const paths = this.#paths[profile] as ProfilePaths;
    if (!this.#hasClaims(request.pod)) {
      return { reason: refused ? '' : 'no new claims to deallocate', gives: null };
    }
    return paths.reference().givenUpClaim(request);
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
    const plain = (this.#paths[profile] as ProfilePaths).plain();
    const out: Selection = { slot: -1, feasible: 0, examined: 0 };
    this.#diagnosis = this.#ownDiagnosis;
    plain.select(request, this.nodes.nodeCount === 0 ? 0 : this.nextStart % this.nodes.nodeCount, out);
    plain.explainScores(request, out.feasible, visit);
    return out;
  }

  /** One decision on a pod with every node's verdict or scores, under a profile (by index) with these plugins; nothing is done. */
  decide(pod: Pod, profile: number, plugins: ProfileConfiguration): Decision {
    const paths = this.#paths[profile] as ProfilePaths;
    return paths.reference().decide({ podClass: this.classOf(pod), nodeName: '', pod }, paths.frameworkOf(plugins));
  }

  /** A profile (by index). */
  profile(profile: number): Profile {
    return (this.#paths[profile] as ProfilePaths).profile;
  }

  /**
   * Tells up to `count` of the best feasible nodes of a pod with their scores, in search order; of equal ones the first. Scores above
   * `most` count as that. No conclusions are drawn from it, as with {@link explain}.
   */
  bestNodes(
    request: PodRequest,
    profile: number,
    count: number,
    most: number,
    visit: (slot: number, score: number) => void,
  ): void {
    const { list } = this.nodes.order;
    const paths = this.#paths[profile] as ProfilePaths;
    const known = this.#choice === 'cached' && this.#waitingAgainst(request, paths)?.length === 0;
    const cached = known && !this.#hasClaims(request.pod) ? paths.cached().totalsOf(request) : null;
    const totals = cached ?? this.#explainedTotals(request, profile);
    for (const position of largestIndexes(totals, count, most)) {
      visit(list[position] as number, Math.min(most, totals[position] as number));
    }
  }

  /** Total scores by position, −1 where the pod is infeasible, on the plain path. */
  #explainedTotals(request: PodRequest, profile: number): Int32Array {
    const { positions } = this.nodes.order;
    const totals = new Int32Array(this.nodes.nodeCount).fill(-1);
    this.explain(request, profile, (_plugin, slot, weighted) => {
      const position = positions[slot] as number;
      totals[position] = Math.max(0, totals[position] as number) + weighted;
    });
    return totals;
  }

  /** How many profiles there are; their numbers are 0 … count − 1. */
  get profileCount(): number {
    return this.#paths.length;
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
