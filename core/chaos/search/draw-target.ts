/**
 * Draws what a fault hits: nodes, zones and instances by name, or as many of them as a mode says.
 */
import type { ChangedField } from '../faults/field-fault.ts';
import type { Target, TargetMode } from '../plan.ts';
import type { Draws } from './draws.ts';

/** What the plan's cluster has for faults to hit. */
export interface Surroundings {
  readonly nodes: readonly string[];
  readonly zones: readonly string[];
  /** Workloads with pods, `Kind/namespace/name`. */
  readonly workloads: readonly string[];
  readonly apiServers: number;
  readonly storeMembers: number;
  readonly cloudControllerManagers: number;
  /** Fields of the workload that somebody may change for a time. */
  readonly fields: readonly ChangedField[];
  /** Instances that the cluster can lose for good. */
  readonly removals: number;
  /** End of the safety phase, µs. */
  readonly untilUs: number;
}

const ZONE_LABEL = 'topology.kubernetes.io/zone';
/** Components that elect a leader and are clients of the API servers. */
export const CLIENTS = ['scheduler', 'controller-manager'] as const;
const MODES: readonly TargetMode[] = ['one', 'all', 'fixed', 'fixed-percent', 'random-max-percent'];
const PERCENTS = [20, 34, 50, 100] as const;

export const ALL_API_SERVERS: Target = { component: 'apiserver', instance: 'all' };
export const ALL_STORE_MEMBERS: Target = { component: 'etcd', instance: 'all' };

/** A node, some of all nodes, a zone, or where a workload runs. */
export function nodeTarget(around: Surroundings, draws: Draws): Target {
  const { nodes, zones, workloads } = around;
  if (workloads.length > 0 && draws.chance(15)) return hostTarget(around, draws);
  if (zones.length > 1 && draws.chance(20)) {
    return draws.chance(50) ? { zone: draws.pick(zones) } : { topologyKey: ZONE_LABEL, mode: 'one' };
  }
  return draws.chance(30) ? { anyNode: true, ...some(nodes.length, draws) } : { node: draws.pick(nodes) };
}

/** The nodes that host a workload, or some of them; any node where there is none. */
export function hostTarget(around: Surroundings, draws: Draws): Target {
  const { nodes, workloads } = around;
  if (workloads.length === 0) return { node: draws.pick(nodes) };
  return { hosting: draws.pick(workloads), ...some(nodes.length, draws) };
}

/** The leader of a component that elects one, or some of its instances. */
export function clientTarget(draws: Draws): Target {
  const component = draws.pick(CLIENTS);
  return draws.chance(75) ? { component, instance: 'leader' } : { component, ...some(2, draws) };
}

/** An API server, or some. */
export function serverTarget({ apiServers }: Surroundings, draws: Draws): Target {
  if (apiServers > 1 && draws.chance(30)) return { component: 'apiserver', ...some(apiServers, draws) };
  return { component: 'apiserver', instance: draws.range(0, apiServers - 1) };
}

/** An instance of the scheduler, or some. */
export function schedulerTarget(draws: Draws): Target {
  const component = 'scheduler';
  return draws.chance(60) ? { component, instance: 'leader' } : { component, ...some(2, draws) };
}

/** A member of the store; of a group also the one that leads. */
export function memberTarget({ storeMembers }: Surroundings, draws: Draws): Target {
  if (storeMembers > 1 && draws.chance(30)) return { component: 'etcd', instance: 'leader' };
  return { component: 'etcd', instance: draws.range(0, storeMembers - 1) };
}

/** Any process of the control plane. */
export function processTarget(around: Surroundings, draws: Draws): Target {
  if (draws.chance(25)) return memberTarget(around, draws);
  if (around.cloudControllerManagers > 0 && draws.chance(15))
    return { component: 'cloud-controller-manager', instance: 'leader' };
  return draws.chance(50) ? clientTarget(draws) : serverTarget(around, draws);
}

/** A mode for a target that means `count`. */
function some(count: number, draws: Draws): Pick<Target, 'mode' | 'value'> {
  const mode = draws.pick(MODES);
  if (mode === 'one' || mode === 'all') return { mode };
  return { mode, value: mode === 'fixed' ? draws.range(1, Math.min(3, count)) : draws.pick(PERCENTS) };
}
