/**
 * GangScheduling: the pods of a group are bound together or not at all (plugin of that name, off by default).
 *
 * A pod belongs to a group by two labels, as with the coscheduling plugin (kubernetes-sigs/scheduler-plugins): its name and how
 * many of its pods must run at once. Or it names a PodGroup (Kubernetes 1.37, spec.schedulingGroup), which says how many; while there is none, the pod
 * is not tried, and pods of a gang are tried in one cycle (group-cycle.ts). Of a group by labels a pod is not tried before so many exist, and once it has a node it waits, assumed there,
 * until so many have one; then all are bound. A group that waits longer than five minutes (KEP-4671) gives its nodes back
 * and tries again after a back-off. Groups expire one at a time, the earliest first, so that of two groups that block each
 * other the second can go on.
 */
import type { Pod } from '../../types/pod.ts';
import type { ProfileConfiguration } from '../configuration/configuration.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';

export const GANG_NAME_LABEL = 'pod-group.scheduling.sigs.k8s.io/name';
export const GANG_MIN_LABEL = 'pod-group.scheduling.sigs.k8s.io/min-available';
/** How long assumed pods wait for the rest of their group, µs. */
export const GANG_TIMEOUT_US = 300_000_000;

/** Stands for GangScheduling among the plugins that rejected a pod. */
export const GANG_MASK = 1 << 30;

/** Whether a scheduler with such a profile heeds groups: its plugin GangScheduling is off by default. */
export function heedsGroups({ plugins }: ProfileConfiguration): boolean {
  return plugins.permit.includes('GangScheduling');
}

/** A pod with a node that waits for its group. */
export interface Waiting {
  readonly queued: QueuedPod;
  readonly nodeName: string;
}

interface Gang {
  readonly key: string;
  /** Namespace and name of its PodGroup; `null` for a group by labels. */
  readonly object: { readonly namespace: string; readonly name: string } | null;
  /** Local ids of all its pods. */
  readonly members: Set<number>;
  /** Those that are bound, or may be. */
  readonly released: Set<number>;
  /** How many pods would have had a node when the group was tried in vain; −1 otherwise. */
  inVain: number;
  waiting: Waiting[];
  /** As labels have it. */
  minAvailable: number;
  deadlineUs: number;
}

const NOBODY: readonly Waiting[] = [];
const NO_IDS: ReadonlySet<number> = new Set();

/** All groups of one scheduler. */
export class Gangs {
  readonly #byKey = new Map<string, Gang>();
  readonly #keyOfId = new Map<number, string>();
  /** Groups with pods that wait, the earliest deadline first. */
  readonly #waiting = new Set<Gang>();
  readonly #minCount: (namespace: string, name: string) => number | null;

  /** `minCount`: what a PodGroup asks for, `null` when it is not there. */
  constructor(minCount: (namespace: string, name: string) => number | null) {
    this.#minCount = minCount;
  }

  /** The group of a pod, `''` for none. */
  keyOf({ metadata, spec }: Pod): string {
    const object = spec.schedulingGroup?.podGroupName;
    if (object !== undefined) return podGroupKey(metadata.namespace ?? '', object);
    const name = metadata.labels?.[GANG_NAME_LABEL] ?? '';
    return name === '' ? '' : `${metadata.namespace ?? ''}/${name}`;
  }

  /** A pod came or changed; `placed` = it has a node. Returns whether its group grew. */
  seen(id: number, pod: Pod, placed: boolean): boolean {
    const key = this.keyOf(pod);
    if (key === '') return false;
    let gang = this.#byKey.get(key);
    if (gang === undefined) {
      const name = pod.spec.schedulingGroup?.podGroupName;
      const object = name === undefined ? null : { namespace: pod.metadata.namespace ?? '', name };
      const [members, released] = [new Set<number>(), new Set<number>()];
      gang = { key, object, members, released, inVain: -1, waiting: [], minAvailable: 1, deadlineUs: 0 };
      this.#byKey.set(key, gang);
    }
    const grew = !gang.members.has(id);
    gang.members.add(id);
    gang.minAvailable = minAvailableOf(pod);
    if (placed) gang.released.add(id);
    this.#keyOfId.set(id, key);
    return grew;
  }

  /** A pod is gone or has ended. */
  gone(id: number): void {
    const key = this.#keyOfId.get(id);
    const gang = key === undefined ? undefined : this.#byKey.get(key);
    if (gang === undefined) return;
    this.#keyOfId.delete(id);
    gang.members.delete(id);
    gang.released.delete(id);
    gang.waiting = gang.waiting.filter(({ queued }) => queued.id !== id);
    if (gang.waiting.length === 0) this.#waiting.delete(gang);
    if (gang.members.size === 0) this.#byKey.delete(gang.key);
  }

