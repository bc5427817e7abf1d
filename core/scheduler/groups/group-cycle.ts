/**
 * The scheduling cycle of a PodGroup: all its pods that wait are tried one after the other, each beside those before it, and bound if the group gets
 * as many nodes as it needs; otherwise all of them wait, after preemption for the whole group had its try. With a topology constraint every value of
 * the label is tried, and the best that has room is taken.
 *
 * Always: outside of {@link GroupCycle.run} no pod of the group is assumed that is not about to be bound. Source: Kubernetes 1.37,
 * schedule_one_podgroup.go and plugins gangscheduling. Not as upstream: pods that wait out a failed binding are not tried with the others, and of
 * equal placements the first is taken (upstream: any).
 */
import type { Pod } from '../../types/pod.ts';
import { groupPriorityOf, minCountOf, type PodGroup, topologyKeyOf } from '../../types/pod-group.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import { configurationOf } from '../configuration/profile.ts';
import type { PreemptingGroup } from '../framework/group-preemption.ts';
import { podInfoOf } from '../framework/pod-info.ts';
import type { PlacedPods } from '../pods/placed-pods.ts';
import { podKey } from '../pods/pod-key.ts';
import type { Preemptor } from '../preemption/preemptor.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';
import type { SchedulingQueue } from '../queue/scheduling-queue.ts';
import { GANG_MASK, type Gangs } from './gangs.ts';
import {
  asksElsewhere,
  bestPlacement,
  confined,
  fullness,
  type Placement,
  placementsOf,
  type Rejection,
} from './group-placements.ts';

/** Single steps, as the cycles of single pods have them. */
export interface GroupSteps {
  /**
   * Chooses a node for a version of a waiting pod, assumes the pod there and takes what it needs; the slot, or why there is none. `share`: of all
   * nodes, how many may be chosen; that much of a cycle is charged.
   */
  readonly tryOn: (queued: QueuedPod, as: Pod, share: number) => number | Rejection;
  /** Assumes a pod on a slot again; false when what it needs is not to be had any more. */
  readonly putOn: (queued: QueuedPod, slot: number) => boolean;
  /** The opposite of both. */
  readonly takeBack: (queued: QueuedPod) => void;
  readonly bind: (queued: QueuedPod, slot: number) => void;
  /** Writes why a pod has no node; `nomination` as Binder.reportUnschedulable has it. */
  readonly report: (pod: Pod, message: string, nomination: string | null) => void;
  /** Writes that an attempt failed. */
  readonly reportError: (pod: Pod, message: string) => void;
}

/** What group cycles decide with. */
export interface GroupParts {
  readonly core: SchedulingCore;
  readonly queue: SchedulingQueue;
  readonly placed: PlacedPods;
  readonly gangs: Gangs;
  readonly preemptor: Preemptor;
  readonly steps: GroupSteps;
}

/** A pod that got a slot in a trial. */
interface Held {
  readonly queued: QueuedPod;
  readonly slot: number;
}

/** How a trial went. */
interface Trial {
  readonly held: readonly Held[];
  /** Pods without a node, and why; pods that were not tried any more are missing. */
  readonly failed: ReadonlyMap<QueuedPod, Rejection>;
  /** Plugins that rejected one of them. */
  readonly rejectors: number;
  /** Whether an attempt for one of them went wrong: they back off, and nobody is preempted. */
  readonly isError: boolean;
  /** `''` when the group has as many nodes as it needs. */
  readonly problem: string;
}

/** What a trial is for. */
interface Attempt {
  readonly members: readonly QueuedPod[];
  readonly wanted: number;
  /** Pods of the group that are bound, or about to be. */
  readonly bound: number;
  /** Its topology label, and the value of it that pods of the group have already. */
  readonly key: string;
  readonly required: string | null;
}

