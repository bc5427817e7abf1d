/**
 * How long a placed pod takes to run: binding, sandbox, image, containers, with the costs of the simulation's table.
 *
 * An image is pulled once a node and kind of pod, so placing equal pods together saves pulls. Draws are by pod and purpose
 * and do not depend on the policy. Whole µs, virtual.
 */
import { costTable } from '../../core/cluster/vocabulary.ts';
import { streamOf } from './arrivals.ts';

/** Start-up times of one run. */
export class StartUp {
  readonly #costs = costTable();
  /** Two draws a pod: sandbox and pull. */
  readonly #draws: Float64Array;
  readonly #kindCount: number;
  /** Kinds whose image a node has, as node × kinds + kind. */
  readonly #pulled = new Set<number>();

  constructor(podCount: number, kindCount: number, seed: number) {
    const stream = streamOf(seed, 'start-up');
    this.#draws = Float64Array.from({ length: 2 * podCount }, () => stream.nextFloat());
    this.#kindCount = kindCount;
  }

  /** From placement to running, µs. */
  durationUs(pod: number, kind: number, node: number): number {
    const costs = this.#costs;
    const sandboxDraw = this.#draws[2 * pod] as number;
    let duration = costs.apiMutationUs + costs.watchDispatchUs + costs.kubeletSyncUs;
    duration += costs.sandboxUs + Math.floor(sandboxDraw * costs.sandboxJitterUs);
    duration += costs.containerCreateUs + costs.containerStartUs;
    const image = node * this.#kindCount + kind;
    if (!this.#pulled.has(image)) {
      this.#pulled.add(image);
      duration += costs.imagePullUs + Math.floor((this.#draws[2 * pod + 1] as number) * costs.imagePullJitterUs);
    }
    return duration;
  }
}
