/**
 * Runs a scheduling workload on one path: choose a node, assume the pod; no queue, no messages, no virtual time.
 *
 * Equal workloads give equal placements on every path: the checksums say so.
 */
import { Sfc32 } from '../../../core/base/random.ts';
import { type PathChoice, SchedulingCore } from '../../../core/scheduler/choice/scheduling-core.ts';
import type { PodRequest } from '../../../core/scheduler/plugins/plugin.ts';
import type { SchedulerWorkload } from './workload.ts';

/** Rounds before the clock counts, each on a cluster of its own, so that compiling is not measured. */
const WARM_UP_ROUNDS = 3;

/** Pods of a workload on their way. */
export interface Round {
  readonly placed: number;
  /** Nodes that kube-scheduler would have filtered. */
  readonly examined: number;
  /** Hash over the placements so far, in order. */
  readonly checksum: number;
  /** Schedules the next `count` pods. */
  run(count: number): void;
}

/** A cluster and the pods to come. */
export class Placing implements Round {
  placed = 0;
  examined = 0;
  checksum = 0;
  readonly core: SchedulingCore;
  readonly #requests: readonly PodRequest[];
  readonly #sequence: Int32Array;
  #next = 0;

  constructor(workload: SchedulerWorkload, path: PathChoice) {
    this.core = new SchedulingCore([workload.profile], new Sfc32(1, 2, 3), path);
    for (let i = 0; i < workload.nodes; i++) this.core.putNode(workload.node(i));
    const random = new Sfc32(4, 5, 6);
    const kinds = workload.kinds(random);
    this.#requests = kinds.map((pod) => ({ podClass: this.core.classOf(pod), nodeName: '', pod }));
    this.#sequence = Int32Array.from({ length: workload.pods }, () => random.below(kinds.length));
  }

  run(count: number): void {
    const { core } = this;
    const out = { slot: -1, feasible: 0, examined: 0 };
    const end = this.#next + count;
    for (let i = this.#next; i < end; i++) {
      const request = this.#requests[this.#sequence[i] as number] as PodRequest;
      core.select(request, 0, out);
      this.examined += out.examined;
      this.checksum = (Math.imul(this.checksum, 31) + out.slot) | 0;
      if (out.slot < 0) continue;
      core.assume(out.slot, request.podClass);
      this.placed++;
    }
    this.#next = end;
  }
}

/** Decisions a second of one round on the cached path, after a warm-up; `now` gives host ms. */
export function placingRate(workload: SchedulerWorkload, now: () => number): number {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) new Placing(workload, 'cached').run(workload.pods);
  const placing = new Placing(workload, 'cached');
  const startedMs = now();
  placing.run(workload.pods);
  return (workload.pods / (now() - startedMs)) * 1000;
}
