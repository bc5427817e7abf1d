/**
 * The pods of each controller object, with counts that are kept by every pod event instead of being recounted by every sync.
 *
 * One index for all workload controllers of a manager: pods by the uid of their controller reference, and pods without a controller by
 * namespace. A pod event costs two look-ups and a few additions; a sync reads numbers. What depends on the owner's spec (template labels,
 * selector, minReadySeconds) is brought up to date by {@link PodGroup} when the owner's sync asks, for changed pods only.
 */

import { DueHeap } from '../client/due-heap.ts';
import type { Informer } from '../client/informer.ts';
import { jsonEqual } from '../types/json-value.ts';
import { EVERYTHING, type Selector } from '../types/label-selector.ts';
import type { StringMap } from '../types/object.ts';
import { controllerOf } from '../types/owner-references.ts';
import type { Pod } from '../types/pod.ts';
import { isPodReady, isPodTerminal, podReadySinceUs } from '../types/pod-conditions.ts';
import { PODS } from '../types/resource-type.ts';
import type { ControllerManager } from './controller-manager.ts';

/** Phase Succeeded or Failed. */
const POD_TERMINAL = 1;
/** Has a deletionTimestamp. */
const POD_TERMINATING = 2;
/** Condition Ready is True. */
const POD_READY = 4;
/** Carries all labels of its owner's template; known once the owner has looked. */
const POD_FULLY_LABELED = 8;
/** Ready for the owner's minReadySeconds; known once the owner has looked. */
const POD_AVAILABLE = 16;
const INACTIVE = POD_TERMINAL | POD_TERMINATING;
const FROM_POD = POD_TERMINAL | POD_TERMINATING | POD_READY;

const NO_LABELS: StringMap = Object.freeze({});

/** The pods of one owner. Active = neither ended nor terminating; the counts below are of active pods where not said otherwise. */
export class PodGroup {
  readonly uid: string;
  readonly #index: PodGroups;
  /** Local ids of all its pods; the order follows from the events alone. Valid until the next event. */
  readonly ids: number[] = [];
  active = 0;
  ready = 0;
  fullyLabeled = 0;
  /** Ended, terminating or not. */
  terminal = 0;
  /** Terminating and not ended. */
  terminating = 0;
  /** Pods that do not match the selector of the last {@link check}, unless terminating or ended. */
  readonly mismatched: number[] = [];
  /** Those that do not match and are terminating or ended. */
  readonly mismatchedInactive: number[] = [];
  #available = 0;
  #minReadyUs = 0;
  #due: DueHeap | null = null;
  #unchecked: number[] = [];
  #templateLabels: StringMap | null = null;
  #selector: Selector = EVERYTHING;
  #lastLabels: StringMap | null = null;
  #lastFull = false;
  #lastMatches = false;

  constructor(uid: string, index: PodGroups) {
    this.uid = uid;
    this.#index = index;
  }

