/**
 * The scheduling queue of kube-scheduler 1.34: active, back-off (and error back-off) and unschedulable pools.
 *
 * Pure: times come in as arguments. Order of the active queue: higher priority, then earlier queue time, then arrival.
 * Back-off is 1, 2, 4, 8, 10, 10 … s and then until the running second is over; it is cut short when nothing is active (not
 * after errors).
 * An event wakes a pod only if the hint of a plugin that rejected it says so. Limit: {@link MAX_QUEUED_PODS}.
 */
import { assert } from '../../base/assert.ts';
import type { Pod } from '../../types/pod.ts';
import { OrderedPods } from './ordered-pods.ts';
import {
  IN_ACTIVE,
  IN_BACKOFF,
  IN_ERROR_BACKOFF,
  IN_FLIGHT,
  IN_GATED,
  IN_NOTHING,
  IN_UNSCHEDULABLE,
  QUEUE_PLACES,
  QueuedPod,
} from './queued-pod.ts';

/** At most so many pods wait at one time. */
const MAX_QUEUED_PODS = 1 << 22;
/** How pods back off. */
export interface BackoffOptions {
  /** First and longest back-off, s. */
  readonly initialSeconds: number;
  readonly maxSeconds: number;
  /**
   * Feature gate SchedulerPopFromBackoffQ (on since 1.33): with nothing active the queue gives out pods whose back-off still
   * runs, and back-offs are counted in whole seconds.
   */
  readonly popsEarly: boolean;
}

const DEFAULT_BACKOFF: BackoffOptions = { initialSeconds: 1, maxSeconds: 10, popsEarly: true };
/** Longest stay in the unschedulable pool, µs, and how often that is looked at. */
const UNSCHEDULABLE_MAX_US = 300_000_000;
export const UNSCHEDULABLE_FLUSH_US = 30_000_000;
/** Period of the back-off flush, and the grid of its expiries, µs. */
export const BACKOFF_FLUSH_US = 1_000_000;

/** Whether the event makes a pod worth another try, asked for pods with a rejecting plugin among the event's. */
export type WakeUp = (queued: QueuedPod) => boolean;

/** All pods of one scheduler that have no node. */
export class SchedulingQueue {
  /** By pod id; ids are dense. */
  readonly #byId: (QueuedPod | undefined)[] = [];
  #size = 0;
  readonly #active = new OrderedPods(comesFirst);
  readonly #backoff = new OrderedPods(endsFirst);
  readonly #errorBackoff = new OrderedPods(endsFirst);
  readonly #unschedulable = new Set<QueuedPod>();
  readonly #gated = new Set<QueuedPod>();
  /** Pods in the unschedulable pool by rejecting plugin: events for which nobody waits cost nothing. */
  readonly #waiting = new Int32Array(32);
  readonly #options: BackoffOptions;
  /** PreEnqueue: whether a pod may not be tried yet. */
  readonly #isGated: (pod: Pod) => boolean;
  #waitedFor = 0;
  #sequence = 0;

  /** `holds`: what keeps pods out besides their scheduling gates. */
  constructor(options: Partial<BackoffOptions> = {}, holds: (pod: Pod) => boolean = () => false) {
    this.#options = { ...DEFAULT_BACKOFF, ...options };
    const isGated = (pod: Pod) => hasGates(pod) || holds(pod);
    this.#isGated = isGated;
  }

  /** Pods known to the queue, those in flight included. */
  get size(): number {
    return this.#size;
  }

  /** Pods that {@link pop} can give now. */
  get ready(): number {
    return this.#active.size > 0 || !this.#options.popsEarly ? this.#active.size : this.#backoff.size;
  }

  /** Priority of the active pod that comes next, −∞ when none waits. */
  get nextPriority(): number {
    return this.#active.peek()?.priority ?? Number.NEGATIVE_INFINITY;
  }

  /** Pods waiting for a back-off to end. */
  get backingOff(): number {
    return this.#backoff.size + this.#errorBackoff.size;
  }

