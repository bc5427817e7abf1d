/**
 * Draws one fault of a given kind: target, instant, duration and parameters. A fault lasts at least a second: one that comes and goes at
 * once tests nothing.
 */
import { assertNever } from '../../base/assert.ts';
import type { FaultKind, FaultPlan, Target, Trigger } from '../plan.ts';
import type { Draws } from './draws.ts';

const S = 1_000_000;

/** What the plan's cluster has for faults to hit. */
export interface Surroundings {
  readonly nodes: readonly string[];
  readonly zones: readonly string[];
  readonly apiServers: number;
  readonly storeMembers: number;
  /** End of the safety phase, µs. */
  readonly untilUs: number;
}

/** Kinds that a search draws; what removes a machine for good is left out, because not every workload can bear it. */
export const SEARCHED_KINDS = [
  'node-crash',
  'kubelet-stop',
  'process-crash',
  'process-pause',
  'partition',
  'slow-link',
  'lossy-link',
  'slow-disk',
  'watch-lag',
  'lost-replies',
  'refused-requests',
  'slow-watchers',
] as const satisfies readonly FaultKind[];

export type SearchedKind = (typeof SEARCHED_KINDS)[number];

const CLIENTS = ['scheduler', 'controller-manager'] as const;
const ALL_API_SERVERS: Target = { component: 'apiserver', instance: 'all' };

/** A fault of `kind`, with the number `index` in its plan. */
export function drawFault(kind: SearchedKind, index: number, around: Surroundings, draws: Draws): FaultPlan {
  const seconds = Math.floor(around.untilUs / S);
  const trigger: Trigger = { kind: 'at', atUs: draws.range(2 * S, Math.max(3, seconds - 15) * S) };
  const base = { id: `f${index + 1}`, trigger, forUs: draws.range(1, 45) * S };
  switch (kind) {
    case 'node-crash':
    case 'kubelet-stop':
      return { kind, ...base, target: nodeTarget(around, draws) };
    case 'process-crash':
      return { kind, ...base, target: processTarget(around, draws), unsynced: draws.pick(['lost', 'kept', 'torn']) };
    case 'process-pause':
      return { kind, ...base, target: processTarget(around, draws) };
    case 'partition':
      return {
        kind,
        ...base,
        target: draws.chance(40) ? nodeTarget(around, draws) : clientTarget(draws),
        peer: ALL_API_SERVERS,
        direction: draws.pick(['both', 'from', 'to']),
      };
    case 'slow-link':
      return {
        kind,
        ...base,
        target: draws.pick([clientTarget(draws), { component: 'etcd', instance: 0 }]),
        peer: ALL_API_SERVERS,
        latencyUs: draws.range(1, 500) * 1000,
        jitterUs: draws.pick([0, 50_000]),
      };
    case 'lossy-link':
      return { kind, ...base, target: clientTarget(draws), peer: ALL_API_SERVERS, lossPercent: draws.range(1, 40) };
    case 'slow-disk':
      return { kind, ...base, target: { component: 'etcd', instance: 0 }, extraSyncUs: draws.range(1, 200) * 1000 };
    case 'watch-lag':
      return {
        kind,
        ...base,
        forUs: draws.range(1, 20) * S,
        target: serverTarget(around, draws),
        latencyUs: draws.chance(50) ? null : draws.range(10, 2000) * 1000,
      };
    case 'lost-replies':
      return { kind, ...base, forUs: draws.range(1, 3) * S, target: clientTarget(draws) };
    case 'refused-requests':
      return {
        kind,
        ...base,
        target: serverTarget(around, draws),
        code: draws.pick([409, 429, 500, 503]),
        percent: draws.range(5, 100),
      };
    case 'slow-watchers':
      return { kind, ...base, forUs: draws.range(1, 10) * S, target: serverTarget(around, draws) };
    default:
      return assertNever(kind, 'fault kind');
  }
}

function nodeTarget({ nodes, zones }: Surroundings, draws: Draws): Target {
  return zones.length > 1 && draws.chance(20) ? { zone: draws.pick(zones) } : { node: draws.pick(nodes) };
}

function clientTarget(draws: Draws): Target {
  return { component: draws.pick(CLIENTS), instance: 'leader' };
}

function serverTarget({ apiServers }: Surroundings, draws: Draws): Target {
  return { component: 'apiserver', instance: draws.range(0, apiServers - 1) };
}

function processTarget(around: Surroundings, draws: Draws): Target {
  if (draws.chance(25)) return { component: 'etcd', instance: draws.range(0, around.storeMembers - 1) };
  return draws.chance(50) ? clientTarget(draws) : serverTarget(around, draws);
}