  /**
   * Brings label counts up to date: `templateLabels` of the owner, `selector` that its pods must match. Pods whose labels changed since
   * the last call are looked at, all of them when the owner's labels did. Fills {@link mismatched}.
   */
  check(templateLabels: StringMap | undefined, selector: Selector): void {
    const labels = templateLabels ?? NO_LABELS;
    const same =
      this.#templateLabels !== null && (labels === this.#templateLabels || jsonEqual(labels, this.#templateLabels));
    if (!same) this.#unchecked = [...this.ids];
    this.#templateLabels = labels;
    this.#selector = selector;
    if (!same) this.#lastLabels = null;
    this.mismatched.length = 0;
    this.mismatchedInactive.length = 0;
    if (this.#unchecked.length === 0) return;
    const unchecked = this.#unchecked;
    this.#unchecked = [];
    for (const id of unchecked) this.#checkPod(id);
  }

  /** How many active pods have been ready for `minReadyUs` at wall time `wallUs` (both µs). */
  availableAt(minReadyUs: number, wallUs: number): number {
    if (minReadyUs !== this.#minReadyUs) this.#setMinReady(minReadyUs);
    if (minReadyUs === 0) return this.ready;
    const due = this.#due as DueHeap;
    while (due.dueUs <= wallUs) {
      const id = due.pop();
      const pod = this.#waiting(id);
      if (pod === undefined) continue;
      const dueUs = this.#availableUs(pod);
      if (dueUs > wallUs) {
        due.push(id, dueUs);
        continue;
      }
      this.#index.setFlags(id, this.#index.flagsOf(id) | POD_AVAILABLE);
      this.#available++;
    }
    return this.#available;
  }

  /**
   * Wall time (µs) at which the next of the pods that are ready but not yet available becomes that, by the last {@link availableAt};
   * Infinity when there is none. What waits no longer is dropped from the heap.
   */
  nextAvailableUs(): number {
    const due = this.#due;
    if (due === null) return Number.POSITIVE_INFINITY;
    for (;;) {
      const id = due.pop();
      if (id < 0) return Number.POSITIVE_INFINITY;
      const pod = this.#waiting(id);
      if (pod === undefined) continue;
      const dueUs = this.#availableUs(pod);
      due.push(id, dueUs);
      if (dueUs === due.dueUs) return dueUs;
    }
  }

  /** The active pod of the group if it is ready and not yet available. */
  #waiting(id: number): Pod | undefined {
    const index = this.#index;
    const waits = (index.flagsOf(id) & (INACTIVE | POD_READY | POD_AVAILABLE)) === POD_READY;
    return waits && index.groupOf(id) === this ? index.informer.get(id) : undefined;
  }

  /** Pods that have not ended, terminating ones included. */
  get running(): number {
    return this.ids.length - this.terminal;
  }

  /** Called by the index: a pod came with these flags (of {@link FROM_POD}). */
  add(id: number, flags: number, pod: Pod): void {
    this.#count(flags, 1);
    this.#unchecked.push(id);
    if (this.#minReadyUs > 0) this.#watchReady(id, flags, pod);
  }

  /** Called by the index: a pod of the group changed. */
  update(id: number, before: number, after: number, pod: Pod, labelsChanged: boolean): void {
    this.#count(before, -1);
    this.#count(after, 1);
    if (labelsChanged) this.#unchecked.push(id);
    if (this.#minReadyUs > 0) this.#watchReady(id, after, pod);
  }

  /** Called by the index: a pod left the group. */
  remove(flags: number): void {
    this.#count(flags, -1);
  }

  #count(flags: number, sign: number): void {
    if ((flags & INACTIVE) === 0) {
      this.active += sign;
      if ((flags & POD_READY) !== 0) this.ready += sign;
      if ((flags & POD_FULLY_LABELED) !== 0) this.fullyLabeled += sign;
      if ((flags & POD_AVAILABLE) !== 0) this.#available += sign;
    } else if ((flags & POD_TERMINAL) !== 0) this.terminal += sign;
    else this.terminating += sign;
  }

  #checkPod(id: number): void {
    const index = this.#index;
    const pod = index.informer.get(id);
    if (pod === undefined || index.groupOf(id) !== this) return;
    const labels = pod.metadata.labels ?? NO_LABELS;
    if (labels !== this.#lastLabels) {
      this.#lastLabels = labels;
      this.#lastFull = hasAll(labels, this.#templateLabels as StringMap);
      this.#lastMatches = this.#selector.matches(labels);
    }
    const flags = index.flagsOf(id);
    if (!this.#lastMatches) {
      ((flags & INACTIVE) === 0 ? this.mismatched : this.mismatchedInactive).push(id);
      // Looked at again by the next sync, until it is released.
      this.#unchecked.push(id);
    }
    const wanted = this.#lastFull ? flags | POD_FULLY_LABELED : flags & ~POD_FULLY_LABELED;
    if (wanted === flags) return;
    index.setFlags(id, wanted);
    if ((flags & INACTIVE) === 0) this.fullyLabeled += this.#lastFull ? 1 : -1;
  }

  #setMinReady(minReadyUs: number): void {
    this.#minReadyUs = minReadyUs;
    this.#available = 0;
    this.#due = minReadyUs > 0 ? new DueHeap() : null;
    for (const id of this.ids) {
      const flags = this.#index.flagsOf(id) & ~POD_AVAILABLE;
      this.#index.setFlags(id, flags);
      if (minReadyUs > 0) this.#watchReady(id, flags, this.#index.informer.get(id) as Pod);
    }
  }

  #watchReady(id: number, flags: number, pod: Pod): void {
    if ((flags & (INACTIVE | POD_READY | POD_AVAILABLE)) !== POD_READY) return;
    (this.#due as DueHeap).push(id, this.#availableUs(pod));
  }

  /** When a ready pod becomes available, wall time µs; Infinity where nobody knows since when it is ready. */
  #availableUs(pod: Pod): number {
    const dueUs = podReadySinceUs(pod) + this.#minReadyUs;
    return Number.isNaN(dueUs) ? Number.POSITIVE_INFINITY : dueUs;
  }
}

/** The index. Register before any handler that reads it: handlers of one informer run in order. */
export class PodGroups {
  readonly informer: Informer<Pod>;
  readonly #groups = new Map<string, PodGroup>();
  /** Pods without a controller, by namespace. */
  readonly #orphans = new Map<string, Set<number>>();
  readonly #groupOf: (PodGroup | undefined)[] = [];
  #flags = new Uint8Array(64);
  #positions = new Int32Array(64);

  constructor(informer: Informer<Pod>) {
    this.informer = informer;
    informer.addHandler({
      onAdd: (id, pod) => this.#add(id, pod),
      onUpdate: (id, old, pod) => this.#update(id, old, pod),
      onDelete: (id, pod) => this.#remove(id, pod),
    });
  }

  /** The manager's one index. */
  static of(manager: ControllerManager): PodGroups {
    return manager.shared(makePodGroups);
  }