/** The group cycles of one scheduler. */
export class GroupCycle {
  readonly #parts: GroupParts;

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  /** Tries the group of a pod that was taken from the queue. */
  run(first: QueuedPod, group: PodGroup, nowUs: number): void {
    const { core, gangs, queue } = this.#parts;
    const { members: ids, released } = gangs.groupOf(first.pod);
    const members: QueuedPod[] = [];
    for (const id of ids) {
      const queued = id === first.id ? first : queue.take(id);
      if (queued === undefined) continue;
      if (queued.pod.metadata.deletionTimestamp === undefined) members.push(queued);
      else queue.delete(id);
    }
    const key = topologyKeyOf(group);
    const required = key === '' ? null : this.#takenDomain(key, released);
    const attempt = { members, wanted: minCountOf(group), bound: released.size, key, required };
    const problem = prioritiesDiffer(group, members);
    if (problem !== '') {
      for (const queued of members) this.#refuse(queued, problem, nowUs);
      return;
    }
    const trial = key === '' ? this.#try(attempt, null) : this.#best(attempt, first);
    if (trial.problem === '') this.#bind(trial, first.pod, nowUs);
    else {
      this.#takeBack(trial.held);
      gangs.triedInVain(first.pod, attempt.bound + trial.held.length);
      this.#wait(attempt, group, trial, core.postFilterNames(first.profile), nowUs);
    }
  }

  /** Tries all pods on the nodes of a placement (`null`: on all nodes); they stay assumed. */
  #try({ members, wanted, bound, key }: Attempt, placement: Placement | null): Trial {
    const { core, steps } = this.#parts;
    const held: Held[] = [];
    const failed = new Map<QueuedPod, Rejection>();
    let rejectors = 0;
    let isError = false;
    let remaining = members.length;
    const share = placement === null ? 1 : placement.slots.length / core.nodes.nodeCount;
    for (const queued of members) {
      if (bound + held.length + remaining < wanted) break;
      remaining--;
      const as = placement === null ? queued.pod : confined(queued.pod, key, placement.domain);
      const tried = as === null ? asksElsewhere(core, queued.profile) : steps.tryOn(queued, as, share);
      if (typeof tried === 'number') held.push({ queued, slot: tried });
      else {
        failed.set(queued, tried);
        rejectors |= tried.rejectors;
        isError ||= tried.isError;
      }
    }
    const got = bound + held.length;
    const problem =
      got >= wanted && held.length > 0
        ? ''
        : `minCount (${wanted}) cannot be satisfied: ${got} scheduled, ${remaining} remaining`;
    return { held, failed, rejectors, isError, problem };
  }

  /** The value of a label on the node of a pod that has one, null for none. */
  #takenDomain(key: string, released: ReadonlySet<number>): string | null {
    const { core, placed } = this.#parts;
    const [taken] = [...released].map((id) => placed.slotOf(id)).filter((slot) => slot >= 0);
    return taken === undefined ? null : (core.nodes.labels[taken]?.[key] ?? '');
  }

  /** Tries all placements, and goes back to the best that has room. */
  #best(attempt: Attempt, first: QueuedPod): Trial {
    const { core } = this.#parts;
    const placements = placementsOf(core.nodes, attempt.key, attempt.required);
    const { resources } = configurationOf(core.profile(first.profile)).args.nodeResourcesFit.scoringStrategy;
    const trials: { readonly trial: Trial; readonly count: number; readonly full: number }[] = [];
    let refused: Trial | null = null;
    for (const placement of placements) {
      const trial = this.#try(attempt, placement);
      if (trial.problem === '') {
        const count = attempt.bound + trial.held.length;
        trials.push({ trial, count, full: fullness(core.nodes, placement.slots, resources) });
      } else if (refused === null || (trial.isError && !refused.isError)) refused = trial;
      this.#takeBack(trial.held);
    }
    const best = trials[bestPlacement(trials)]?.trial;
    if (best !== undefined && this.#putOn(best.held)) return best;
    const why = refused === null ? '' : `, first placement status: ${refused.problem}`;
    return {
      held: [],
      failed: refused?.failed ?? new Map(),
      rejectors: refused?.rejectors ?? 0,
      isError: best !== undefined || refused?.isError === true,
      problem: `0/${placements.length} placements are available${why}`,
    };
  }

  /** Assumes pods where they were in a trial: all of them, or none when what one needs is not to be had any more. */
  #putOn(held: readonly Held[]): boolean {
    for (const [i, { queued, slot }] of held.entries()) {
      if (this.#parts.steps.putOn(queued, slot)) continue;
      this.#takeBack(held.slice(0, i));
      return false;
    }
    return true;
  }

  #takeBack(held: readonly Held[]): void {
    for (const { queued } of [...held].reverse()) this.#parts.steps.takeBack(queued);
  }

  /** The group has its nodes; pods beyond what it needs that found none wait. */
  #bind({ held, failed, rejectors }: Trial, pod: Pod, nowUs: number): void {
    const { core, gangs, queue, steps } = this.#parts;
    gangs.release(
      pod,
      held.map(({ queued }) => queued.id),
    );
    for (const [queued, { message, isError }] of failed) {
      if (isError) {
        queue.addError(queued, nowUs);
        steps.reportError(queued.pod, message);
      } else {
        queue.addUnschedulable(queued, rejectors | GANG_MASK, nowUs);
        steps.report(queued.pod, message, null);
      }
    }
    for (const { queued, slot } of held) {
      if (core.nominations.size > 0) core.nominations.delete(podKey(queued.pod));
      steps.bind(queued, slot);
    }
  }

  /** The group has no room: room is made where that is allowed, and its pods wait. */
  #wait(attempt: Attempt, group: PodGroup, trial: Trial, postFilters: readonly string[], nowUs: number): void {
    const { core, queue, preemptor, steps } = this.#parts;
    const { members } = attempt;
    const [first] = members;
    const preempts = postFilters.includes('DefaultPreemption') && first !== undefined && !trial.isError;
    const outcome = preempts ? core.preemptForGroup(preemptingGroup(attempt, group), first.profile) : null;
    const room = outcome === null || typeof outcome === 'string' ? null : outcome;
    const text = typeof outcome === 'string' ? ` pod group preemption: ${outcome}` : '';
    const waits = room?.victims.length === 0;
    for (const queued of members) {
      const own = trial.failed.get(queued);
      if (trial.isError) queue.addError(queued, nowUs);
      else queue.addUnschedulable(queued, trial.rejectors | GANG_MASK, nowUs);
      if (own?.isError === true) {
        steps.reportError(queued.pod, own.message);
        continue;
      }
      const nodeName = room?.nodeOf.get(podKey(queued.pod)) ?? '';
      const nomination = waits || !preempts ? null : nodeName;
      const message = room === null ? (own?.message ?? `${trial.problem}${text}`) : trial.problem;
      steps.report(queued.pod, message, nomination);
      if (nomination !== null) core.nominations.set(queued.pod, nomination);
    }
    if (room === null || waits) return;
    preemptor.startForGroup(members, room.victims, room.nodeOf.values(), group.metadata.uid ?? '');
  }

  /** A pod that cannot be tried with its group. */
  #refuse(queued: QueuedPod, problem: string, nowUs: number): void {
    this.#parts.queue.addError(queued, nowUs);
    this.#parts.steps.report(queued.pod, problem, null);
  }
}

