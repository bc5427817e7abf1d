/**
 * One scheduling cycle on the reference framework over the node table: for pods that the columns cannot answer for (claims,
 * nominations) and, in tests, for all of them.
 *
 * Search order, sampling, tie rule and draws are those of the plain path, so both choose the same node. Cost: O(nodes
 * examined × plugins), O(pods) for pods with pod terms.
 */
import type { ResourceClaim } from '../../types/device.ts';
import { nodesWantedBy, type Profile } from '../configuration/profile.ts';
import { Cycle } from '../framework/cycle.ts';
import { type Decision, decide } from '../framework/decide.ts';
import { leftOutReason } from '../framework/fit-error.ts';
import type { Framework, ScoreColumn } from '../framework/framework.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { dynamicResourcesPostFilter } from '../framework/plugins/dynamic-resources.ts';
import { podInfoOf } from '../framework/pod-info.ts';
import { CycleError, type Verdict } from '../framework/status.ts';
import type { PodRequest, Snapshot } from '../plugins/plugin.ts';
import type { SchedulingPolicy } from '../policies/policy.ts';
import { bestIndexes } from '../totals/best-indexes.ts';
import { type Diagnosis, UNRESOLVABLE, UNSCHEDULABLE } from './diagnosis.ts';
import { type Draws, type Selection, smallerName, tieOrdinal } from './selection.ts';
import type { TableView } from './table-view.ts';

/** What one profile's reference path works with. */
export interface ReferenceParts {
  readonly snapshot: Snapshot;
  readonly view: TableView;
  readonly framework: Framework;
  readonly profile: Profile;
  readonly policy: SchedulingPolicy | null;
  readonly draws: Draws;
  readonly diagnosis: Diagnosis;
  /** Names of the plugins as the diagnosis numbers them. */
  readonly pluginNames: readonly string[];
}

/** The reference path of one profile. */
export class ReferencePath {
  readonly #parts: ReferenceParts;
  readonly #wanted: (nodeCount: number) => number;

  constructor(parts: ReferenceParts) {
    this.#parts = parts;
    this.#wanted = nodesWantedBy(parts.profile);
  }

