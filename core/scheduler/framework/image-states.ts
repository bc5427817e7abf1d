/**
 * Which nodes have which images, as kube-scheduler's cache keeps it (Kubernetes 1.34, backend/cache): an image's size is
 * that of the first node that reported it under a name, for as long as any node has it. How many nodes have it is what a node was told when a cycle
 * first saw its last change, and today's number where nobody tells it.
 */
import type { Node } from '../../types/node.ts';

/** One image name. */
export interface ImageState {
  readonly name: string;
  readonly sizeBytes: number;
  readonly nodeNames: ReadonlySet<string>;
}

interface GrowingState {
  readonly name: string;
  readonly sizeBytes: number;
  readonly nodeNames: Set<string>;
}

/** All images of a cluster, by the names that nodes report. */
export class ImageStates {
  /** Grows when a node's images or an image's size changed. */
  version = 0;
  readonly #byName = new Map<string, GrowingState>();
  /** By node and image, how many nodes have it. */
  readonly #told = new Map<string, Map<string, number>>();

  /** A node came or changed from `old`. */
  put(old: Node | undefined, node: Node): void {
    if (old !== undefined && this.#stays(old, node)) return;
    if (old !== undefined) this.remove(old);
    if ((node.status?.images ?? []).length > 0) this.version++;
    for (const { names, sizeBytes } of node.status?.images ?? []) {
      for (const name of names ?? []) {
        const state = this.#byName.get(name);
        if (state !== undefined) state.nodeNames.add(node.metadata.name);
        else this.#byName.set(name, { name, sizeBytes: sizeBytes ?? 0, nodeNames: new Set([node.metadata.name]) });
      }
    }
  }

  /** A node is gone. */
  remove(node: Node): void {
    this.#told.delete(node.metadata.name);
    if ((node.status?.images ?? []).length > 0) this.version++;
    for (const { names } of node.status?.images ?? []) {
      for (const name of names ?? []) {
        const state = this.#byName.get(name);
        state?.nodeNames.delete(node.metadata.name);
        if (state?.nodeNames.size === 0) this.#byName.delete(name);
      }
    }
  }

  /** Whether a new version of a node changes nothing: the same images, none of which would get another size from its last node. */
  #stays(old: Node, node: Node): boolean {
    const before = old.status?.images ?? [];
    const after = node.status?.images ?? [];
    if (before.length !== after.length) return false;
    return after.every((image, i) => {
      const other = before[i];
      if (image !== other && JSON.stringify(image) !== JSON.stringify(other)) return false;
      return (image.names ?? []).every((name) => {
        const state = this.#byName.get(name);
        return state !== undefined && (state.sizeBytes === (image.sizeBytes ?? 0) || state.nodeNames.size > 1);
      });
    });
  }

  /** State of a container's image; a name without tag or digest means `:latest`. */
  find(image: string): ImageState | undefined {
    return this.#byName.get(image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image);
  }

  /** How many nodes have an image, for the score of one of them. */
  nodeCount({ nodeNames, name }: ImageState, nodeName: string): number {
    return this.#told.get(nodeName)?.get(name) ?? nodeNames.size;
  }

  /** A changed node is copied into the scheduler's snapshot (1.34.1, NodeInfo.SnapshotConcrete): later changes of others do not reach it. */
  tell({ metadata, status }: Node): void {
    const counts = new Map<string, number>();
    for (const name of (status?.images ?? []).flatMap(({ names }) => names ?? [])) {
      counts.set(name, this.#byName.get(name)?.nodeNames.size ?? 0);
    }
    this.#told.set(metadata.name, counts);
  }

  /** Whether no node reports any image. */
  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }
}
