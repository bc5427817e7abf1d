/** ImageLocality: nodes that have the pod's images, weighted by size and spread. Source: Kubernetes 1.34. */
import type { PodSpec } from '../../../types/pod.ts';
import type { Cycle } from '../cycle.ts';
import type { ImageStates } from '../image-states.ts';
import type { NodeInfo } from '../node-info.ts';
import { MAX_NODE_SCORE, type Plugin } from '../plugin.ts';

const MEBIBYTE = 1024 * 1024;
/** Sums up to this score 0. */
const MIN_BYTES = 23 * MEBIBYTE;
/** Sums from this on, times the containers, score 100. */
const MAX_BYTES_PER_CONTAINER = 1000 * MEBIBYTE;

/** The plugin. */
export class ImageLocality implements Plugin {
  readonly name = 'ImageLocality';

  score(cycle: Cycle, node: NodeInfo): number {
    const { images, nodes } = cycle.view;
    return imageScore(cycle.info.pod.spec, images, node.name, nodes.length);
  }
}

/** Score 0 … 100 of a node for a pod's images. */
export function imageScore(spec: PodSpec, images: ImageStates, nodeName: string, nodeCount: number): number {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  let sum = 0;
  for (const { image } of containers) {
    const state = images.find(image ?? '');
    if (state?.nodeNames.has(nodeName)) sum += Math.trunc(state.sizeBytes * (state.nodeNames.size / nodeCount));
  }
  const max = MAX_BYTES_PER_CONTAINER * containers.length;
  const clamped = Math.min(Math.max(sum, MIN_BYTES), max);
  return Math.trunc((MAX_NODE_SCORE * (clamped - MIN_BYTES)) / (max - MIN_BYTES));
}