  /** Whether enough pods of the pod's group exist for it to be tried. */
  admits(pod: Pod): boolean {
    const gang = this.#byKey.get(this.keyOf(pod));
    return gang === undefined || gang.members.size >= this.#wantedBy(gang);
  }

  /** Local ids of all pods of a pod's group, and which of them are bound or may be. */
  groupOf(pod: Pod): { readonly members: ReadonlySet<number>; readonly released: ReadonlySet<number> } {
    return this.#byKey.get(this.keyOf(pod)) ?? { members: NO_IDS, released: NO_IDS };
  }

  /** Pods of a group that was tried as a whole may be bound. */
  release(pod: Pod, ids: readonly number[]): void {
    const gang = this.#byKey.get(this.keyOf(pod));
    if (gang === undefined) return;
    gang.inVain = -1;
    for (const id of ids) gang.released.add(id);
  }

  /** A group was tried as a whole, and only so many of its pods, those bound before among them, would have a node. */
  triedInVain(pod: Pod, count: number): void {
    const gang = this.#byKey.get(this.keyOf(pod));
    if (gang !== undefined) gang.inVain = count;
  }

  /** A pod was assumed on a node: those that may be bound now, nobody while its group is incomplete. */
  assumed(waiting: Waiting, nowUs: number): readonly Waiting[] {
    const gang = this.#byKey.get(this.keyOf(waiting.queued.pod));
    if (gang === undefined) return [waiting];
    if (gang.waiting.length === 0) {
      gang.deadlineUs = nowUs + GANG_TIMEOUT_US;
      this.#waiting.add(gang);
    }
    gang.waiting.push(waiting);
    if (gang.released.size + gang.waiting.length < this.#wantedBy(gang)) return NOBODY;
    const ready = gang.waiting;
    gang.waiting = [];
    this.#waiting.delete(gang);
    for (const { queued } of ready) gang.released.add(queued.id);
    return ready;
  }

  /** What keeps a pod without node from being bound for its group's sake; `''` for nothing. */
  heldBack(pod: Pod): string {
    const gang = this.#byKey.get(this.keyOf(pod));
    if (gang === undefined) return '';
    const wanted = this.#wantedBy(gang);
    if (gang.object !== null && !Number.isFinite(wanted))
      return `GangScheduling: waits for its PodGroup "${gang.object.name}"`;
    const missing = wanted - gang.members.size;
    if (missing > 0) return `GangScheduling: waits for ${missing} more of its group`;
    const found = gang.waiting.length > 0 ? gang.released.size + gang.waiting.length : gang.inVain;
    return found < 0 ? '' : `GangScheduling: held with its group, ${found} of ${wanted} find a node`;
  }

  /** A binding failed: the pod has no node after all. */
  unbound(id: number): void {
    const key = this.#keyOfId.get(id);
    if (key !== undefined) this.#byKey.get(key)?.released.delete(id);
  }

  /** When the next group gives up, Infinity when none waits. */
  get nextDeadlineUs(): number {
    return this.#nextToExpire()?.deadlineUs ?? Number.POSITIVE_INFINITY;
  }

  /** The waiting pods of the group that gives up now, if one does. */
  expire(nowUs: number): readonly Waiting[] {
    const gang = this.#nextToExpire();
    if (gang === undefined || gang.deadlineUs > nowUs) return NOBODY;
    const { waiting } = gang;
    gang.waiting = [];
    this.#waiting.delete(gang);
    return waiting;
  }

  #wantedBy({ object, minAvailable }: Gang): number {
    return object === null ? minAvailable : (this.#minCount(object.namespace, object.name) ?? Number.POSITIVE_INFINITY);
  }

  #nextToExpire(): Gang | undefined {
    const [first] = this.#waiting;
    return first;
  }
}

/** The key of pods that name a PodGroup. A label cannot hold a slash, so it is nobody else's. */
export function podGroupKey(namespace: string, name: string): string {
  return `${namespace}/podgroup/${name}`;
}

/** 1 where the label is missing or no positive integer. */
function minAvailableOf({ metadata }: Pod): number {
  const text = metadata.labels?.[GANG_MIN_LABEL] ?? '';
  return isGangSize(text) ? Number(text) : 1;
}

/** Whether a label says how many pods of a group must run at once. */
export function isGangSize(text: string): boolean {
  return /^[1-9]\d{0,6}$/.test(text);
}
