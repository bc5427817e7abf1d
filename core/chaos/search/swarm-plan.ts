/**
 * Swarm testing: each case draws its whole configuration first (which kinds of faults are on, how many of each component, how small the
 * watch window), then faults of those kinds, then their order in time. Source: Groce et al., "Swarm Testing", ISSTA 2012.
 */

import type { ClusterSettings, NodeGroup } from '../../cluster/description.ts';
import { removalsBorne } from '../fault-needs.ts';
import type { Cascade, FaultPlan, Operation, ScenarioPlan } from '../plan.ts';
import { nameOf } from '../workloads.ts';
import { changeableFields } from './changeable-fields.ts';
import { userEdits } from './draw-edits.ts';
import { canBeDrawn, drawFault, SEARCHED_KINDS, type SearchedKind } from './draw-fault.ts';
import { inOrder } from './draw-order.ts';
import { SWIZZLED_KINDS, swizzle } from './draw-swizzle.ts';
import type { Surroundings } from './draw-target.ts';
import { unhurried, userOperations } from './draw-user.ts';
import { Draws } from './draws.ts';

const S = 1_000_000;
const FAULTS_MAX = 5;
/** Share of the cases with a kind that swizzles use. */
const SWIZZLED_PERCENT = 8;
/** Crashes alone: what a first, quick search looks for. */
const LITE_KINDS: readonly SearchedKind[] = ['node-crash', 'kubelet-stop', 'process-crash'];

export interface SwarmOptions {
  readonly seed: number;
  readonly lite: boolean;
  /** How often each kind of {@link SEARCHED_KINDS} is drawn, by its place; what was seen least gets the most. */
  readonly weights?: readonly number[] | undefined;
}

/** Case number `index` of a swarm over `base`. */
export function swarmPlan(given: ScenarioPlan, index: number, options: SwarmOptions): ScenarioPlan {
  const draws = new Draws(options.seed, index);
  const users = new Draws(options.seed, index, 'users');
  const base = options.lite ? given : { ...given, workload: unhurried(given.workload, users) };
  const fixed = base.cluster.controlPlane ?? {};
  const controlPlane = {
    ...fixed,
    storeMembers: storeMembersOf(fixed.storeMembers ?? 1, options.lite, draws),
    apiServers: draws.range(1, 2),
    schedulers: draws.range(1, 2),
    controllerManagers: draws.range(1, 2),
    cloudControllerManagers: fixed.cloudControllerManagers ?? (!options.lite && draws.chance(15) ? 1 : 0),
  };
  const settings = { ...base.cluster.settings, ...narrowSettings(draws) };
  const around: Surroundings = {
    ...nodesOf(base),
    workloads: workloadsOf(base),
    fields: changeableFields(base.workload),
    apiServers: controlPlane.apiServers,
    storeMembers: controlPlane.storeMembers,
    cloudControllerManagers: controlPlane.cloudControllerManagers,
    removals: removalsBorne({ cluster: { ...base.cluster, controlPlane }, workload: base.workload }),
    untilUs: base.phases.warmUpUs + base.phases.safetyUs,
  };
  const kept = base.operations.filter(() => draws.chance(70));
  const operations = options.lite ? kept : [...kept, ...storeOperations(around, draws)];
  const faults = options.lite ? liteFaults(draws, around) : swarmFaults(draws, around, options.weights);
  const interleaving = draws.chance(25) ? { interleaving: index } : {};
  return {
    ...base,
    name: `${base.name}-${index}`,
    cluster: { ...base.cluster, controlPlane, settings },
    operations: options.lite
      ? operations
      : [
          ...operations,
          ...renewal(base, around, draws),
          ...userOperations(base.workload, around, users),
          ...userEdits(base.workload, around, new Draws(options.seed, index, 'edits')),
        ],
    faults,
    ...interleaving,
  };
}

/** A lone member grows into a group in a fifth of the cases: a group costs more than twice the time. */
function storeMembersOf(given: number, lite: boolean, draws: Draws): number {
  return given === 1 && !lite && draws.chance(20) ? 3 : given;
}

