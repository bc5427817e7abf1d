/**
 * Kernels of whole clusters with their targets: create → Ready, how it grows, idle fleets, small chaos runs, memory.
 *
 * Conditions: see end-to-end-kernel.ts.
 */
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import {
  type EndToEndShape,
  endToEnd,
  idleNodeMemory,
  idleSpeed,
  podMemory,
  SMALL_BATCH,
  SMALL_SCENARIO,
  SMALL_WARM_BATCHES,
  smallRunsPerSecond,
} from './end-to-end-kernel.ts';
import { direct, type Kernel } from './kernel.ts';

const SMALL_RUNS_A_SECOND = 150;
const SMALL_ABOUT = `runs a second after ${SMALL_BATCH * SMALL_WARM_BATCHES}: 5 nodes, 2 virtual minutes, 3 faults`;
/**
 * What any cluster with Deployments is held to: bindings, rooms, optimistic concurrency, wanted pods, surge and budgets, watches, proxy rules, pod
 * addresses, quiescence. The row beside the one of all predicates tells what the others cost.
 */
const BASIC_PREDICATES = ['SC1', 'SC2', 'K2', 'A1', 'A7', 'RS1', 'X1', 'X2', 'D1', 'D2', 'P1', 'KP2', 'K7'];
const BASIC_SCENARIO: ScenarioPlan = { ...SMALL_SCENARIO, predicates: BASIC_PREDICATES };

/** The shape of the reduced model that the aim was taken from, but for its predicates, which were two. */
function withoutEvents(plan: ScenarioPlan): ScenarioPlan {
  return { ...plan, cluster: { ...plan.cluster, settings: { events: false } } };
}

const KILOBYTE = 1000;
const PODS = 10_000;
const PODS_MANY = 50_000;
const CONTROLLER_QPS = 500;
const UNPACED = 0;
/** Virtual seconds of an idle fleet that are timed. */
const IDLE_S = 600;

const shape = (pods: number, events: boolean, controllerQps: number): EndToEndShape => ({
  nodes: 1000,
  pods,
  deployments: 20,
  events,
  controllerQps,
});

/** Host time grows as pods to this power, from 10,000 to 50,000 pods. */
function growthExponent(controllerQps: number): number {
  endToEnd(shape(PODS / 10, false, controllerQps));
  const few = endToEnd(shape(PODS, false, controllerQps));
  const many = endToEnd(shape(PODS_MANY, false, controllerQps));
  return Math.log(many.hostS / few.hostS) / Math.log(PODS_MANY / PODS);
}

/** Pods a second of the second of two equal runs: the first one is mostly compilation, which a campaign pays once. */
function warmCreateToReady(run: EndToEndShape): number {
  endToEnd(run);
  return endToEnd(run).podsPerHostS;
}

function createToReady(events: boolean, target: number): Kernel {
  return {
    name: `create to Ready, ${events ? 'with' : 'without'} Events`,
    about: `pods a second after one warm-up run: 1,000 nodes, ${PODS} pods of 20 Deployments, controller clients 500/500 QPS`,
    unit: '1/s',
    better: 'higher',
    target,
    work: direct(3, () => warmCreateToReady(shape(PODS, events, CONTROLLER_QPS)), true),
  };
}

function growth(name: string, controllerQps: number): Kernel {
  return {
    name: `growth of create to Ready, ${name}`,
    about: 'exponent of host time from 10,000 to 50,000 pods on 1,000 nodes, without Events',
    unit: '1',
    better: 'lower',
    target: 1.05,
    work: direct(1, () => growthExponent(controllerQps)),
  };
}

function idle(nodes: number, target: number): Kernel {
  return {
    name: `idle fleet, ${nodes} nodes`,
    about: `times real time; every lease renewal is a store write with its watch event; ${IDLE_S} virtual seconds`,
    unit: 'x',
    better: 'higher',
    target,
    work: direct(4, () => idleSpeed(nodes, IDLE_S), true),
  };
}

function memoryOfPod(events: boolean, target: number): Kernel {
  return {
    name: `memory of a Ready pod, ${events ? 'with' : 'without'} Events`,
    about: 'growth of process RSS after forced, compacting collections, before the store is compacted, over the pods',
    unit: 'kB',
    better: 'lower',
    target,
    work: direct(2, () => podMemory(shape(PODS, events, CONTROLLER_QPS)) / KILOBYTE),
  };
}

/** All kernels of whole clusters. */
export const CLUSTER: readonly Kernel[] = [
  createToReady(false, 10_000),
  createToReady(true, 6_000),
  growth('paced', CONTROLLER_QPS),
  growth('unpaced', UNPACED),
  idle(1000, 1500),
  idle(5000, 500),
  {
    name: 'memory of an idle node',
    about:
      'growth of process RSS after forced, compacting collections, before the store is compacted, over 5,000 nodes',
    unit: 'kB',
    better: 'lower',
    target: 8,
    work: direct(2, () => idleNodeMemory(5000) / KILOBYTE),
  },
  memoryOfPod(false, 5),
  memoryOfPod(true, 9),
  {
    name: 'small scenario',
    about: `${SMALL_ABOUT}, all predicates`,
    unit: '1/s',
    better: 'higher',
    target: SMALL_RUNS_A_SECOND,
    work: direct(3, (now) => smallRunsPerSecond(SMALL_SCENARIO, now), true),
  },
  {
    name: 'small scenario, basic predicates',
    about: `${SMALL_ABOUT}, the predicates ${BASIC_PREDICATES.join(' ')}`,
    unit: '1/s',
    better: 'higher',
    target: SMALL_RUNS_A_SECOND,
    work: direct(3, (now) => smallRunsPerSecond(BASIC_SCENARIO, now), true),
  },
  {
    name: 'small scenario, basic, without Events',
    about: `${SMALL_ABOUT}, the same predicates, no Event objects`,
    unit: '1/s',
    better: 'higher',
    target: SMALL_RUNS_A_SECOND,
    work: direct(3, (now) => smallRunsPerSecond(withoutEvents(BASIC_SCENARIO), now), true),
  },
];
