/** ImageLocality: nodes that have the pod's images, weighted by size and spread; from 1.36 those of image volumes count. Source: Kubernetes 1.34, 1.36. */
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
  readonly #countsVolumes: boolean;

  constructor(countsVolumes: boolean) {
    this.#countsVolumes = countsVolumes;
  }

  score(cycle: Cycle, node: NodeInfo): number {
    const { images, nodes } = cycle.view;
    return imageScore(cycle.info.pod.spec, this.#countsVolumes, images, node.name, nodes.length);
  }
}

/** The images that a pod names: its containers', and its image volumes' where these count. */
export function imagesOf({ initContainers = [], containers, volumes = [] }: PodSpec, countsVolumes: boolean): string[] {
  const names = [...initContainers, ...containers].map(({ image }) => image ?? '');
  if (!countsVolumes) return names;
  const references = volumes.flatMap((volume) => (volume['image'] as ImageSource | undefined) ?? []);
  return [...names, ...references.map(({ reference }) => reference ?? '')];
}

interface ImageSource {
  readonly reference?: string;
}

/** Score 0 … 100 of a node for a pod's images. */
export function imageScore(
  spec: PodSpec,
  countsVolumes: boolean,
  images: ImageStates,
  nodeName: string,
  nodeCount: number,
): number {
  let sum = 0;
  for (const image of imagesOf(spec, countsVolumes)) {
    const state = images.find(image);
    if (!state?.nodeNames.has(nodeName)) continue;
    sum += Math.trunc(state.sizeBytes * (images.nodeCount(state, nodeName) / nodeCount));
  }
  const max = MAX_BYTES_PER_CONTAINER * ((spec.initContainers ?? []).length + spec.containers.length);
  const clamped = Math.min(Math.max(sum, MIN_BYTES), max);
  return Math.trunc((MAX_NODE_SCORE * (clamped - MIN_BYTES)) / (max - MIN_BYTES));
}