/** Caches and lines that are soon full: a window of few events, and in a fifth of the cases few seats. */
function narrowSettings(draws: Draws): ClusterSettings {
  const watchCacheEvents = draws.pick([16, 64, 102_400]);
  return draws.chance(20) ? { watchCacheEvents, readsInFlight: 4, writesInFlight: 2 } : { watchCacheEvents };
}

/** What an administrator of the store does meanwhile, in a fifth of the cases: a member replaced, all restarted in turn, a defragmentation. */
function storeOperations({ storeMembers, untilUs }: Surroundings, draws: Draws): Operation[] {
  if (!draws.chance(20)) return [];
  const atUs = draws.range(5, Math.max(5, Math.floor(untilUs / S) - 40)) * S;
  const instance = draws.range(0, storeMembers - 1);
  if (storeMembers < 3 || draws.chance(30)) return [{ kind: 'store-defragment', atUs, instance }];
  if (draws.chance(40)) return [{ kind: 'store-rolling-restart', atUs }];
  return [
    { kind: 'store-member-add', atUs },
    { kind: 'store-member-promote', atUs: atUs + 10 * S, instance: storeMembers },
    { kind: 'store-member-remove', atUs: atUs + 20 * S, instance },
  ];
}

const WITH_PODS: readonly string[] = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'Pod'];
const RENEWED: readonly string[] = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'];
const CASCADES: readonly Cascade[] = ['background', 'foreground', 'orphan'];

/** In a seventh of the cases a user deletes a workload with one of the cascades, and applies it again before or after it has gone. */
function renewal({ workload }: ScenarioPlan, { untilUs }: Surroundings, draws: Draws): Operation[] {
  const renewed = workload.filter(({ kind }) => RENEWED.includes(kind));
  if (renewed.length === 0 || !draws.chance(15)) return [];
  const object = draws.pick(renewed);
  const atUs = draws.range(5, Math.max(5, Math.floor(untilUs / S) - 30)) * S;
  return [
    { kind: 'delete', atUs, workload: nameOf(object), cascade: draws.pick(CASCADES) },
    { kind: 'apply', atUs: atUs + draws.range(0, 20) * S, objects: [object] },
  ];
}

function workloadsOf({ workload }: ScenarioPlan): string[] {
  return workload.filter(({ kind }) => WITH_PODS.includes(kind)).map(nameOf);
}

function liteFaults(draws: Draws, around: Surroundings): FaultPlan[] {
  const count = draws.range(1, 3);
  return Array.from({ length: count }, (_, at) => drawFault(draws.pick(LITE_KINDS), at, around, draws));
}

function swarmFaults(draws: Draws, around: Surroundings, weights: readonly number[] | undefined): FaultPlan[] {
  const drawn: FaultPlan[] = [];
  const borne = (kinds: readonly number[]): number[] =>
    kinds.map((weight, place) => (canBeDrawn(SEARCHED_KINDS[place] as SearchedKind, around, drawn) ? weight : 0));
  const possible = borne(SEARCHED_KINDS.map((_, place) => weights?.[place] ?? 1));
  const on = possible.map((weight) => (draws.chance(50) ? weight : 0));
  const chosen = on.some((weight) => weight > 0) ? on : possible;
  const links = SWIZZLED_KINDS.filter((kind) => (chosen[SEARCHED_KINDS.indexOf(kind)] as number) > 0);
  if (draws.chance(SWIZZLED_PERCENT) && links.length > 0) return swizzle(draws.pick(links), around, draws);
  const count = draws.range(1, FAULTS_MAX);
  while (drawn.length < count) {
    const left = borne(chosen);
    if (!left.some((weight) => weight > 0)) break;
    drawn.push(drawFault(draws.pickWeighted(SEARCHED_KINDS, left), drawn.length, around, draws));
  }
  return inOrder(drawn, draws);
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
