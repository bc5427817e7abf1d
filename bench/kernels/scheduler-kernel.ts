/**
 * The scheduling kernel alone: choose a node and assume the pod, no queue, no messages, no virtual time.
 *
 * 5,000 nodes of one size in 3 zones, all nodes scored, ties broken uniformly; every pod stays. `plain` gives the same
 * placements by scoring each node for each pod: its checksum must be the same.
 */
import { Sfc32 } from '../../core/base/random.ts';
import type { PodRequest } from '../../core/scheduler/plugin.ts';
import { DEFAULT_PROFILE, type Profile } from '../../core/scheduler/profile.ts';
import { type PathChoice, SchedulingCore } from '../../core/scheduler/scheduling-core.ts';
import type { Node } from '../../core/types/node.ts';
import type { Pod } from '../../core/types/pod.ts';

/** What to schedule. */
export interface SchedulerKernelCase {
  readonly name: string;
  readonly nodes: number;
  readonly pods: number;
  /** Number of different pod shapes, used in random order. */
  readonly shapes: number;
  readonly path: PathChoice;
}

/** One measurement. */
export interface SchedulerKernelResult {
  /** Pods that got a node. */
  readonly placed: number;
  /** Hash over all placements, in order: equal for both paths. */
  readonly checksum: number;
  /** Host time of all decisions, milliseconds. */
  readonly elapsedMs: number;
  /** Host: decisions a second. */
  readonly perSecond: number;
}

/** The cases of `bench core`. */
export const SCHEDULER_KERNEL_CASES: readonly SchedulerKernelCase[] = [
  { name: 'scheduling kernel, equal pods', nodes: 5000, pods: 200_000, shapes: 1, path: 'cached' },
  { name: 'scheduling kernel, mix of 100 shapes', nodes: 5000, pods: 100_000, shapes: 100, path: 'cached' },
];

/** The default profile with every node scored. */
export const ALL_NODES: Profile = { ...DEFAULT_PROFILE, percentageOfNodesToScore: 'all' };

/** Rounds and decisions a round before the clock starts, each on a cluster of its own, so that compiling is not measured. */
const WARM_UP_ROUNDS = 4;
const WARM_UP = 100_000;

/** Runs one case once, after a warm-up; `now` gives host milliseconds. */
export function runSchedulerKernel(kernelCase: SchedulerKernelCase, now: () => number): SchedulerKernelResult {
  const rounds = kernelCase.path === 'cached' ? WARM_UP_ROUNDS : 0;
  for (let round = 0; round < rounds; round++) new Placing(kernelCase, WARM_UP).run();
  const placing = new Placing(kernelCase, kernelCase.pods);
  const startedMs = now();
  placing.run();
  const elapsedMs = now() - startedMs;
  const { placed, checksum } = placing;
  return { placed, checksum, elapsedMs, perSecond: (kernelCase.pods / elapsedMs) * 1000 };
}

/** A cluster and the pods to come. */
class Placing {
  placed = 0;
  checksum = 0;
  readonly #core: SchedulingCore;
  readonly #requests: readonly PodRequest[];
  readonly #sequence: Int32Array;

  constructor(kernelCase: SchedulerKernelCase, pods: number) {
    this.#core = new SchedulingCore([ALL_NODES], new Sfc32(1, 2, 3), kernelCase.path);
    for (let i = 0; i < kernelCase.nodes; i++) this.#core.putNode(kernelNode(i));
    const random = new Sfc32(4, 5, 6);
    this.#requests = Array.from({ length: kernelCase.shapes }, (_, i) => ({
      podClass: this.#core.classOf(kernelPod(i, random)),
      nodeName: '',
    }));
    this.#sequence = Int32Array.from({ length: pods }, () => random.below(kernelCase.shapes));
  }

  run(): void {
    const core = this.#core;
    const sequence = this.#sequence;
    const out = { slot: -1, feasible: 0, examined: 0 };
    for (let i = 0; i < sequence.length; i++) {
      const request = this.#requests[sequence[i] as number] as PodRequest;
      core.select(request, 0, out);
      this.checksum = (Math.imul(this.checksum, 31) + out.slot) | 0;
      if (out.slot < 0) continue;
      core.assume(out.slot, request.podClass);
      this.placed++;
    }
  }
}

/** Node `index` of the kernel: 32 cores, 128 GiB, in one of three zones. */
export function kernelNode(index: number): Node {
  const name = `node-${index}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${index % 3}` } },
    spec: {},
    status: { allocatable: { cpu: '32', memory: '128Gi', 'ephemeral-storage': '500Gi', pods: '250' } },
  };
}

/** The first shape is 100m and 500Mi; the others ask for 50m … 1000m and 64Mi … 2Gi at random. */
export function kernelPod(index: number, random: Sfc32): Pod {
  const cpu = index === 0 ? '100m' : `${random.range(1, 20) * 50}m`;
  const memory = index === 0 ? '500Mi' : `${random.range(1, 32) * 64}Mi`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${index}`, namespace: 'default', labels: { app: 'bench' } },
    spec: { containers: [{ name: 'main', resources: { requests: { cpu, memory } } }] },
  };
}