  /** Pods in the unschedulable pool, gated ones included. */
  get unschedulable(): number {
    return this.#unschedulable.size + this.#gated.size;
  }

  /** Bit set of the plugins that some pod of the unschedulable pool waits for. */
  get waitedFor(): number {
    return this.#waitedFor;
  }

  /** The entry of a pod id. */
  get(id: number): QueuedPod | undefined {
    return this.#byId[id];
  }

  /** All entries, by ascending id. */
  entries(): readonly QueuedPod[] {
    return this.#byId.filter((queued) => queued !== undefined);
  }

  /** Why a pod without an assumed node would not be tried again in time, `''` when it will. */
  faultOf(queued: QueuedPod, nowUs: number): string {
    const { where } = queued;
    if (where === IN_NOTHING || where === IN_FLIGHT) return `it is in ${QUEUE_PLACES[where]} and has no node`;
    const inPool =
      this.#active.has(queued) ||
      this.#backoff.has(queued) ||
      this.#errorBackoff.has(queued) ||
      this.#unschedulable.has(queued) ||
      this.#gated.has(queued);
    if (!inPool) return `it is said to be in ${QUEUE_PLACES[where]}, which does not hold it`;
    const waitsUs = nowUs - queued.queuedAtUs;
    if (where !== IN_UNSCHEDULABLE || waitsUs <= UNSCHEDULABLE_MAX_US + 2 * UNSCHEDULABLE_FLUSH_US) return '';
    return `it has been unschedulable for ${Math.round(waitsUs / 1_000_000)} s`;
  }

