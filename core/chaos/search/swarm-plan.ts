/**
 * Swarm testing: each case draws its whole configuration first (which kinds of faults are on, how many of each component, how small the
 * watch window), then faults of those kinds. Source: Groce et al., "Swarm Testing", ISSTA 2012.
 */
import type { NodeGroup } from '../../cluster/description.ts';
import type { FaultPlan, ScenarioPlan } from '../plan.ts';
import { drawFault, SEARCHED_KINDS, type SearchedKind, type Surroundings } from './draw-fault.ts';
import { Draws } from './draws.ts';

const FAULTS_MAX = 5;
/** Crashes alone: what a first, quick search looks for. */
const LITE_KINDS: readonly SearchedKind[] = ['node-crash', 'kubelet-stop', 'process-crash'];

export interface SwarmOptions {
  readonly seed: number;
  readonly lite: boolean;
  /** How often each kind of {@link SEARCHED_KINDS} is drawn, by its place; what was seen least gets the most. */
  readonly weights?: readonly number[] | undefined;
}

/** Case number `index` of a swarm over `base`. */
export function swarmPlan(base: ScenarioPlan, index: number, options: SwarmOptions): ScenarioPlan {
  const draws = new Draws(options.seed, index);
  const storeMembers = base.cluster.controlPlane?.storeMembers ?? 1;
  const controlPlane = {
    storeMembers,
    apiServers: draws.range(1, 2),
    schedulers: draws.range(1, 2),
    controllerManagers: draws.range(1, 2),
    ...(base.cluster.controlPlane?.cloudControllerManagers === undefined
      ? {}
      : { cloudControllerManagers: base.cluster.controlPlane.cloudControllerManagers }),
  };
  const settings = { ...base.cluster.settings, watchCacheEvents: draws.pick([16, 64, 102_400]) };
  const around: Surroundings = {
    ...nodesOf(base),
    apiServers: controlPlane.apiServers,
    storeMembers,
    untilUs: base.phases.warmUpUs + base.phases.safetyUs,
  };
  const faults = options.lite ? liteFaults(draws, around) : swarmFaults(draws, around, options.weights);
  return {
    ...base,
    name: `${base.name}-${index}`,
    cluster: { ...base.cluster, controlPlane, settings },
    operations: base.operations.filter(() => draws.chance(70)),
    faults,
    ...(draws.chance(25) ? { interleaving: index } : {}),
  };
}

function liteFaults(draws: Draws, around: Surroundings): FaultPlan[] {
  const count = draws.range(1, 3);
  return Array.from({ length: count }, (_, at) => drawFault(draws.pick(LITE_KINDS), at, around, draws));
}

function swarmFaults(draws: Draws, around: Surroundings, weights: readonly number[] | undefined): FaultPlan[] {
  const on: number[] = SEARCHED_KINDS.map((_, place) => (draws.chance(50) ? (weights?.[place] ?? 1) : 0));
  if (!on.some((weight) => weight > 0)) on[draws.range(0, on.length - 1)] = 1;
  const count = draws.range(1, FAULTS_MAX);
  return Array.from({ length: count }, (_, at) => drawFault(draws.pickWeighted(SEARCHED_KINDS, on), at, around, draws));
}

function nodesOf({ cluster }: ScenarioPlan): Pick<Surroundings, 'nodes' | 'zones'> {
  const groups: readonly NodeGroup[] = Array.isArray(cluster.nodes) ? cluster.nodes : [cluster.nodes as NodeGroup];
  const nodes: string[] = [];
  const zones = new Set<string>();
  for (const group of groups) {
    for (let i = 0; i < group.count; i++) nodes.push(group.names?.[i] ?? `${group.name ?? 'node'}-${i}`);
    for (const zone of group.zones ?? []) zones.add(zone);
  }
  return { nodes, zones: [...zones] };
}
