/**
 * Makes room for a nominated pod: marks its victims, deletes them, and takes back the nominations of less important pods.
 *
 * The calls are made beside the scheduling cycles (kube-scheduler 1.34, SchedulerAsyncPreemption): until the last victim's
 * delete was sent the pod is not tried again, and if a call fails it is tried again at once. A victim that is already going
 * needs no call. Source: Kubernetes 1.34, framework/preemption prepareCandidateAsync.
 */
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Context } from '../sim/context.ts';
import type { Wait } from '../sim/task.ts';
import type { Pod } from '../types/pod.ts';
import { disruptionTarget, findCondition } from '../types/pod-conditions.ts';
import { PODS } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import type { PodInfo } from './framework/pod-info.ts';
import type { Candidate } from './framework/victims.ts';
import type { Nominations } from './nominations.ts';
import { podKey } from './pod-key.ts';
import type { QueuedPod } from './queued-pod.ts';

/** What the preemptor tells the scheduler. */
export interface PreemptorOwner {
  /** The last delete of a pod's victims was sent, or a call failed. */
  finished(queued: QueuedPod, failed: boolean): void;
}

/** Runs preemptions of one scheduler. */
export class Preemptor {
  readonly #ctx: Context;
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #nominations: Nominations;
  readonly #owner: PreemptorOwner;

  constructor(ctx: Context, client: Client, recorder: EventRecorder, nominations: Nominations, owner: PreemptorOwner) {
    this.#ctx = ctx;
    this.#client = client;
    this.#recorder = recorder;
    this.#nominations = nominations;
    this.#owner = owner;
  }

  /** Starts making room; false when every victim is already going, so that there is nothing to wait for. */
  start(queued: QueuedPod, { nodeName, victims }: Candidate): boolean {
    const by = `pod ${queued.pod.metadata.uid ?? ''} on node ${nodeName}`;
    return this.#start([queued], victims, [nodeName], by);
  }

  /** Starts making room for pods of one group on the nodes that they are nominated to; false as with {@link start}. */
  startForGroup(
    members: readonly QueuedPod[],
    victims: readonly PodInfo[],
    nodeNames: Iterable<string>,
    uid: string,
  ): boolean {
    return this.#start(members, victims, nodeNames, `podgroup ${uid} on node cluster`);
  }

  #start(
    preemptors: readonly QueuedPod[],
    victims: readonly PodInfo[],
    nodeNames: Iterable<string>,
    by: string,
  ): boolean {
    const [first] = preemptors;
    const live = victims.map(({ pod }) => pod).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (live.length === 0 || first === undefined) return false;
    const least = first.pod.spec.priority ?? 0;
    const displaced = [...new Set(nodeNames)]
      .flatMap((nodeName) => this.#nominations.on(nodeName))
      .filter(({ priority }) => priority < least)
      .map((info) => info.pod);
    const calls = this.#makeRoom(preemptors, by, live, displaced);
    this.#ctx.startTask('preemption', podKey(first.pod), calls, first.attempts);
    return true;
  }

  *#makeRoom(
    preemptors: readonly QueuedPod[],
    by: string,
    victims: readonly Pod[],
    displaced: readonly Pod[],
  ): Generator<Wait, void, unknown> {
    let failed = false;
    const scheduler = preemptors[0]?.pod.spec.schedulerName ?? 'default-scheduler';
    for (const victim of victims) {
      if (!(yield* this.#evict(scheduler, by, victim))) failed = true;
    }
    for (const pod of displaced) {
      this.#nominations.delete(podKey(pod));
      yield* this.clearNomination(pod);
    }
    for (const queued of preemptors) this.#owner.finished(queued, failed);
  }

  /** Marks and deletes one victim; a victim that is gone is what was wanted. `by`: who preempts it, and where. */
  *#evict(scheduler: string, by: string, victim: Pod): Generator<Wait, boolean, unknown> {
    const { namespace = '', name } = victim.metadata;
    try {
      if (findCondition(victim.status?.conditions, 'DisruptionTarget')?.status !== 'True') {
        const why = `${scheduler}: preempting to accommodate a higher priority pod`;
        const { generation } = victim.metadata;
        const condition = disruptionTarget('PreemptionByScheduler', why, this.#ctx.wallUs(), generation);
        yield* this.#client.patch<Pod>(
          PODS,
          namespace,
          name,
          { status: { conditions: [condition] } },
          'strategic',
          'status',
        );
      }
      yield* this.#client.delete(PODS, namespace, name);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return error.code === 404;
    }
    this.#recorder.event(victim, 'Normal', 'Preempted', `Preempted by ${by}`);
    return true;
  }

  /** Takes a pod's nomination out of its status; a failure is only logged upstream. */
  *clearNomination(pod: Pod): Generator<Wait, void, unknown> {
    const { namespace = '', name } = pod.metadata;
    try {
      yield* this.#client.patch<Pod>(
        PODS,
        namespace,
        name,
        { status: { nominatedNodeName: null } },
        'strategic',
        'status',
      );
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}
