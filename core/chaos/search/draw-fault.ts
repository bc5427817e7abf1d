/**
 * Draws one fault of a given kind: target, instant, duration and parameters. A fault lasts at least a second: one that comes and goes at
 * once tests nothing.
 */
import { EXTENSION_POINTS } from '../../scheduler/points.ts';
import { removalsIn } from '../fault-needs.ts';
import { ENDS_AT_ONCE, type FaultKind, type FaultPlan, type Trigger } from '../plan.ts';
import {
  ALL_API_SERVERS,
  ALL_STORE_MEMBERS,
  CLIENTS,
  clientTarget,
  hostTarget,
  memberTarget,
  nodeTarget,
  processTarget,
  type Surroundings,
  schedulerTarget,
  serverTarget,
} from './draw-target.ts';
import type { Draws } from './draws.ts';

const S = 1_000_000;
const MS = 1_000;

/** What every drawn fault has, whatever its kind. */
type Base = Pick<FaultPlan, 'id' | 'trigger' | 'forUs'>;
type Drawer = (base: Base, around: Surroundings, draws: Draws) => FaultPlan;

/** Resources of which a copy may be old; pods are what most decisions are about. */
const COPIED = ['pods', 'pods', 'nodes', 'replicasets', 'deployments', 'statefulsets', 'daemonsets', 'endpointslices'];

/**
 * How each kind is drawn: parameters that a sound cluster survives. A member's lost disk is left out: a member that comes back empty under its
 * old name has broken the promise that Raft stands on.
 */
