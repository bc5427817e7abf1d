/**
 * All kernels of `seatrial bench core`, with their targets, in the order they are shown.
 *
 * Targets are for one core of a small virtual machine (2 vCPU, Node 20). A batch covers a whole cycle of a kernel whose work
 * comes in cycles (compaction, a fresh store), or its best sample would be one without it.
 */
import { CLUSTER } from './cluster-kernels.ts';
import { direct, type Kernel, timed } from './kernel.ts';
import { groupWrites, raftMessages, raftPuts } from './raft-kernel.ts';
import { placingRate } from './scheduler/placing.ts';
import { ALL_NODES, kernelNode, kernelPod, type SchedulerWorkload } from './scheduler/workload.ts';
import { holdModel, roundTrips } from './sim-kernel.ts';
import { memberWrites, mvccCreate, mvccGet, mvccPut, mvccRange, watchFanOut } from './store-kernel.ts';
import { KEYS_MEMORY, KEYS_MEMORY_MB_MAX, keysMemory } from './store-memory-kernel.ts';

const SIM: readonly Kernel[] = [
  {
    name: 'event queue, pop and push',
    about: 'hold model, 10,000 events pending',
    unit: '1/s',
    better: 'higher',
    target: 4_000_000,
    work: timed(40_000, () => holdModel(10_000)),
  },
  {
    name: 'message round trip',
    about: 'two processes, two links with latency and jitter, 100 in flight',
    unit: '1/s',
    better: 'higher',
    target: 1_000_000,
    work: timed(10_000, () => roundTrips(100)),
  },
];

const STORE: readonly Kernel[] = [
  {
    name: 'MVCC put',
    about: '100,000 keys in random order, one revision each, compaction included',
    unit: '1/s',
    better: 'higher',
    target: 300_000,
    work: timed(900_000, () => mvccPut(100_000)),
  },
  {
    name: 'MVCC create',
    about: 'new keys in random order',
    unit: '1/s',
    better: 'higher',
    target: 300_000,
    work: timed(200_000, () => mvccCreate(200_000)),
  },
  {
    name: 'MVCC get',
    about: 'current keys of 100,000 in random order',
    unit: '1/s',
    better: 'higher',
    target: 1_000_000,
    work: timed(200_000, () => mvccGet(100_000)),
  },
  {
    name: 'MVCC range of 1,000 keys',
    about: 'among 100,000 keys',
    unit: '1/s',
    better: 'higher',
    target: 1_000,
    work: timed(100, () => mvccRange()),
  },
  {
    name: KEYS_MEMORY,
    about: 'growth of process RSS after forced, compacting collections; keys and values as they come off the wire',
    unit: 'MB',
    better: 'lower',
    target: KEYS_MEMORY_MB_MAX,
    work: direct(2, () => keysMemory() / 1e6),
  },
  {
    name: 'watch fan-out, single watchers',
    about: '1,000 watchers with a range each; a delivery to one',
    unit: 'ns',
    better: 'lower',
    target: 250,
    work: timed(50_000, () => watchFanOut(1_000, false)),
  },
  {
    name: 'watch fan-out, a cohort',
    about: '1,000 watchers of one range; a delivery to one',
    unit: 'ns',
    better: 'lower',
    target: 10,
    work: timed(1_000_000, () => watchFanOut(1_000, true)),
  },
  {
    name: 'writes through a member',
    about: 'simulated store of one member, network and disk, 64 in flight',
    unit: '1/s',
    better: 'higher',
    target: 100_000,
    work: timed(90_000, () => memberWrites(10_000, 64)),
  },
  {
    name: 'Raft messages stepped',
    about: 'three members in memory, one put at a time, Readies and log included',
    unit: '1/s',
    better: 'higher',
    target: 1_000_000,
    work: timed(40_000, () => raftMessages(3)),
  },
  {
    name: 'puts committed by 3 members',
    about: 'Raft, log and store of each in memory, 256 bytes, 64 outstanding',
    unit: '1/s',
    better: 'higher',
    target: 400_000,
    work: timed(64 * 1_500, () => raftPuts(3, 64)),
  },
  {
    name: 'puts committed by 5 members',
    about: 'the same with five members',
    unit: '1/s',
    better: 'higher',
    target: 250_000,
    work: timed(64 * 1_500, () => raftPuts(5, 64)),
  },
  {
    name: 'writes through 3 members',
    about: 'simulated store of three members, network and disks, 64 in flight',
    unit: '1/s',
    better: 'higher',
    target: 100_000,
    work: timed(100_000, () => groupWrites(3, 64)),
  },
];

function scheduling(name: string, shapes: number, pods: number, target: number): Kernel {
  const workload: SchedulerWorkload = {
    name: `scheduling kernel, ${name}`,
    about: `5000 nodes, all scored; choose and assume ${pods} pods`,
    target,
    profile: ALL_NODES,
    nodes: 5000,
    node: kernelNode,
    pods,
    plainPods: 0,
    kinds: (random) => Array.from({ length: shapes }, (_, i) => kernelPod(i, random)),
  };
  return { ...workload, unit: '1/s', better: 'higher', work: direct(3, (now) => placingRate(workload, now)) };
}

const SCHEDULER: readonly Kernel[] = [
  scheduling('equal pods', 1, 200_000, 2_000_000),
  scheduling('mix of 100 shapes', 100, 100_000, 300_000),
];

/** All kernels. */
export const KERNELS: readonly Kernel[] = [...SIM, ...STORE, ...SCHEDULER, ...CLUSTER];
