/** What the plugins of one cycle may look at. */
import type { ClusterObjects } from './cluster-objects.ts';
import type { ImageStates } from './image-states.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** A snapshot of the cluster; nobody changes it during a cycle. */
export interface ClusterView {
  /** All nodes in the scheduler's list order. */
  readonly nodes: readonly NodeInfo[];
  readonly objects: ClusterObjects;
  readonly images: ImageStates;
  /** A node by name. */
  find(name: string): NodeInfo | undefined;
  /** Pending pods that are nominated to a node. */
  nominatedOn(nodeName: string): readonly PodInfo[];
}
