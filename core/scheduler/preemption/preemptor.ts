/**
 * Makes room for a nominated pod: marks its victims, deletes them, and takes back the nominations of less important pods.
 *
 * The calls are made beside the scheduling cycles (kube-scheduler 1.34, SchedulerAsyncPreemption). No event wakes the pod before
 * the last victim's turn, so that it is the end of that one which does; if a call fails, or the last victim was gone before its
 * turn, the pod is tried again at once. A victim that is already going needs no call. Source: Kubernetes 1.34,
 * framework/preemption prepareCandidateAsync (there victims but the last are deleted side by side, and only if all were gone is
 * the pod tried again).
 */
import type { Client } from '../../client/client.ts';
import type { SeriesRecorder } from '../../client/series-recorder.ts';
import type { Context } from '../../sim/context.ts';
import type { Wait } from '../../sim/task.ts';
import type { Pod } from '../../types/pod.ts';
import { conditionsPatch, disruptionTarget, findCondition } from '../../types/pod-conditions.ts';
import { PODS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import type { Candidate } from '../framework/victims.ts';
import { podKey } from '../pods/pod-key.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';
import type { Nominations } from './nominations.ts';

/** What the preemptor tells the scheduler. */
export interface PreemptorOwner {
  /** No end of a victim will wake the pod: it has to be tried again. */
  again(queued: QueuedPod): void;
}

/** Runs preemptions of one scheduler. */
export class Preemptor {
  readonly #ctx: Context;
  readonly #client: Client;
  readonly #recorder: SeriesRecorder;
  readonly #nominations: Nominations;
  readonly #owner: PreemptorOwner;

  constructor(ctx: Context, client: Client, recorder: SeriesRecorder, nominations: Nominations, owner: PreemptorOwner) {
    this.#ctx = ctx;
    this.#client = client;
    this.#recorder = recorder;
    this.#nominations = nominations;
    this.#owner = owner;
  }

  /** Starts making room; nothing is done when every victim is already going. */
  start(queued: QueuedPod, { nodeName, victims }: Candidate): void {
    const by = `pod ${queued.pod.metadata.uid ?? ''} on node ${nodeName}`;
    this.#start([queued], victims, [nodeName], by);
  }

  /** Starts making room for pods of one group on the nodes that they are nominated to. */
  startForGroup(
    members: readonly QueuedPod[],
    victims: readonly PodInfo[],
    nodeNames: Iterable<string>,
    uid: string,
  ): void {
    this.#start(members, victims, nodeNames, `podgroup ${uid} on node cluster`);
  }

  #start(preemptors: readonly QueuedPod[], victims: readonly PodInfo[], nodeNames: Iterable<string>, by: string): void {
    const [first] = preemptors;
    const live = victims.map(({ pod }) => pod).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (live.length === 0 || first === undefined) return;
    const least = first.pod.spec.priority ?? 0;
    const displaced = [...new Set(nodeNames)]
      .flatMap((nodeName) => this.#nominations.on(nodeName))
      .filter(({ priority }) => priority < least)
      .map((info) => info.pod);
    for (const queued of preemptors) queued.preempting = true;
    const calls = this.#makeRoom(preemptors, by, live, displaced);
    this.#ctx.startTask('preemption', podKey(first.pod), calls, first.attempts);
  }

  *#makeRoom(
    preemptors: readonly QueuedPod[],
    by: string,
    victims: readonly Pod[],
    displaced: readonly Pod[],
  ): Generator<Wait, void, unknown> {
    for (const pod of displaced) {
      this.#nominations.delete(podKey(pod));
      yield* this.clearNomination(pod);
    }
    let failed = false;
    const [first] = preemptors;
    for (const victim of victims.slice(0, -1)) {
      if ((yield* this.#evict(first, by, victim)) === 'failed') failed = true;
    }
    for (const queued of preemptors) queued.preempting = false;
    const last = failed ? 'failed' : yield* this.#evict(first, by, victims.at(-1) as Pod);
    if (last !== 'deleted') for (const queued of preemptors) this.#owner.again(queued);
  }

  /** Marks and deletes one victim. `by`: who preempts it, and where. */
  *#evict(
    preemptor: QueuedPod | undefined,
    by: string,
    victim: Pod,
  ): Generator<Wait, 'deleted' | 'gone' | 'failed', unknown> {
    const { namespace = '', name } = victim.metadata;
    try {
      if (findCondition(victim.status?.conditions, 'DisruptionTarget')?.status !== 'True') {
        const scheduler = preemptor?.pod.spec.schedulerName ?? 'default-scheduler';
        const why = `${scheduler}: preempting to accommodate a higher priority pod`;
        const { generation } = victim.metadata;
        const condition = disruptionTarget('PreemptionByScheduler', why, this.#ctx.wallUs(), generation);
        yield* this.#client.patch<Pod>(
          PODS,
          namespace,
          name,
          { status: conditionsPatch(victim.status?.conditions, [condition]) },
          'strategic',
          'status',
        );
      }
      yield* this.#client.delete(PODS, namespace, name);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return error.code === 404 ? 'gone' : 'failed';
    }
    const related = preemptor?.pod;
    this.#recorder.event(victim, 'Normal', {
      reason: 'Preempted',
      action: 'Preempting',
      message: `Preempted by ${by}`,
      related,
    });
    return 'deleted';
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
