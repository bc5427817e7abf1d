/**
 * What the scheduler writes: bindings, the PodScheduled condition and events. Each write is a task of its own, so bindings
 * overlap with each other and with scheduling cycles.
 *
 * A binding that was refused or has an unknown outcome is a failure (kube-scheduler 1.34): the pod is forgotten and retried,
 * unless its copy in the informer is gone or has a node by then.
 */
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { SeriesRecorder } from '../../client/series-recorder.ts';
import type { Context } from '../../sim/context.ts';
import type { Wait } from '../../sim/task.ts';
import type { Pod } from '../../types/pod.ts';
import { conditionsPatch } from '../../types/pod-conditions.ts';
import { PODS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';
import { podKey } from '../pods/pod-key.ts';
import {
  BUG_BINDS_AGAIN,
  MARK_BIND_CONFLICT,
  MARK_BIND_OUTCOME_UNKNOWN,
  type Placement,
  POINT_BIND,
  POINT_BOUND,
} from '../points.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';
import { PLUGIN_FAILED, throwPluginFailure } from './plugin-failure.ts';

/** Longest note of an event, and how a longer one ends (kube-scheduler 1.34, truncateMessage). */
const MAX_NOTE = 1024;
const TRUNCATED = ' ...';

/** What the binder tells the scheduler. */
export interface BinderOwner {
  /** The placement of the last choice, shown when its binding is sent. */
  readonly placement: Placement;
  /** What has to be written and waited for before the pod is bound. @throws StatusError */
  preBind(queued: QueuedPod, nodeName: string): Generator<Wait, void, unknown> | null;
  /** The binding did not succeed; the pod still wants a node. */
  failed(queued: QueuedPod): void;
  /** The binding succeeded, or the pod needs none any more. */
  bound(queued: QueuedPod): void;
  /** Another node for the pod (a planted bug asks); `null` without one. */
  again(queued: QueuedPod): string | null;
}

/** The writes of one scheduler. */
export class Binder {
  readonly #ctx: Context;
  readonly #client: Client;
  readonly #recorder: SeriesRecorder;
  readonly #pods: Informer<Pod>;
  readonly #owner: BinderOwner;
  #running = 0;

  constructor(ctx: Context, client: Client, recorder: SeriesRecorder, pods: Informer<Pod>, owner: BinderOwner) {
    this.#ctx = ctx;
    this.#client = client;
    this.#recorder = recorder;
    this.#pods = pods;
    this.#owner = owner;
  }

  /** Bindings under way. */
  get running(): number {
    return this.#running;
  }

  /** Starts the binding cycle of a pod that has just been assumed on a node. */
  bind(queued: QueuedPod, nodeName: string): void {
    this.#running++;
    this.#ctx.observe(POINT_BIND, this.#owner.placement);
    this.#ctx.startTask('binding', podKey(queued.pod), this.#bindingCycle(queued, nodeName), queued.attempts);
  }

  /**
   * Sets PodScheduled to False with the reasons, and reports the event. `nomination`: the node the pod waits for from now on,
   * `''` for none any more, `null` where nothing changes.
   */
  reportUnschedulable(pod: Pod, message: string, nomination: string | null): void {
    this.#tell(pod, message);
    this.#setCondition(pod, 'Unschedulable', message, nomination);
  }

  /** Sets PodScheduled to False because an attempt has failed, which ends the pod's nomination too, and reports the event. */
  reportError(pod: Pod, message: string): void {
    this.#tell(pod, message);
    this.#setCondition(pod, 'SchedulerError', message, '');
  }

  /** Reports that a pod which is being deleted is not tried. */
  reportSkipped(pod: Pod): void {
    this.#tell(pod, `skip schedule deleting pod: ${podKey(pod)}`);
  }

  #tell(pod: Pod, message: string): void {
    const note = message.length <= MAX_NOTE ? message : `${message.slice(0, MAX_NOTE - TRUNCATED.length)}${TRUNCATED}`;
    this.#recorder.event(pod, 'Warning', { reason: 'FailedScheduling', action: 'Scheduling', message: note });
  }

  *#bindingCycle(queued: QueuedPod, nodeName: string): Generator<Wait, void, unknown> {
    const { namespace = '', name, uid = '' } = queued.pod.metadata;
    try {
      const before = this.#owner.preBind(queued, nodeName);
      if (before !== null) yield* before;
      throwPluginFailure(this.#ctx, 'PreBind', queued.pod);
      yield* this.#client.bind(namespace, name, nodeName, uid, queued.id);
      this.#succeeded(queued, nodeName);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.outcomeUnknown) this.#ctx.mark(MARK_BIND_OUTCOME_UNKNOWN);
      if (error.code === 409) this.#ctx.mark(MARK_BIND_CONFLICT);
      if (error.outcomeUnknown && this.#ctx.bug(BUG_BINDS_AGAIN)) yield* this.#bindAgain(queued);
      else this.#failed(queued, error);
    }
    this.#running--;
  }

  /** The planted bug: a second node, and a conflict there is taken for success. */
  *#bindAgain(queued: QueuedPod): Generator<Wait, void, unknown> {
    const nodeName = this.#owner.again(queued);
    if (nodeName === null) return;
    this.#ctx.observe(POINT_BIND, this.#owner.placement);
    try {
      yield* this.#client.bind(queued.pod.metadata.namespace ?? '', queued.pod.metadata.name, nodeName, '');
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.code !== 409) {
        this.#failed(queued, error);
        return;
      }
    }
    this.#succeeded(queued, nodeName);
  }

  #succeeded(queued: QueuedPod, nodeName: string): void {
    const { pod } = queued;
    this.#ctx.observe(POINT_BOUND, { pod, nodeName });
    this.#owner.bound(queued);
    if (!this.#recorder.enabled) return;
    const message = `Successfully assigned ${podKey(pod)} to ${nodeName}`;
    this.#recorder.event(pod, 'Normal', { reason: 'Scheduled', action: 'Binding', message });
  }

  #failed(queued: QueuedPod, error: StatusError): void {
    const { pod } = queued;
    const present = this.#pods.get(queued.id);
    this.#owner.failed(queued);
    const gone = present === undefined || present.metadata.uid !== pod.metadata.uid || Boolean(present.spec.nodeName);
    if (gone) {
      if (present === undefined || present.spec.nodeName) this.#owner.bound(queued);
      return;
    }
    const inBind = `running Bind plugin "DefaultBinder": ${error.message}`;
    this.reportError(present, error.reason === PLUGIN_FAILED ? error.message : inBind);
  }

  /** Only when it differs from what the pod says already. */
  #setCondition(pod: Pod, reason: string, message: string, nomination: string | null): void {
    const present = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const renominated = nomination !== null && nomination !== (pod.status?.nominatedNodeName ?? '');
    const same = present?.status === 'False' && present.reason === reason && present.message === message;
    if (same && !renominated) return;
    const lastTransitionTime =
      present?.status === 'False' ? present.lastTransitionTime : formatTime(this.#ctx.wallUs());
    const condition = {
      type: 'PodScheduled',
      observedGeneration: pod.metadata.generation,
      status: 'False' as const,
      lastProbeTime: null,
      lastTransitionTime,
      reason,
      message,
    };
    const status = {
      ...(same ? {} : conditionsPatch(pod.status?.conditions, [condition])),
      ...(renominated ? { nominatedNodeName: nomination === '' ? null : nomination } : {}),
    };
    this.#ctx.startTask('pod-status', podKey(pod), this.#patchStatus(pod, status));
  }

  /** A failed patch is only logged upstream; the next failed cycle writes again. */
  *#patchStatus(pod: Pod, status: unknown): Generator<Wait, void, unknown> {
    const { namespace = '', name } = pod.metadata;
    try {
      yield* this.#client.patch<Pod>(PODS, namespace, name, { status }, 'strategic', 'status');
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}
