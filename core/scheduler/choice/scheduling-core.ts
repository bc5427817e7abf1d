/**
 * The scheduler's pure core: node table, pods on nodes, shapes, and the choice of a node. No queue, no clock, no messages.
 *
 * `select` uses cached totals where it can, and otherwise the plain or the reference path; all give the same node for the same draws. After a
 * failed cycle {@link SchedulingCore.diagnosis} says why.
 */
import type { ResourceClaim } from '../../types/device.ts';
import type { Pod } from '../../types/pod.ts';
import type { ProfileConfiguration } from '../configuration/configuration.ts';
import { nodesWantedBy, type Profile } from '../configuration/profile.ts';
import type { Decision } from '../framework/decide.ts';
import {
  type GroupPreemption,
  isPreempting,
  type PreemptingGroup,
  preemptForGroup,
} from '../framework/group-preemption.ts';
import type { MayGo } from '../framework/victims.ts';
import type { PodRequest } from '../plugins/plugin.ts';
import type { DeviceChooser } from '../policies/device-choice.ts';
import { CandidateSearch, type Preemption } from '../preemption/candidate-search.ts';
import { type Waiting, WaitingRoom } from '../preemption/waiting-room.ts';
import { largestIndexes } from '../totals/best-indexes.ts';
import { ClusterState, type StateOptions } from './cluster-state.ts';
import { ColumnReach, NOBODY } from './column-reach.ts';
import { Diagnosis, ReasonSets } from './diagnosis.ts';
import { makeProfilePaths, type ProfilePaths } from './profile-paths.ts';
import { RejectionIndex } from './rejection-index.ts';
import type { Draws, Selection } from './selection.ts';

/**
 * `plain` never uses cached totals, `reference` never the columns: what the others must choose, for tests and measurements.
 */
export type PathChoice = 'cached' | 'plain' | 'reference';

/** What else a core may be told. */
export interface CoreOptions extends StateOptions {
  readonly choice?: PathChoice | undefined;
}

/** Everything the scheduler decides with. All profiles share the node table. */
export class SchedulingCore extends ClusterState {
  /** Where the next search starts, a position in the node order (rotates only under sampling). */
  nextStart = 0;
  readonly #reasons = new ReasonSets();
  /** Of the plain and the reference path. */
  readonly #ownDiagnosis = new Diagnosis(this.#reasons);
  #diagnosis = this.#ownDiagnosis;
  readonly #candidates: CandidateSearch;
  readonly #waitingRoom: WaitingRoom;
  readonly #reach: ColumnReach;
  readonly #paths: ProfilePaths[];
  readonly #choice: PathChoice;

  /** `profiles[0]` decides the node order; the others must name the same. */
  constructor(profiles: readonly [Profile, ...Profile[]], draws: Draws, options: PathChoice | CoreOptions = 'cached') {
    const { choice = 'cached', ...known }: CoreOptions = typeof options === 'string' ? { choice: options } : options;
    super(profiles[0].nodeOrder, known);
    this.#choice = choice;
    this.#candidates = new CandidateSearch(this.snapshot, this.objects);
    this.#waitingRoom = new WaitingRoom(this.snapshot, this.shapes, this.nominations);
    const { objects, nominations, volumes } = this;
    this.#reach = new ColumnReach({ objects, nominations, waitingRoom: this.#waitingRoom, volumes });
    const shared = {
      snapshot: this.snapshot,
      draws,
      diagnosis: this.#ownDiagnosis,
      volumes: volumes !== null,
      claims: this.claims,
      view: () => this.view,
    };
    this.#paths = profiles.map((profile) => makeProfilePaths(profile, shared));
  }

  protected override chooserOf(profile: number): DeviceChooser {
    return (this.#paths[profile] as ProfilePaths).chooser;
  }

  /** Why the last cycle failed; names of plugins are those of {@link filterNames}. */
  get diagnosis(): Diagnosis {
    return this.#diagnosis;
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
    const waiting = this.#choice === 'cached' ? this.#reach.waitingAgainst(request, paths) : null;
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
    const claims = this.#reach.hasClaims(request.pod);
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

  /** Whether the columns cannot answer for a pod under a profile (by index), or are not to. */
  needsReference(request: PodRequest, profile: number): boolean {
    return this.#choice === 'reference' || this.#reach.isBeyond(request, this.#paths[profile] as ProfilePaths);
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
      waiting: () => this.#reach.waitingAgainst(request, paths) ?? NOBODY,
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
    if (!this.#reach.hasClaims(request.pod)) {
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
    const known = this.#choice === 'cached' && this.#reach.waitingAgainst(request, paths)?.length === 0;
    const cached = known && !this.#reach.hasClaims(request.pod) ? paths.cached().totalsOf(request) : null;
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