  /** Runs one cycle from search position `start` and fills `out`. A plugin's error ends it. */
  select(request: PodRequest, start: number, out: Selection): void {
    const { snapshot, view, framework, diagnosis } = this.#parts;
    out.slot = -1;
    out.feasible = 0;
    out.examined = 0;
    out.ties = 0;
    diagnosis.reset(snapshot.nodes.nodeCount);
    const cycle = this.cycleOf(request);
    try {
      const { verdict, nodeNames, narrowedBy } = framework.preFilter(cycle);
      if (verdict !== null) {
        diagnosis.rejectAll(this.#numberOf(verdict.plugin), verdict.reasons.join(', '));
        return;
      }
      const nominated = this.#nominatedNode(cycle);
      const unfit = nominated === null ? null : framework.filterWithNominated(cycle, nominated);
      if (nominated !== null && unfit === null) {
        out.slot = snapshot.nodes.find(nominated.name);
        out.feasible = 1;
        return;
      }
      const list = view.nodes;
      const candidates = nodeNames === null ? list : list.filter(({ name }) => nodeNames.includes(name));
      const narrowing = narrowedBy.reduce((bits, plugin) => bits | (1 << this.#numberOf(plugin)), 0);
      diagnosis.exclude(narrowing, list.length - candidates.length, leftOutReason(narrowedBy, unfit?.plugin));
      if (nominated !== null && unfit !== null && !candidates.includes(nominated)) {
        this.#reject(nominated, unfit);
        diagnosis.excludedCount--;
      }
      const feasible = this.#filter(request, cycle, candidates, start, out);
      if (feasible.length > 0) out.slot = this.#pick(request, cycle, feasible, out);
    } catch (error) {
      if (!(error instanceof CycleError)) throw error;
      diagnosis.error = error.message;
    }
  }

  /** Whether one slot passes every filter. */
  fits(request: PodRequest, slot: number): boolean {
    const { snapshot, view, framework } = this.#parts;
    if (snapshot.nodes.live[slot] === 0) return false;
    const cycle = this.cycleOf(request);
    try {
      const { verdict, nodeNames } = framework.preFilter(cycle);
      const node = view.at(slot);
      if (verdict !== null || nodeNames?.includes(node.name) === false) return false;
      return (framework.filterWithNominated(cycle, node) ?? this.#judgeDevices(request, node)) === null;
    } catch (error) {
      if (!(error instanceof CycleError)) throw error;
      return false;
    }
  }

  /** A cycle on the table as it is now. */
  cycleOf(request: PodRequest): Cycle {
    const { view, snapshot } = this.#parts;
    view.update();
    return new Cycle(podInfoOf(request.pod ?? snapshot.sampleOf(request.podClass)), view);
  }

  /**
   * One decision with the verdict or scores of every node, under these plugins. Nothing is drawn, sampled or remembered, and nobody is
   * preempted.
   */
  decide(request: PodRequest, framework: Framework): Decision {
    const { policy, view } = this.#parts;
    const { info } = this.cycleOf(request);
    return decide(framework, info, view, {
      postFilter: false,
      limits: null,
      judge: (node) => this.#judgeDevices(request, node),
      score: policy === null ? undefined : (_cycle, feasible) => this.#policyScores(policy, request, feasible),
    });
  }

  /** What a cycle's diagnosis says, as verdicts by node name. */
  verdicts(diagnosis: Diagnosis): ReadonlyMap<string, Verdict> {
    const { snapshot, pluginNames } = this.#parts;
    const verdicts = new Map<string, Verdict>();
    for (let i = 0; i < diagnosis.rejectedCount; i++) {
      verdicts.set(snapshot.nodes.names[diagnosis.rejectedSlots[i] as number] as string, {
        plugin: pluginNames[diagnosis.rejectedBy[i] as number] ?? '',
        code: diagnosis.codes[i] === UNSCHEDULABLE ? 'Unschedulable' : 'UnschedulableAndUnresolvable',
        reasons: diagnosis.reasonsOf(diagnosis.reasonSets[i] as number),
      });
    }
    return verdicts;
  }

  /** What DynamicResources says of a pod that found no node; the reason is `''` when it was not asked. */
  givenUpClaim(request: PodRequest): { reason: string; gives: ResourceClaim | null } {
    const { framework, view } = this.#parts;
    const cycle = this.cycleOf(request);
    try {
      const { verdict } = framework.preFilter(cycle);
      if (verdict === null) for (const node of view.nodes) framework.filter(cycle, node);
    } catch (error) {
      if (!(error instanceof CycleError)) throw error;
    }
    if (!cycle.has('DynamicResources')) return { reason: '', gives: null };
    const { reason, gives } = dynamicResourcesPostFilter(cycle);
    return { reason, gives: gives?.claim ?? null };
  }

  /** The node that the pod is nominated to; it is asked first, and says why not also where PreFilter has left it out. */
  #nominatedNode({ info }: Cycle): NodeInfo | null {
    const name = info.pod.status?.nominatedNodeName ?? '';
    return (name === '' ? undefined : this.#parts.view.find(name)) ?? null;
  }

  #filter(
    request: PodRequest,
    cycle: Cycle,
    candidates: readonly NodeInfo[],
    start: number,
    out: Selection,
  ): readonly NodeInfo[] {
    const { framework, snapshot } = this.#parts;
    const count = candidates.length;
    const wanted = this.#wanted(count);
    const feasible: NodeInfo[] = [];
    let examined = 0;
    for (; examined < count && feasible.length < wanted; examined++) {
      const node = candidates[(start + examined) % count] as NodeInfo;
      const verdict = framework.filterWithNominated(cycle, node) ?? this.#judgeDevices(request, node);
      if (verdict === null) feasible.push(node);
      else this.#reject(node, verdict);
    }
    snapshot.nodes.evaluations += examined;
    out.feasible = feasible.length;
    out.examined = examined;
    return feasible;
  }

  /** Shares of GPUs are known to the columns only. */
  #judgeDevices(request: PodRequest, node: NodeInfo): Verdict | null {
    const { gpu } = request.podClass.shape;
    const { nodes } = this.#parts.snapshot;
    if (gpu === null || nodes.gpus.fits(nodes.find(node.name), gpu)) return null;
    return { plugin: 'GpuShare', code: 'Unschedulable', reasons: ['Insufficient free GPU devices'] };
  }

  #reject(node: NodeInfo, { plugin, code, reasons }: Verdict): void {
    const { diagnosis, snapshot } = this.#parts;
    const status = code === 'Unschedulable' ? UNSCHEDULABLE : UNRESOLVABLE;
    diagnosis.reject(snapshot.nodes.find(node.name), this.#numberOf(plugin), status, diagnosis.reasonSet(reasons));
  }

  #numberOf(plugin: string): number {
    return Math.max(0, this.#parts.pluginNames.indexOf(plugin));
  }

  #pick(request: PodRequest, cycle: Cycle, feasible: readonly NodeInfo[], out: Selection): number {
    const { snapshot, profile, draws } = this.#parts;
    const slots = Int32Array.from(feasible, ({ name }) => snapshot.nodes.find(name));
    out.ties = 1;
    if (slots.length === 1) return slots[0] as number;
    const best = bestIndexes(this.#totals(request, cycle, feasible));
    out.ties = best.length;
    if (profile.tieRule !== 'name')
      return slots[best[tieOrdinal(profile.tieRule, best.length, draws)] as number] as number;
    let smallest = -1;
    for (const i of best) smallest = smallerName(snapshot.nodes, smallest, slots[i] as number);
    return smallest;
  }

  #policyScores({ score }: SchedulingPolicy, request: PodRequest, feasible: readonly NodeInfo[]): ScoreColumn[] {
    const { snapshot } = this.#parts;
    const slots = Int32Array.from(feasible, ({ name }) => snapshot.nodes.find(name));
    const weighted = new Float64Array(slots.length);
    if (score.prepare(request, snapshot)) score.score(request, snapshot, slots, slots.length, weighted);
    return [{ plugin: score.name, weighted }];
  }

  #totals(request: PodRequest, cycle: Cycle, feasible: readonly NodeInfo[]): Float64Array {
    const { framework, policy } = this.#parts;
    const totals = new Float64Array(feasible.length);
    const columns = policy === null ? framework.score(cycle, feasible) : this.#policyScores(policy, request, feasible);
    for (const { weighted } of columns ?? []) {
      for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] as number) + (weighted[i] as number);
    }
    return totals;
  }
}
