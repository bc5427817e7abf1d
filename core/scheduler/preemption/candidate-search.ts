/**
 * Preemption of a core: on the columns where only resources keep the pod out, by the reference framework's dry runs otherwise. Both
 * come to the same candidate.
 */
import { POD_GROUP_KIND } from '../../types/pod-group.ts';
import type { Diagnosis } from '../choice/diagnosis.ts';
import type { ProfilePaths } from '../choice/profile-paths.ts';
import type { Draws } from '../choice/selection.ts';
import type { ClusterObjects } from '../framework/cluster-objects.ts';
import { noHelpMessage, preempt } from '../framework/preemption.ts';
import type { Candidate, MayGo } from '../framework/victims.ts';
import type { PodRequest, Snapshot } from '../plugins/plugin.ts';
import { VictimSearch } from './victim-search.ts';
import type { Waiting } from './waiting-room.ts';

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
  /** There is no candidate because dry runs ended with an error, which `message` is. */
  readonly failed: boolean;
}

/** The cycle that has just failed. */
export interface FailedCycle {
  readonly request: PodRequest;
  readonly paths: ProfilePaths;
  readonly diagnosis: Diagnosis;
  /** Whether cached totals answered: then no filter on other pods, ports or devices judged the pod. */
  readonly onCachedTotals: boolean;
  /** Nodes that others wait for. */
  readonly waiting: () => readonly Waiting[];
}

/** Searches one core's table. */
export class CandidateSearch {
  readonly #snapshot: Snapshot;
  readonly #objects: ClusterObjects;
  readonly #victims: VictimSearch;

  constructor(snapshot: Snapshot, objects: ClusterObjects) {
    this.#snapshot = snapshot;
    this.#objects = objects;
    this.#victims = new VictimSearch(snapshot);
  }

  /** Looks for pods that would have to go; `null` when the profile does not preempt. Where PreFilter refused the pod no node helps. Nothing is changed. */
  find(failed: FailedCycle, draws: Draws, mayGo?: MayGo): Preemption | null {
    const { request, diagnosis } = failed;
    const { configuration, ...paths } = failed.paths;
    if (!configuration.plugins.postFilter.includes('DefaultPreemption')) return null;
    if (diagnosis.preFilterMessage !== '') {
      const message = noHelpMessage(diagnosis.nodeCount, []);
      return { candidate: null, bestNodes: [], ineligible: '', message, failed: false };
    }
    const args = configuration.args.defaultPreemption;
    let drawn = -1;
    const offset = (count: number) => {
      if (drawn < 0) drawn = draws.below(count);
      return drawn;
    };
    if (mayGo === undefined && this.#onlyResourcesMatter(failed)) {
      const priority = request.pod?.spec.priority ?? 0;
      const waiting = failed.waiting();
      const { slots, victims, message } = this.#victims.find(request, priority, diagnosis, args, waiting, offset);
      const bestNodes = slots.map((slot) => this.#snapshot.nodes.names[slot] as string);
      const nodeName = bestNodes[0];
      const candidate = nodeName === undefined ? null : { nodeName, victims, pdbViolations: 0 };
      return { candidate, bestNodes, ineligible: '', message, failed: false };
    }
    const path = paths.reference();
    const framework = paths.framework();
    const cycle = path.cycleOf(request);
    const verdicts = path.verdicts(diagnosis);
    framework.preFilter(cycle);
    const { best, ineligible, message, failed: ended } = preempt(framework, cycle, verdicts, { args, offset, mayGo });
    const bestNodes = best.map(({ nodeName }) => nodeName);
    return { candidate: best[0] ?? null, bestNodes, ineligible, message, failed: ended };
  }

  /** Whether only resources keep the pod out, and nothing but priorities protects the pods on nodes. */
  #onlyResourcesMatter({ request: { pod, podClass }, paths, onCachedTotals }: FailedCycle): boolean {
    const { shape } = podClass;
    const { pods } = this.#snapshot;
    const { ignoredResources, ignoredResourceGroups } = paths.configuration.args.nodeResourcesFit;
    return (
      ignoredResources.length + ignoredResourceGroups.length === 0 &&
      onCachedTotals &&
      pod !== undefined &&
      pod.spec.preemptionPolicy !== 'Never' &&
      (pod.status?.nominatedNodeName ?? '') === '' &&
      shape.gpu === null &&
      shape.hostPorts.length === 0 &&
      pods.objectCount === pods.count &&
      this.#objects.isEmpty('PodDisruptionBudget') &&
      this.#objects.isEmpty(POD_GROUP_KIND)
    );
  }
}