/** The group as preemption sees it. */
function preemptingGroup(
  { members: waiting, wanted, bound, key, required }: Attempt,
  group: PodGroup,
): PreemptingGroup {
  const members = waiting.map(({ pod }) => podInfoOf(pod));
  return { priority: groupPriorityOf(group), members, wanted: wanted - bound, topologyKey: key, required };
}

/**
 * Why pods cannot be tried together: they have other priorities than their group, or not all the same preemption policy. Source: Kubernetes 1.37,
 * schedule_one_podgroup.go, validatePodGroup, with gate PodGroupPreemptionPolicy off.
 */
function prioritiesDiffer(group: PodGroup, members: readonly QueuedPod[]): string {
  const priority = groupPriorityOf(group);
  const policy = policyOf(members[0]);
  const other = members.find((queued) => queued.priority !== priority || policyOf(queued) !== policy);
  if (other === undefined) return '';
  if (other.priority === priority)
    return `all pods in a single pod group should have the same preemption policy, got ${policyOf(other)} and ${policy}`;
  return `all pods in a single pod group should have the same priority as the pod group's priority, got ${other.priority} and ${priority}`;
}

function policyOf(queued: QueuedPod | undefined): string {
  return queued?.pod.spec.preemptionPolicy ?? 'PreemptLowerPriority';
}
