/** What happened in the cluster that could let a pending pod be scheduled. */
import type { Node } from '../../types/node.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import type { PodClass } from '../pods/pod-shape.ts';

/** What can change of a node that plugins care about, as bits. */
export const NODE_ADDED = 1;
export const NODE_ALLOCATABLE = 2;
export const NODE_LABELS = 4;
export const NODE_TAINTS = 8;
/** How many sets of changes there are. */
export const NODE_CHANGE_SETS = 16;

/** A node came, or changed from `old`. */
export interface NodeEvent {
  readonly kind: 'node';
  readonly old: Node | null;
  readonly node: Node;
  readonly slot: number;
  /** Bits of {@link nodeChanges}. */
  readonly changes: number;
}

/** A node is gone. */
export interface NodeGoneEvent {
  readonly kind: 'node-gone';
  readonly node: Node;
}

/** A pod got a node, or an assigned pod's labels changed. */
export interface AssignedPodEvent {
  readonly kind: 'pod-assigned' | 'pod-changed';
  readonly podClass: PodClass;
  /** What the pod was before its labels changed (`pod-changed` only). */
  readonly before?: PodClass | undefined;
}

/** A pod lost its node (deleted, ended, binding failed), or the node it was nominated to. */
export interface PodGoneEvent {
  readonly kind: 'pod-gone';
  readonly podClass: PodClass;
  readonly pod: Pod;
  /** Only pods up to this priority take notice: it was a nomination that ended. Absent = all. */
  readonly maxPriority?: number | undefined;
}

/** A volume, a claim or something that satisfies claims came or changed; attachments and claims for devices may also be gone. */
export interface VolumeEvent {
  readonly kind: 'volume';
  readonly object: KubeObject;
  /** The version before; absent when it came. */
  readonly old: KubeObject | undefined;
  readonly gone: boolean;
}

export type ClusterEvent = NodeEvent | NodeGoneEvent | AssignedPodEvent | PodGoneEvent | VolumeEvent;

/**
 * What of a node differs, as bits; 0 when nothing does that a plugin registers for, such as conditions and annotations
 * (Kubernetes 1.34, NodeSchedulingPropertiesChange). Uncordoning counts as a change of taints, cordoning does not.
 */
export function nodeChanges(old: Node | null, node: Node): number {
  if (old === null) return NODE_ADDED;
  let changes = 0;
  if (differs(old.status?.allocatable, node.status?.allocatable)) changes |= NODE_ALLOCATABLE;
  if (differs(old.metadata.labels, node.metadata.labels)) changes |= NODE_LABELS;
  const uncordoned = old.spec?.unschedulable === true && node.spec?.unschedulable !== true;
  if (uncordoned || differs(old.spec?.taints, node.spec?.taints)) changes |= NODE_TAINTS;
  return changes;
}

/** Whether two maps or lists of an object differ; an absent one is empty. */
export function differs(a: object | undefined, b: object | undefined): boolean {
  return a !== b && textOf(a) !== textOf(b);
}

function textOf(part: object | undefined): string {
  return part === undefined || Object.keys(part).length === 0 ? '' : JSON.stringify(part);
}
