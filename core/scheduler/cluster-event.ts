/** What happened in the cluster that could let a pending pod be scheduled. */
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import type { PodClass } from './pod-shape.ts';

/** A node came, or changed from `old`. */
export interface NodeEvent {
  readonly kind: 'node';
  readonly old: Node | null;
  readonly node: Node;
  readonly slot: number;
}

/** A node is gone. */
export interface NodeGoneEvent {
  readonly kind: 'node-gone';
  readonly node: Node;
}

/** A pod got a node, lost it (deleted, ended, binding failed), or an assigned pod's labels changed. */
export interface AssignedPodEvent {
  readonly kind: 'pod-assigned' | 'pod-gone' | 'pod-changed';
  readonly podClass: PodClass;
  /** The pod itself (`pod-gone` only). */
  readonly pod?: Pod | undefined;
  /** What the pod was before its labels changed (`pod-changed` only). */
  readonly before?: PodClass | undefined;
  /** Only pods up to this priority take notice: it was a nomination that ended. Absent = all. */
  readonly maxPriority?: number | undefined;
}

/** A volume, a claim or something that satisfies claims came or changed; a claim for devices may also be gone. */
export interface VolumeEvent {
  readonly kind: 'volume';
  readonly object: KubeObject;
  /** The version before; absent when it came. */
  readonly old: KubeObject | undefined;
  readonly gone: boolean;
}

export type ClusterEvent = NodeEvent | NodeGoneEvent | AssignedPodEvent | VolumeEvent;