  /** The pods whose controller reference has this uid; made empty when there is none yet. */
  group(uid: string): PodGroup {
    let group = this.#groups.get(uid);
    if (group === undefined) {
      group = new PodGroup(uid, this);
      this.#groups.set(uid, group);
    }
    return group;
  }

  /** The group of a uid if some pod or owner has asked for it. */
  find(uid: string): PodGroup | undefined {
    return this.#groups.get(uid);
  }

  /** Forgets an owner that is gone; its pods, if any are left, stay. */
  drop(uid: string): void {
    if (this.#groups.get(uid)?.ids.length === 0) this.#groups.delete(uid);
  }

  /** The group of a pod, undefined for pods without a controller. */
  groupOf(id: number): PodGroup | undefined {
    return this.#groupOf[id];
  }

  /** POD_ flags of a pod. */
  flagsOf(id: number): number {
    return id < this.#flags.length ? (this.#flags[id] as number) : 0;
  }

  /** For the groups: what they found out about a pod. */
  setFlags(id: number, flags: number): void {
    this.#flags[id] = flags;
  }

  /** Whether a pod counts: neither ended nor terminating. */
  isActive(id: number): boolean {
    return (this.flagsOf(id) & INACTIVE) === 0;
  }

  /** Pods of a namespace without a controller, in order of appearance; undefined when there never were any. */
  orphans(namespace: string): ReadonlySet<number> | undefined {
    return this.#orphans.get(namespace);
  }

  #add(id: number, pod: Pod): void {
    if (id >= this.#flags.length) this.#grow(id);
    const flags = flagsOfPod(pod);
    this.#flags[id] = flags;
    const reference = controllerOf(pod);
    if (reference === undefined) {
      this.#orphansIn(pod.metadata.namespace ?? '').add(id);
      return;
    }
    const group = this.group(reference.uid);
    while (this.#groupOf.length <= id) this.#groupOf.push(undefined);
    this.#groupOf[id] = group;
    this.#positions[id] = group.ids.length;
    group.ids.push(id);
    group.add(id, flags, pod);
  }

  #update(id: number, old: Pod, pod: Pod): void {
    const uid = pod.metadata.ownerReferences === old.metadata.ownerReferences ? undefined : controllerOf(pod)?.uid;
    const group = this.#groupOf[id];
    const sameOwner =
      pod.metadata.ownerReferences === old.metadata.ownerReferences ||
      (uid ?? '') === (group === undefined ? '' : group.uid);
    if (!sameOwner || pod.metadata.uid !== old.metadata.uid) {
      this.#remove(id, old);
      this.#add(id, pod);
      return;
    }
    const before = this.#flags[id] as number;
    let after = flagsOfPod(pod) | (before & POD_FULLY_LABELED);
    if ((after & (INACTIVE | POD_READY)) === POD_READY && isSameReadyTime(old, pod)) after |= before & POD_AVAILABLE;
    this.#flags[id] = after;
    const labelsChanged = pod.metadata.labels !== old.metadata.labels;
    if (group !== undefined && (before !== after || labelsChanged)) group.update(id, before, after, pod, labelsChanged);
  }

  #remove(id: number, pod: Pod): void {
    const group = this.#groupOf[id];
    if (group === undefined) {
      this.#orphans.get(pod.metadata.namespace ?? '')?.delete(id);
      return;
    }
    const position = this.#positions[id] as number;
    const moved = group.ids.pop() as number;
    if (moved !== id) {
      group.ids[position] = moved;
      this.#positions[moved] = position;
    }
    this.#groupOf[id] = undefined;
    group.remove(this.#flags[id] as number);
  }

  #orphansIn(namespace: string): Set<number> {
    let orphans = this.#orphans.get(namespace);
    if (orphans === undefined) {
      orphans = new Set();
      this.#orphans.set(namespace, orphans);
    }
    return orphans;
  }

  #grow(id: number): void {
    let size = this.#flags.length;
    while (size <= id) size *= 2;
    const flags = new Uint8Array(size);
    flags.set(this.#flags);
    this.#flags = flags;
    const positions = new Int32Array(size);
    positions.set(this.#positions);
    this.#positions = positions;
  }
}

function makePodGroups(manager: ControllerManager): PodGroups {
  return new PodGroups(manager.informer<Pod>(PODS));
}

function flagsOfPod(pod: Pod): number {
  let flags = isPodTerminal(pod) ? POD_TERMINAL : 0;
  if (pod.metadata.deletionTimestamp !== undefined) flags |= POD_TERMINATING;
  if (isPodReady(pod)) flags |= POD_READY;
  return flags & FROM_POD;
}

function isSameReadyTime(old: Pod, pod: Pod): boolean {
  return old.status?.conditions === pod.status?.conditions || podReadySinceUs(old) === podReadySinceUs(pod);
}

function hasAll(labels: StringMap, wanted: StringMap): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
}
