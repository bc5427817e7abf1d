/**
 * The scheduling cycle: one pod from the queue, a node for it, and what follows either way (kube-scheduler 1.34,
 * schedule_one.go). Cycles are serial. A chosen pod is assumed at once and its binding runs beside the next cycles; a pod without a
 * node waits, after preemption had its try. A failed binding forgets the pod and queues it again with back-off.
 */
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { SeriesRecorder } from '../../client/series-recorder.ts';
import type { Context } from '../../sim/context.ts';
import type { Wait } from '../../sim/task.ts';
import type { Pod } from '../../types/pod.ts';
import { isPlacedWhole } from '../../types/pod-group.ts';
import { StatusError } from '../../types/status-error.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import type { Draws, Selection } from '../choice/selection.ts';
import type { ClaimReservations } from '../devices/claim-reservations.ts';
import { groupOf } from '../framework/victim-units.ts';
import type { MayGo } from '../framework/victims.ts';
import { GANG_MASK, type Gangs, type Waiting } from '../groups/gangs.ts';
import { GroupCycle, type GroupSteps } from '../groups/group-cycle.ts';
import type { Rejection } from '../groups/group-placements.ts';
import type { PodRequest } from '../plugins/plugin.ts';
import type { PlacedPods } from '../pods/placed-pods.ts';
import { podKey } from '../pods/pod-key.ts';
import type { PodClass } from '../pods/pod-shape.ts';
import {
  BUG_DROPS_FAILED_BINDINGS,
  BUG_IGNORES_ASSUMED,
  BUG_KEEPS_NOMINATIONS,
  BUG_PREEMPTS_EQUALS,
  BUG_SEARCHES_FROM_START,
  BUG_TAKES_FIRST,
  COUNT_CYCLES,
  COUNT_NODES_EVALUATED,
  COUNT_NODES_EXAMINED,
  type ExtensionPoint,
  Placement,
  POINT_ASSUME,
  POINT_NOMINATE,
  POINT_SEARCH,
  POINT_UNSCHEDULABLE,
  type Search,
} from '../points.ts';
import { postFilter } from '../preemption/post-filter.ts';
import { Preemptor } from '../preemption/preemptor.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';
import type { SchedulingQueue } from '../queue/scheduling-queue.ts';
import { Binder } from './binder.ts';
import type { EventHandlers } from './event-handlers.ts';
import { PLUGIN_FAILED, pluginFailure } from './plugin-failure.ts';
import type { Reserver } from './reserver.ts';

const GANG_MESSAGE = 'the other pods of the group did not get nodes in time';

const NOBODY: readonly Reserver[] = [];

/** Bindings that may be under way at one time; the next cycle waits when there are so many. */
const MAX_BINDINGS = 100_000;

/** What the cycles decide with, and whom they tell. */
export interface CycleParts {
  /** The scheduler instance, as observers know it. */
  readonly scheduler: object;
  readonly core: SchedulingCore;
  readonly queue: SchedulingQueue;
  readonly placed: PlacedPods;
  readonly handlers: EventHandlers;
  /** `null` unless a profile enables GangScheduling. */
  readonly gangs: Gangs | null;
  readonly client: Client;
  readonly recorder: SeriesRecorder;
  readonly pods: Informer<Pod>;
  /** Who holds volumes and devices for pods; empty where these are not watched. */
  readonly reservers: readonly Reserver[];
  /** Devices, as one of the reservers; `null` where these are not watched. */
  readonly claims: ClaimReservations | null;
}

/** The cycles of one scheduler. */
export class SchedulingCycle {
  readonly #ctx: Context;
  readonly #core: SchedulingCore;
  readonly #queue: SchedulingQueue;
  readonly #placed: PlacedPods;
  readonly #handlers: EventHandlers;
  readonly #gangs: Gangs | null;
  readonly #groups: GroupCycle | null;
  readonly #pods: Informer<Pod>;
  readonly #reservers: readonly Reserver[];
  readonly #claims: ClaimReservations | null;
  readonly #binder: Binder;
  readonly #preemptor: Preemptor;
  readonly #preemptionDraws: Draws;
  readonly #selection: Selection = { slot: -1, feasible: 0, examined: 0 };
  readonly #placement: Placement;
  readonly #search: Search;
  /** For whom a node was last looked for, and under which profile. */
  #asked: PodRequest | null = null;
  #askedProfile = 0;

