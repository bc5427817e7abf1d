/**
 * Pods that wait for room on a node which preemption has made for them (kube-scheduler's nominator): they count there for
 * pods that are no more important.
 */
import type { Pod } from '../../types/pod.ts';
import { type PodInfo, podInfoOf } from '../framework/pod-info.ts';

const NONE: readonly PodInfo[] = [];

/** Nominated pods by node. */
export class Nominations {
  /** Grows with every change. */
  version = 0;
  readonly #byNode = new Map<string, PodInfo[]>();
  readonly #nodeOf = new Map<string, string>();

  /** How many pods are nominated. */
  get size(): number {
    return this.#nodeOf.size;
  }

  /** Waiting pods by node. */
  get byNode(): ReadonlyMap<string, readonly PodInfo[]> {
    return this.#byNode;
  }

  /** The pod waits for a node; `''` = for none. Replaces what was known of it. */
  set(pod: Pod, nodeName: string): void {
    const info = podInfoOf(pod);
    this.delete(info.key);
    if (nodeName === '') return;
    this.version++;
    const there = this.#byNode.get(nodeName);
    if (there === undefined) this.#byNode.set(nodeName, [info]);
    else there.push(info);
    this.#nodeOf.set(info.key, nodeName);
  }

  /** The pod (`namespace/name`) is gone, bound, or waits for nothing. */
  delete(key: string): void {
    const nodeName = this.#nodeOf.get(key);
    if (nodeName === undefined) return;
    this.version++;
    this.#nodeOf.delete(key);
    const rest = (this.#byNode.get(nodeName) ?? []).filter((info) => info.key !== key);
    if (rest.length === 0) this.#byNode.delete(nodeName);
    else this.#byNode.set(nodeName, rest);
  }

  /** The node a pod waits for, `''` for none. */
  nodeOf(key: string): string {
    return this.#nodeOf.get(key) ?? '';
  }

  /** Pods that wait for a node, in order of nomination. */
  on(nodeName: string): readonly PodInfo[] {
    return this.#byNode.get(nodeName) ?? NONE;
  }

  /** Whether any other pod of at least this importance waits for a node: then room is not what it seems. */
  contest(info: PodInfo): boolean {
    for (const waiting of this.#byNode.values()) {
      for (const { priority, key } of waiting) if (priority >= info.priority && key !== info.key) return true;
    }
    return false;
  }
}
