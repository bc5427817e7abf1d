/**
 * Nodes whose kubelets do not hear what becomes of their containers: the pod lifecycle event generator (PLEG) of the kubelet stands still.
 *
 * What they are told to start and stop they do; what happens in the runtime they neither report nor act on until the stall is over. Source: kubelet 1.34 pleg/generic.go
 * (relistThreshold 3 min), runtimeState.
 */
import { NodeOutages } from './outages.ts';

/** A stall of this length makes a node not Ready, µs. */
const UNHEALTHY_AFTER_US = 180_000_000;

export class RuntimeStalls {
  readonly #stalls = new NodeOutages();
  readonly #sinceUs = new Map<number, number>();
  /** What was not heard of so far: changes of pods. */
  unheard = 0;

  /** A fault begins to hold the node (1) or lets it go (−1); true when the last one did. */
  change(node: number, by: 1 | -1, nowUs: number): boolean {
    this.#stalls.change(node, by);
    if (!this.#stalls.has(node)) return this.#sinceUs.delete(node);
    if (!this.#sinceUs.has(node)) this.#sinceUs.set(node, nowUs);
    return false;
  }

  has(node: number): boolean {
    return this.#stalls.has(node);
  }

  /** Whether it has lasted so long that the kubelet says so. */
  isUnhealthy(node: number, nowUs: number): boolean {
    return this.#stalls.has(node) && nowUs - (this.#sinceUs.get(node) as number) >= UNHEALTHY_AFTER_US;
  }
}