const DRAWERS = {
  'node-crash': (base, around, draws) => ({ kind: 'node-crash', ...base, target: nodeTarget(around, draws) }),
  'node-panic': (base, around, draws) => ({
    kind: 'node-panic',
    ...base,
    target: nodeTarget(around, draws),
    fullOf: draws.pick(['cpu', 'memory']),
    percent: draws.range(1, 40),
  }),
  'kubelet-stop': (base, around, draws) => ({ kind: 'kubelet-stop', ...base, target: nodeTarget(around, draws) }),
  'process-crash': (base, around, draws) => ({
    kind: 'process-crash',
    ...base,
    target: processTarget(around, draws),
    unsynced: draws.pick(['lost', 'kept', 'torn']),
  }),
  'process-pause': (base, around, draws) => ({ kind: 'process-pause', ...base, target: processTarget(around, draws) }),
  partition: (base, around, draws) => {
    const direction = draws.pick(['both', 'from', 'to'] as const);
    return { kind: 'partition', ...base, ...someLink(around, draws, true), direction };
  },
  'slow-link': (base, around, draws) => ({
    kind: 'slow-link',
    ...base,
    ...someLink(around, draws, false),
    latencyUs: draws.range(1, 500) * MS,
    jitterUs: draws.pick([0, 50 * MS]),
  }),
  'lossy-link': (base, around, draws) => ({
    kind: 'lossy-link',
    ...base,
    ...someLink(around, draws, false),
    lossPercent: draws.range(1, 40),
  }),
  'held-link': (base, around, draws) => ({ kind: 'held-link', ...base, ...someLink(around, draws, true) }),
  'impaired-link': (base, around, draws) => {
    const ends = someLink(around, draws, true);
    // Only members send datagrams, which may come twice or late.
    const isGroup = ends.peer.component === 'etcd';
    const bytesPerSecond = !isGroup || draws.chance(30) ? { bytesPerSecond: draws.range(10, 500) * 1_000 } : {};
    const datagrams = isGroup ? { duplicatePercent: draws.range(1, 50), reorderPercent: draws.range(1, 50) } : {};
    return { kind: 'impaired-link', ...base, ...ends, ...bytesPerSecond, ...datagrams };
  },
  'slow-process': (base, around, draws) => ({
    kind: 'slow-process',
    ...base,
    target: processTarget(around, draws),
    times: draws.pick([2, 10, 50, 200]),
  }),
  'registry-outage': (base, around, draws) => ({ kind: 'registry-outage', ...base, target: nodeTarget(around, draws) }),
  'slow-pulls': (base, around, draws) => ({
    kind: 'slow-pulls',
    ...base,
    target: nodeTarget(around, draws),
    latencyUs: draws.range(1, 20) * S,
  }),
  'pleg-stall': (base, around, draws) => ({ kind: 'pleg-stall', ...base, target: nodeTarget(around, draws) }),
  'container-kill': (base, around, draws) => ({ kind: 'container-kill', ...base, target: hostTarget(around, draws) }),
  'address-shortage': (base, around, draws) => ({
    kind: 'address-shortage',
    ...base,
    target: nodeTarget(around, draws),
  }),
  'proxy-lag': (base, around, draws) => ({ kind: 'proxy-lag', ...base, target: nodeTarget(around, draws) }),
  'instance-removed': (base, { nodes }, draws) => ({
    kind: 'instance-removed',
    ...base,
    target: { node: draws.pick(nodes) },
  }),
  // A leader may trust its lease up to a drift of 1.5 (15 s of lease, 10 s to renew): real clocks stay far below.
  'clock-rate': (base, around, draws) => ({
    kind: 'clock-rate',
    ...base,
    target: draws.chance(30) ? nodeTarget(around, draws) : processTarget(around, draws),
    rate: draws.pick([0.9, 0.98, 1.02, 1.1]),
  }),
  'clock-offset': (base, around, draws) => ({
    kind: 'clock-offset',
    ...base,
    target: draws.chance(30) ? nodeTarget(around, draws) : processTarget(around, draws),
    offsetUs: draws.range(-60, 60) * S,
  }),
  'slow-disk': (base, around, draws) => ({
    kind: 'slow-disk',
    ...base,
    target: memberTarget(around, draws),
    extraSyncUs: draws.range(1, 200) * MS,
  }),
  'disk-failure': (base, around, draws) => ({
    kind: 'disk-failure',
    ...base,
    target: memberTarget(around, draws),
    reason: draws.pick(['io-error', 'no-space']),
  }),
  'bit-flip': (base, around, draws) => ({
    kind: 'bit-flip',
    ...base,
    target: memberTarget(around, draws),
    file: draws.pick(['wal', 'snapshot', 'backend']),
  }),
  'slow-apply': (base, around, draws) => ({
    kind: 'slow-apply',
    ...base,
    target: memberTarget(around, draws),
    latencyUs: draws.range(1, 200) * MS,
  }),
  'crash-in-apply': (base, around, draws) => ({ kind: 'crash-in-apply', ...base, target: memberTarget(around, draws) }),
  'leader-transfer': (base) => ({
    kind: 'leader-transfer',
    ...base,
    target: { component: 'etcd', instance: 'leader' },
  }),
  'slow-snapshot': (base, _around, draws) => ({
    kind: 'slow-snapshot',
    ...base,
    target: ALL_STORE_MEMBERS,
    latencyUs: draws.range(100, 5_000) * MS,
  }),
  'compaction-storm': (base, _around, draws) => ({
    kind: 'compaction-storm',
    ...base,
    target: ALL_STORE_MEMBERS,
    everyUs: draws.range(100, 5_000) * MS,
  }),
  'watch-lag': (base, around, draws) => ({
    kind: 'watch-lag',
    ...base,
    forUs: draws.range(1, 20) * S,
    target: serverTarget(around, draws),
    ...someResource(draws),
    latencyUs: draws.chance(50) ? null : draws.range(10, 2000) * MS,
  }),
  'no-bookmarks': (base, around, draws) => ({
    kind: 'no-bookmarks',
    ...base,
    target: serverTarget(around, draws),
    ...someResource(draws),
  }),
  'expired-watches': (base, around, draws) => ({
    kind: 'expired-watches',
    ...base,
    forUs: draws.range(1, 20) * S,
    target: serverTarget(around, draws),
    ...someResource(draws),
  }),
  'repeated-events': (base, _around, draws) => ({
    kind: 'repeated-events',
    ...base,
    target: clientTarget(draws),
    ...(draws.chance(25) ? { resource: draws.pick(COPIED) } : {}),
  }),
  // Who leads waits for nothing: its standby does.
  'no-jitter': (base, around, draws) => ({
    kind: 'no-jitter',
    ...base,
    target: draws.chance(25) ? nodeTarget(around, draws) : { component: draws.pick(CLIENTS), instance: 'all' },
  }),
  'lost-replies': (base, _around, draws) => ({
    kind: 'lost-replies',
    ...base,
    forUs: draws.range(1, 3) * S,
    target: clientTarget(draws),
  }),
  'refused-requests': (base, around, draws) => ({
    kind: 'refused-requests',
    ...base,
    target: serverTarget(around, draws),
    code: draws.pick([401, 409, 429, 500, 503, 504]),
    percent: draws.range(5, 100),
  }),
  'slow-watchers': (base, around, draws) => ({
    kind: 'slow-watchers',
    ...base,
    forUs: draws.range(1, 10) * S,
    target: serverTarget(around, draws),
  }),
  'plugin-errors': (base, _around, draws) => ({
    kind: 'plugin-errors',
    ...base,
    target: schedulerTarget(draws),
    extensionPoint: draws.pick(EXTENSION_POINTS),
    percent: draws.range(5, 100),
  }),
  'load-burst': (base, around, draws) => {
    const load = draws.pick(['events', 'lists', 'watches'] as const);
    const of = load === 'events' ? { load } : { load, resource: draws.pick([...COPIED, 'events']) };
    return { kind: 'load-burst', ...base, target: serverTarget(around, draws), ...of, perSecond: draws.range(1, 20) };
  },
  'changed-field': (base, { fields }, draws) => ({
    kind: 'changed-field',
    ...base,
    target: ALL_API_SERVERS,
    ...draws.pick(fields),
  }),
  'informer-lag': (base, _around, draws) => ({
    kind: 'informer-lag',
    ...base,
    forUs: draws.range(1, 20) * S,
    target: clientTarget(draws),
    resource: draws.pick(COPIED),
    latencyUs: draws.chance(30) ? null : draws.range(10, 3000) * MS,
  }),
} as const satisfies Partial<Record<FaultKind, Drawer>>;

