/**
 * ImageLocality (Kubernetes 1.34): nodes that have the pod's images, by size and spread. Cost: O(nodes that have them).
 */
import { imageScore, imagesOf } from '../framework/plugins/image-locality.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from './plugin.ts';

/** Score by images on the node. */
export class ImageLocalityPlugin implements ScorePlugin {
  readonly name = 'ImageLocality';
  readonly normalizer: Normalizer = 'none';
  readonly #countsVolumes: boolean;

  /** `countsVolumes`: whether the images of image volumes count, as from 1.36. */
  constructor(countsVolumes: boolean) {
    this.#countsVolumes = countsVolumes;
  }

  prepare(request: PodRequest, snapshot: Snapshot): boolean {
    return this.inPlay(request, snapshot);
  }

  /** Whether any node has one of the pod's images. */
  inPlay({ pod }: PodRequest, { images }: Snapshot): boolean {
    if (pod === undefined || images.isEmpty) return false;
    return imagesOf(pod.spec, this.#countsVolumes).some((image) => images.find(image) !== undefined);
  }

  score({ pod }: PodRequest, { nodes, images }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    if (pod === undefined) return;
    for (let i = 0; i < count; i++) {
      const name = nodes.names[slots[i] as number] as string;
      out[i] = imageScore(pod.spec, this.#countsVolumes, images, name, nodes.nodeCount);
    }
  }
}