  /** A new pending pod. One that is known is updated. */
  add(id: number, pod: Pod, profile: number, nowUs: number): void {
    if (this.#byId[id] !== undefined) {
      this.update(id, pod, true, nowUs);
      return;
    }
    assert(this.#size < MAX_QUEUED_PODS, `more than ${MAX_QUEUED_PODS} pending pods`);
    const queued = new QueuedPod(id, pod, profile, nowUs, this.#sequence++);
    while (this.#byId.length <= id) this.#byId.push(undefined);
    this.#byId[id] = queued;
    this.#size++;
    this.#activate(queued);
  }

  /** A pending pod has a new version; `relevant` = more than its status changed, which gives it another try. */
  update(id: number, pod: Pod, relevant: boolean, nowUs: number): void {
    const queued = this.#byId[id];
    if (queued === undefined) return;
    const priority = pod.spec.priority ?? 0;
    queued.pod = pod;
    if (queued.where === IN_GATED) {
      queued.priority = priority;
      this.#openGate(queued, nowUs);
      return;
    }
    if (priority !== queued.priority && queued.where === IN_ACTIVE) {
      this.#active.remove(queued);
      queued.priority = priority;
      this.#active.push(queued);
    } else queued.priority = priority;
    if (relevant && queued.where === IN_UNSCHEDULABLE) this.#wake(queued, nowUs);
  }

  /** Something happened that pods may have been kept out for: those of `concerned` that may go are tried. */
  openGates(concerned: (pod: Pod) => boolean, nowUs: number): void {
    for (const queued of this.#gated) if (concerned(queued.pod)) this.#openGate(queued, nowUs);
  }

  /** The same for one pod. */
  openGate(id: number, nowUs: number): void {
    const queued = this.#byId[id];
    if (queued?.where === IN_GATED) this.#openGate(queued, nowUs);
  }

  /** Its place among others is that of its creation, or of its last try. */
  #openGate(queued: QueuedPod, nowUs: number): void {
    if (this.#isGated(queued.pod)) return;
    this.#unpark(queued);
    this.#requeue(queued, nowUs);
  }

  /** The pod is gone or has a node. */
  delete(id: number): void {
    const queued = this.#byId[id];
    if (queued === undefined) return;
    this.#byId[id] = undefined;
    this.#size--;
    this.#takeOut(queued);
  }

  /** The next pod to try, now in flight; undefined when none is ready. */
  pop(): QueuedPod | undefined {
    const queued = this.#active.pop() ?? (this.#options.popsEarly ? this.#backoff.pop() : undefined);
    if (queued === undefined) return undefined;
    queued.where = IN_FLIGHT;
    queued.attempts++;
    return queued;
  }

  /** A pod that waits for a try, now in flight, for a cycle of its group; undefined for one that is gated, has failed to be bound or is tried already. */
  take(id: number): QueuedPod | undefined {
    const queued = this.#byId[id];
    const waits = queued?.where === IN_ACTIVE || queued?.where === IN_BACKOFF || queued?.where === IN_UNSCHEDULABLE;
    if (queued === undefined || !waits || queued.preempting) return undefined;
    this.#takeOut(queued);
    queued.where = IN_FLIGHT;
    queued.attempts++;
    return queued;
  }

  /** The cycle found no node; `rejectors` are the plugins that stood in the way. Without any no event would wake it: it backs off. */
  addUnschedulable(queued: QueuedPod, rejectors: number, nowUs: number): void {
    if (rejectors === 0) return this.addError(queued, nowUs);
    if (this.#byId[queued.id] !== queued) return;
    queued.unschedulableCount++;
    queued.errorCount = 0;
    queued.queuedAtUs = nowUs;
    queued.rejectors = rejectors;
    this.#park(queued, IN_UNSCHEDULABLE);
  }

  /** The cycle ended with an error (such as a failed binding): back-off, whatever happens, unless something holds it back by now. */
  addError(queued: QueuedPod, nowUs: number): void {
    if (this.#byId[queued.id] !== queued) return;
    queued.errorCount++;
    queued.queuedAtUs = nowUs;
    queued.backoffEndUs = this.#backoffEnd(nowUs, queued.errorCount);
    this.#backOff(queued, IN_ERROR_BACKOFF);
  }

  /** An event for the plugins in `mask`: `wakes` decides for each pod that one of them rejected. */
  move(mask: number, nowUs: number, wakes: WakeUp): void {
    if ((this.waitedFor & mask) === 0) return;
    const woken: QueuedPod[] = [];
    for (const queued of this.#unschedulable) {
      if ((queued.rejectors & mask) !== 0 && !queued.preempting && wakes(queued)) woken.push(queued);
    }
    for (const queued of woken) this.#wake(queued, nowUs);
  }

  /** The pod is tried next among its equals, whatever it waits for and however long it should back off, if nothing holds it back. */
  activate(queued: QueuedPod): void {
    const { where } = queued;
    if (where !== IN_UNSCHEDULABLE && where !== IN_BACKOFF && where !== IN_ERROR_BACKOFF) return;
    this.#takeOut(queued);
    this.#activate(queued);
  }

  /** Moves pods whose back-off is over to the active queue. */
  flushBackoff(nowUs: number): void {
    for (const heap of [this.#backoff, this.#errorBackoff]) {
      for (let queued = heap.peek(); queued !== undefined && !this.#backsOff(queued, nowUs); queued = heap.peek()) {
        heap.remove(queued);
        // Who has backed off was asked on the way in, or else is asked now.
        if (this.#options.popsEarly) this.#toActive(queued);
        else this.#activate(queued);
      }
    }
  }

  /** Moves pods that have been unschedulable for 5 minutes. */
  flushUnschedulable(nowUs: number): void {
    const old = [...this.#unschedulable].filter(({ queuedAtUs }) => nowUs - queuedAtUs > UNSCHEDULABLE_MAX_US);
    for (const queued of old) this.#wake(queued, nowUs);
  }

  /** End of the n-th back-off that began at `fromUs`. */
  #backoffEnd(fromUs: number, count: number): number {
    const { initialSeconds, maxSeconds } = this.#options;
    const seconds = count > 32 ? maxSeconds : Math.min(maxSeconds, initialSeconds * 2 ** Math.max(0, count - 1));
    return this.#aligned(fromUs + seconds * 1_000_000);
  }

  /** A pod whose back-off ends in the second that runs now still backs off (kube-scheduler 1.34, isPodBackingoff). */
  #backsOff({ backoffEndUs }: QueuedPod, nowUs: number): boolean {
    return backoffEndUs >= this.#aligned(nowUs);
  }

  #aligned(timeUs: number): number {
    return this.#options.popsEarly ? Math.floor(timeUs / BACKOFF_FLUSH_US) * BACKOFF_FLUSH_US : timeUs;
  }

  #toActive(queued: QueuedPod): void {
    queued.where = IN_ACTIVE;
    this.#active.push(queued);
  }

  /** Among the active pods, unless something holds it back. */
  #activate(queued: QueuedPod): void {
    if (this.#isGated(queued.pod)) this.#park(queued, IN_GATED);
    else this.#toActive(queued);
  }

  /** The same for pods that back off; those that nobody takes out early are asked only when they leave. */
  #backOff(queued: QueuedPod, where: typeof IN_BACKOFF | typeof IN_ERROR_BACKOFF): void {
    if (this.#options.popsEarly && this.#isGated(queued.pod)) {
      this.#park(queued, IN_GATED);
      return;
    }
    queued.where = where;
    (where === IN_BACKOFF ? this.#backoff : this.#errorBackoff).push(queued);
  }

  /** PreEnqueue comes before either queue: who makes room, or lacks something by now, stays. */
  #wake(queued: QueuedPod, nowUs: number): void {
    if (queued.preempting) return;
    this.#unpark(queued);
    this.#requeue(queued, nowUs);
  }

  /** Its back-off counts from its last try; who has not been tried has none. */
  #requeue(queued: QueuedPod, nowUs: number): void {
    const tries = queued.errorCount > 0 ? queued.errorCount : queued.unschedulableCount;
    if (tries > 0) queued.backoffEndUs = this.#backoffEnd(queued.queuedAtUs, tries);
    if (tries > 0 && this.#backsOff(queued, nowUs)) this.#backOff(queued, IN_BACKOFF);
    else this.#activate(queued);
  }

  #park(queued: QueuedPod, where: number): void {
    queued.where = where;
    if (where === IN_GATED) this.#gated.add(queued);
    else {
      this.#unschedulable.add(queued);
      this.#countWaiting(queued.rejectors, 1);
    }
  }

  #unpark(queued: QueuedPod): void {
    if (queued.where === IN_GATED) this.#gated.delete(queued);
    else {
      this.#unschedulable.delete(queued);
      this.#countWaiting(queued.rejectors, -1);
    }
    queued.where = IN_NOTHING;
  }

  #countWaiting(rejectors: number, sign: 1 | -1): void {
    for (let plugin = 0; plugin < 32; plugin++) {
      if ((rejectors & (1 << plugin)) === 0) continue;
      const count = (this.#waiting[plugin] as number) + sign;
      this.#waiting[plugin] = count;
      if (count === 0) this.#waitedFor &= ~(1 << plugin);
      else this.#waitedFor |= 1 << plugin;
    }
  }

  #takeOut(queued: QueuedPod): void {
    if (queued.where === IN_ACTIVE) this.#active.remove(queued);
    else if (queued.where === IN_BACKOFF) this.#backoff.remove(queued);
    else if (queued.where === IN_ERROR_BACKOFF) this.#errorBackoff.remove(queued);
    else if (queued.where === IN_UNSCHEDULABLE || queued.where === IN_GATED) this.#unpark(queued);
    queued.where = IN_NOTHING;
  }
}

/** PrioritySort. */
function comesFirst(a: QueuedPod, b: QueuedPod): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.queuedAtUs !== b.queuedAtUs) return a.queuedAtUs < b.queuedAtUs;
  return a.sequence < b.sequence;
}

function endsFirst(a: QueuedPod, b: QueuedPod): boolean {
  return a.backoffEndUs === b.backoffEndUs ? comesFirst(a, b) : a.backoffEndUs < b.backoffEndUs;
}

/** Whether scheduling gates hold the pod back. */
function hasGates(pod: Pod): boolean {
  return (pod.spec.schedulingGates?.length ?? 0) > 0;
}