export type SearchedKind = keyof typeof DRAWERS;

/** Kinds that a search draws. */
export const SEARCHED_KINDS = Object.keys(DRAWERS) as readonly SearchedKind[];

/** Kinds that act between the members of a store, and need more than one. */
const OF_GROUPS: readonly SearchedKind[] = ['leader-transfer', 'slow-snapshot'];

/** true if the cluster has what faults of this kind act on, and can bear them beside those that were `drawn` before. */
export function canBeDrawn(kind: SearchedKind, around: Surroundings, drawn: readonly FaultPlan[]): boolean {
  if (kind === 'instance-removed') return removalsIn(drawn) < around.removals;
  // Two changes of one field would each take the other's value for what was there before.
  if (kind === 'changed-field') return around.fields.length > 0 && !drawn.some((fault) => fault.kind === kind);
  return around.storeMembers > 1 || !OF_GROUPS.includes(kind);
}

/** A fault of `kind`, with the number `index` in its plan. */
export function drawFault(kind: SearchedKind, index: number, around: Surroundings, draws: Draws): FaultPlan {
  const seconds = Math.floor(around.untilUs / S);
  const trigger: Trigger = { kind: 'at', atUs: draws.range(2 * S, Math.max(3, seconds - 15) * S) };
  const lastsUs = draws.range(1, 45) * S;
  const forUs = ENDS_AT_ONCE.includes(kind) ? null : lastsUs;
  return DRAWERS[kind]({ id: `f${index + 1}`, trigger, forUs }, around, draws);
}

/** One resource, or all in half of the cases. */
function someResource(draws: Draws): { readonly resource?: string } {
  return draws.chance(50) ? { resource: draws.pick(COPIED) } : {};
}

/** Two ends of a network link: a client, or with `nodes` also a kubelet, and the API servers; the store and those; two members of a group. */
function someLink(
  around: Surroundings,
  draws: Draws,
  nodes: boolean,
): Pick<FaultPlan & { kind: 'partition' }, 'target' | 'peer'> {
  if (around.storeMembers > 1 && draws.chance(30)) {
    return { target: memberTarget(around, draws), peer: ALL_STORE_MEMBERS };
  }
  if (nodes && draws.chance(40)) return { target: nodeTarget(around, draws), peer: ALL_API_SERVERS };
  if (draws.chance(30)) return { target: memberTarget(around, draws), peer: ALL_API_SERVERS };
  return { target: clientTarget(draws), peer: ALL_API_SERVERS };
}
