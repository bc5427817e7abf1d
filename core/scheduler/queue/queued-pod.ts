/** One pod in the scheduling queue, and where it is. */
import type { Pod } from '../../types/pod.ts';
import type { PodClass } from '../pods/pod-shape.ts';

export const IN_NOTHING = 0;
export const IN_ACTIVE = 1;
export const IN_BACKOFF = 2;
export const IN_ERROR_BACKOFF = 3;
export const IN_UNSCHEDULABLE = 4;
/** Held back by scheduling gates: in the unschedulable pool, deaf to events. */
export const IN_GATED = 5;
/** Taken out for a cycle; its binding may still run. */
export const IN_FLIGHT = 6;

/** Names of the places above, by number. */
export const QUEUE_PLACES: readonly string[] = [
  'nothing',
  'active',
  'backoff',
  'error-backoff',
  'unschedulable',
  'gated',
  'in-flight',
];

/** A pod that waits to be scheduled. Times are µs of the scheduler's clock. */
export class QueuedPod {
  /** Local id of the pod's key. */
  readonly id: number;
  pod: Pod;
  priority: number;
  where = IN_NOTHING;
  /** Where it is in its heap; −1 in none. */
  heapIndex = -1;
  /** When it was last put into a queue: earlier goes first among equal priorities. */
  queuedAtUs: number;
  /** Order of arrival, for equal times. */
  readonly sequence: number;
  /** End of its back-off, whole seconds. */
  backoffEndUs = 0;
  attempts = 0;
  unschedulableCount = 0;
  /** Consecutive errors, such as failed bindings. */
  errorCount = 0;
  /** Bit set of the plugins that rejected it last. */
  rejectors = 0;
  /** The calls that make room for it are under way: it sleeps through events until the last one is made. */
  preempting = false;
  /** Index of its profile. */
  readonly profile: number;
  #podClass: PodClass | null = null;
  /** What the class was worked out from. */
  #classified: Pod | null = null;
  #generation = -1;

  constructor(id: number, pod: Pod, profile: number, queuedAtUs: number, sequence: number) {
    this.id = id;
    this.pod = pod;
    this.priority = pod.spec.priority ?? 0;
    this.profile = profile;
    this.queuedAtUs = queuedAtUs;
    this.sequence = sequence;
  }

  /** The class of its pod, kept as long as `generation` (of the classes) and the pod's version stay. */
  classBy(classOf: (pod: Pod) => PodClass, generation: number): PodClass {
    if (this.#podClass !== null && this.#classified === this.pod && this.#generation === generation)
      return this.#podClass;
    this.#podClass = classOf(this.pod);
    this.#classified = this.pod;
    this.#generation = generation;
    return this.#podClass;
  }
}