  constructor(ctx: Context, { scheduler, client, recorder, ...parts }: CycleParts) {
    this.#ctx = ctx;
    this.#core = parts.core;
    this.#queue = parts.queue;
    this.#placed = parts.placed;
    this.#handlers = parts.handlers;
    this.#gangs = parts.gangs;
    this.#pods = parts.pods;
    this.#reservers = parts.reservers;
    this.#claims = parts.claims;
    this.#preemptionDraws = ctx.random('preemption-offset');
    this.#placement = new Placement(parts.core.nodes, parts.placed.uncounted);
    const agrees = (): boolean =>
      this.#core.agrees(this.#asked as PodRequest, this.#askedProfile, this.#search.start, this.#selection);
    this.#search = { scheduler, start: 0, examined: 0, nodeCount: 0, priority: 0, nextPriority: 0, agrees };
    this.#preemptor = new Preemptor(ctx, client, recorder, parts.core.nominations, {
      again: (queued) => parts.queue.activate(queued),
    });
    this.#binder = new Binder(ctx, client, recorder, parts.pods, {
      placement: this.#placement,
      preBind: (queued, nodeName) => this.#preBind(queued, nodeName),
      failed: (queued) => this.#bindingFailed(queued),
      bound: (queued) => {
        for (const reserver of this.#holders(queued.pod)) reserver.bound(queued.pod);
        if (parts.queue.get(queued.id) === queued) parts.queue.delete(queued.id);
      },
      again: (queued) => this.#chooseAgain(queued),
    });
    const { core, queue, placed, gangs } = parts;
    const preemptor = this.#preemptor;
    this.#groups =
      gangs === null ? null : new GroupCycle({ core, queue, placed, gangs, preemptor, steps: this.#groupSteps() });
  }

  /** What cycles of groups do with their pods: as here, but nothing is told of nodes that are only tried. */
  #groupSteps(): GroupSteps {
    const core = this.#core;
    const takeBack = (queued: QueuedPod): void => {
      this.#unreserve(queued.pod);
      this.#placed.remove(queued.id);
    };
    const putOn = (queued: QueuedPod, slot: number): boolean => {
      const counts = !this.#ctx.bug(BUG_IGNORES_ASSUMED);
      this.#placed.assume(queued.id, slot, core.classOf(queued.pod), counts, queued.pod);
      if (this.#reserve(queued, core.nodes.names[slot] as string)) return true;
      this.#placed.remove(queued.id);
      return false;
    };
    return {
      tryOn: (queued, as, share) => {
        this.#ctx.spend(Math.round(share * this.#ctx.costs.schedulerCycleUs));
        const failure = (point: ExtensionPoint) => pluginFailure(this.#ctx, point, queued.pod);
        const atFilter = failure('Filter');
        if (atFilter !== null) return wentWrong(atFilter);
        const { slot, feasible } = this.#choose(queued, { podClass: core.classOf(as), nodeName: '', pod: as });
        const { diagnosis } = core;
        if (slot < 0) {
          const { rejectors, error } = diagnosis;
          return { message: diagnosis.message(), rejectors, isError: error !== '' };
        }
        const atScore = feasible > 1 ? failure('Score') : null;
        if (atScore !== null) return wentWrong(atScore);
        if (!putOn(queued, slot)) return wentWrong(`what the pod needs is not to be had on ${core.nodes.names[slot]}`);
        const later = failure('Reserve') ?? failure('Permit');
        if (later === null) return slot;
        takeBack(queued);
        return wentWrong(later);
      },
      putOn,
      takeBack,
      bind: (queued, slot) => {
        this.#show(queued.pod, core.classOf(queued.pod), slot);
        this.#ctx.observe(POINT_ASSUME, this.#placement);
        this.#binder.bind(queued, core.nodes.names[slot] as string);
      },
      report: (pod, message, nomination) => {
        this.#ctx.observe(POINT_UNSCHEDULABLE, { pod, message });
        this.#binder.reportUnschedulable(pod, message, nomination);
      },
      reportError: (pod, message) => this.#binder.reportError(pod, message),
    };
  }

  #show(pod: Pod, podClass: PodClass, slot: number): void {
    const placement = this.#placement;
    placement.pod = pod;
    placement.podClass = podClass;
    placement.slot = slot;
  }

  /** Whether another binding may begin. */
  get mayBind(): boolean {
    return this.#binder.running < MAX_BINDINGS;
  }

  /** Runs one cycle on what is known now; nothing happens with an empty queue. */
  run(nowUs: number): void {
    const queued = this.#queue.pop();
    if (queued === undefined) return;
    const goes = queued.pod.metadata.deletionTimestamp !== undefined;
    if (goes) this.#binder.reportSkipped(queued.pod);
    if (goes || this.#placed.has(queued.id)) {
      this.#queue.delete(queued.id);
      return;
    }
    if (this.#gangs?.admits(queued.pod) === false) {
      this.#queue.addUnschedulable(queued, GANG_MASK, nowUs);
      return;
    }
    const group = this.#groups === null ? undefined : groupOf(queued.pod, this.#core.objects);
    if (group !== undefined && isPlacedWhole(group)) {
      this.#groups?.run(queued, group, nowUs);
      return;
    }
    if (this.#fails('Filter', queued, nowUs)) return;
    const podClass = this.#core.classOf(queued.pod);
    if (this.#choose(queued, { podClass, nodeName: '', pod: queued.pod }).slot < 0) {
      this.#unplaced(queued, nowUs);
      return;
    }
    // One feasible node is taken without scores.
    if (this.#selection.feasible > 1 && this.#fails('Score', queued, nowUs)) return;
    const nodeName = this.#assume(queued, podClass);
    if (!this.#reserve(queued, nodeName)) {
      this.#forget(queued);
      this.#queue.addError(queued, nowUs);
      return;
    }
    if (this.#fails('Reserve', queued, nowUs) || this.#fails('Permit', queued, nowUs)) return;
    if (this.#gangs === null) this.#binder.bind(queued, nodeName);
    else this.#bindGang(this.#gangs.assumed({ queued, nodeName }, nowUs));
  }

  /** Whether a plugin fails at this point, which ends the attempt. */
  #fails(point: ExtensionPoint, queued: QueuedPod, nowUs: number): boolean {
    const failure = pluginFailure(this.#ctx, point, queued.pod);
    if (failure !== null) this.#ended(queued, failure, nowUs);
    return failure !== null;
  }

  /** An error ended the attempt: what was taken for the pod is free again, it waits for no node any more, and it backs off. */
  #ended(queued: QueuedPod, message: string, nowUs: number): void {
    this.#unreserve(queued.pod);
    this.#forget(queued);
    this.#core.nominations.delete(podKey(queued.pod));
    this.#queue.addError(queued, nowUs);
    this.#binder.reportError(queued.pod, message);
  }

  /** A group has waited too long for its last pods: its nodes are free again, and it backs off. */
  expireGang(nowUs: number): void {
    for (const { queued } of this.#gangs?.expire(nowUs) ?? []) {
      if (this.#queue.get(queued.id) !== queued) continue;
      this.#unreserve(queued.pod);
      this.#forget(queued);
      this.#queue.addError(queued, nowUs);
      this.#binder.reportUnschedulable(queued.pod, GANG_MESSAGE, '');
    }
  }

  /** Takes what the pod needs beside resources on its node: everything or nothing. */
  #reserve({ pod }: QueuedPod, nodeName: string): boolean {
    for (const reserver of this.#reservers) {
      if (reserver.reserve(pod, nodeName)) continue;
      this.#unreserve(pod);
      return false;
    }
    return true;
  }

  /** Those that hold something for a pod. */
  #holders(pod: Pod): readonly Reserver[] {
    let holders = NOBODY;
    for (const reserver of this.#reservers) if (reserver.holds(pod)) holders = [...holders, reserver];
    return holders;
  }

  #preBind({ pod }: QueuedPod, nodeName: string): Generator<Wait, void, unknown> | null {
    const holders = this.#holders(pod);
    return holders.length === 0 ? null : preBindAll(holders, pod, nodeName);
  }

  #unreserve(pod: Pod): void {
    for (const reserver of this.#holders(pod)) reserver.unreserve(pod);
  }

  /** The pod counts on no node any more. */
  #forget(queued: QueuedPod): void {
    if (this.#placed.isAssumed(queued.id)) this.#handlers.release(queued.id, queued.pod);
  }

  /** Binds pods whose group is complete. */
  #bindGang(ready: readonly Waiting[]): void {
    for (const { queued, nodeName } of ready) {
      this.#show(queued.pod, this.#core.classOf(queued.pod), this.#core.nodes.find(nodeName));
      this.#binder.bind(queued, nodeName);
    }
  }

  /** No node is feasible: room is made where that is allowed, and the pod waits. */
  #unplaced(queued: QueuedPod, nowUs: number): void {
    const core = this.#core;
    const { pod } = queued;
    const request = { podClass: core.classOf(pod), nodeName: '', pod };
    const { rejectors, error } = core.diagnosis;
    if (error !== '') {
      this.#ended(queued, error, nowUs);
      return;
    }
    const equalsToo: MayGo = (victim, { priority }) => victim.priority <= priority;
    const mayGo = this.#ctx.bug(BUG_PREEMPTS_EQUALS) ? equalsToo : undefined;
    const least = this.#placed.leastPriority;
    const outcome = postFilter(core, request, queued.profile, least, this.#preemptionDraws, mayGo);
    const { message, candidate, clearsNomination, deallocates } = outcome;
    if (deallocates !== null) this.#claims?.deallocate(deallocates);
    this.#ctx.observe(POINT_UNSCHEDULABLE, { pod, message });
    this.#queue.addUnschedulable(queued, rejectors, nowUs);
    const clears = clearsNomination && !this.#ctx.bug(BUG_KEEPS_NOMINATIONS);
    const nomination = candidate?.nodeName ?? (clears ? '' : null);
    this.#binder.reportUnschedulable(pod, message, nomination);
    if (nomination !== null) core.nominations.set(pod, nomination);
    if (candidate === null) return;
    this.#ctx.observe(POINT_NOMINATE, { pod, nodeName: candidate.nodeName, victims: candidate.victims });
    this.#preemptor.start(queued, candidate);
  }

  /** Assumes a pod on the node that was chosen for it, and gives that node's name. */
  #assume(queued: QueuedPod, podClass: PodClass): string {
    const core = this.#core;
    const { slot } = this.#selection;
    this.#placed.assume(queued.id, slot, podClass, !this.#ctx.bug(BUG_IGNORES_ASSUMED), queued.pod);
    if (core.nominations.size > 0) core.nominations.delete(podKey(queued.pod));
    this.#show(queued.pod, podClass, slot);
    this.#ctx.observe(POINT_ASSUME, this.#placement);
    return core.nodes.names[slot] as string;
  }

  /** Searches a node for a pod; the slot is −1 when none is feasible. */
  #choose(queued: QueuedPod, request: PodRequest): Selection {
    const core = this.#core;
    const selection = this.#selection;
    const evaluatedBefore = core.nodes.evaluations;
    if (this.#ctx.bug(BUG_SEARCHES_FROM_START)) core.nextStart = 0;
    const search = this.#search;
    search.nodeCount = core.nodes.nodeCount;
    search.priority = queued.priority;
    search.nextPriority = this.#queue.nextPriority;
    search.start = search.nodeCount === 0 ? 0 : core.nextStart % search.nodeCount;
    core.select(request, queued.profile, selection);
    this.#asked = request;
    this.#askedProfile = queued.profile;
    if (this.#ctx.bug(BUG_TAKES_FIRST)) this.#takeFirst(request, queued.profile);
    search.examined = selection.examined;
    this.#ctx.observe(POINT_SEARCH, search);
    this.#ctx.count(COUNT_CYCLES);
    this.#ctx.count(COUNT_NODES_EXAMINED, selection.examined);
    this.#ctx.count(COUNT_NODES_EVALUATED, core.nodes.evaluations - evaluatedBefore);
    this.#ctx.spend(this.#ctx.costs.schedulerPerNodeUs * selection.examined);
    return selection;
  }

  /** Only under the bug that does not heed scores. */
  #takeFirst(request: PodRequest, profile: number): void {
    const { list, count } = this.#core.nodes.order;
    const first = list.subarray(0, count).find((slot) => this.#core.fits(request, profile, slot));
    if (first !== undefined) this.#selection.slot = first;
  }

  /** The pod is forgotten and tries again after a back-off, unless it is gone or has a node after all. */
  #bindingFailed(queued: QueuedPod): void {
    this.#unreserve(queued.pod);
    if (this.#queue.get(queued.id) !== queued) return;
    this.#forget(queued);
    this.#gangs?.unbound(queued.id);
    if (this.#ctx.bug(BUG_DROPS_FAILED_BINDINGS)) this.#queue.delete(queued.id);
    this.#queue.addError(queued, this.#ctx.now());
  }

  /** Only under the bug that binds again: another node for a pod whose binding has an unknown outcome. */
  #chooseAgain(queued: QueuedPod): string | null {
    if (this.#pods.get(queued.id)?.metadata.uid !== queued.pod.metadata.uid) return null;
    this.#placed.remove(queued.id);
    const podClass = this.#core.classOf(queued.pod);
    const { slot } = this.#choose(queued, { podClass, nodeName: '', pod: queued.pod });
    return slot < 0 ? null : this.#assume(queued, podClass);
  }
}

/** An attempt that no plugin ended by rejecting nodes. */
function wentWrong(message: string): Rejection {
  return { message, rejectors: 0, isError: true };
}

/** @throws StatusError with the plugin's name in its message */
function* preBindAll(holders: readonly Reserver[], pod: Pod, nodeName: string): Generator<Wait, void, unknown> {
  for (const holder of holders) {
    try {
      yield* holder.preBind(pod, nodeName);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const { code, message, details, outcomeUnknown } = error;
      const named = `running PreBind plugin "${holder.name}": ${message}`;
      throw new StatusError(code, PLUGIN_FAILED, named, details, outcomeUnknown);
    }
  }
}
