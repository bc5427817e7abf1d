/**
 * Planted bugs of the API server, each in a situation that shows it.
 */
import {
  ALL_API_SERVERS,
  at,
  budget,
  DELAYED_SERVER_TAKES_OVER,
  deployment,
  drain,
  job,
  type PlantedBug,
  planted,
  S,
  STANDBYS,
  scale,
  setImage,
  statefulSet,
  WEB,
  workload,
} from './situation.ts';
import { apply, held, lag, remove } from './sound-steps.ts';

const doubleBinding = planted('SC1', 'api.bind-overwrites', 5, {
  controlPlane: STANDBYS,
  settings: { schedulerQps: 1, schedulerBurst: 4 },
  workload: [deployment(12)],
  faults: [
    {
      kind: 'process-pause',
      id: 'f1',
      target: { component: 'scheduler', instance: 'leader' },
      trigger: { kind: 'task', label: 'binding' },
      forUs: 40 * S,
    },
  ],
  safetyS: 90,
});

const oldWrites = planted('A1', 'api.update-ignores-resource-version', 5, {
  workload: [deployment(4)],
  operations: [scale(20, 6), setImage(20), scale(21, 3)],
  faults: [
    {
      kind: 'slow-link',
      id: 'f1',
      target: { component: 'controller-manager', instance: 0 },
      peer: ALL_API_SERVERS,
      latencyUs: 400_000,
      jitterUs: 0,
      trigger: at(5),
      forUs: 40 * S,
    },
  ],
});

const secondDelete = planted('A4', 'api.delete-restarts-grace', 2, {
  workload: [deployment(3, { tolerationSeconds: 30, graceSeconds: 60 })],
  operations: [scale(40, 0)],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(10), forUs: 150 * S }],
  safetyS: 180,
});

const overspent = planted('P1', 'api.eviction-keeps-budget', 3, {
  nodes: 4,
  workload: [deployment(4, { preStopSleepSeconds: 5 }), budget(3)],
  operations: [drain(30, 'node-0'), drain(30, 'node-1'), drain(30, 'node-2')],
  faults: [
    {
      kind: 'slow-link',
      id: 'f1',
      target: { component: 'controller-manager', instance: 0 },
      peer: ALL_API_SERVERS,
      latencyUs: 300_000,
      jitterUs: 0,
      trigger: at(25),
      forUs: 30 * S,
    },
  ],
  safetyS: 120,
});

/** Watches are closed and resumed while a window of 16 events runs over. */
const skippedEvent = planted('A7', 'api.window-wrap-skips-event', 5, {
  settings: { watchCacheEvents: 16 },
  workload: [deployment(9)],
  operations: [scale(20, 18), setImage(21)],
  faults: [
    {
      kind: 'slow-watchers',
      id: 'f1',
      target: { component: 'apiserver', instance: 0 },
      trigger: at(20),
      forUs: 10 * S,
    },
  ],
});

/** People watch Events while a Deployment rolls out, cannot keep up for a while and go on from where they were. */
const missedEvents = planted('A7', 'api.direct-watch-from-now', 3, {
  settings: { events: true },
  workload: [deployment(6)],
  operations: [scale(20, 12), setImage(21)],
  faults: [
    {
      kind: 'load-burst',
      id: 'f1',
      target: ALL_API_SERVERS,
      load: 'watches',
      resource: 'events',
      perSecond: 2,
      trigger: at(18),
      forUs: 20 * S,
    },
    { kind: 'slow-watchers', id: 'f2', target: ALL_API_SERVERS, trigger: at(20), forUs: 2 * S },
  ],
});

/** The controllers' caches are a third of a second behind their own status writes. */
const staleStatus = planted('A1', 'api.status-ignores-resource-version', 3, {
  workload: [deployment(4)],
  operations: [scale(20, 6)],
  faults: [
    { kind: 'watch-lag', id: 'f1', target: ALL_API_SERVERS, latencyUs: 300_000, trigger: at(10), forUs: 60 * S },
  ],
});

/** Pods of a Job are held by a finalizer until they are counted. */
const uncounted = planted('A4', 'api.ignores-finalizers', 3, {
  workload: [job(6)],
  operations: [{ kind: 'delete', atUs: 0.5 * S, workload: 'Job/demo/sums' }],
});

/** Somebody holds the Deployment; its status is written once more while it ends. */
const endedAmidHold = planted('A4', 'api.update-ends-held', 1, {
  workload: [held(deployment(2))],
  operations: [remove(20, WEB, 'orphan'), apply(22, held(deployment(3)))],
  predicates: ['A4'],
});

const unmarked = planted('A11', 'api.delete-leaves-held', 1, {
  workload: [held(deployment(2))],
  operations: [remove(20, WEB)],
  predicates: ['A11'],
});

/** The clients of a server that stands still go over to one that has just started and knows nothing of what they missed. */
const silentGap = planted('A7', 'api.no-410-below-window', 5, {
  controlPlane: { apiServers: 2 },
  workload: [deployment(3)],
  operations: [scale(19.5, 6), scale(20, 5), scale(23, 7)],
  faults: [
    {
      kind: 'watch-lag',
      id: 'f1',
      target: { component: 'apiserver', instance: 1 },
      latencyUs: null,
      trigger: at(19),
      forUs: 10 * S,
    },
    {
      kind: 'process-crash',
      id: 'f2',
      target: { component: 'apiserver', instance: 0 },
      trigger: at(20.5),
      forUs: S,
    },
    {
      kind: 'process-crash',
      id: 'f3',
      target: { component: 'apiserver', instance: 1 },
      trigger: at(23),
      forUs: 5 * S,
    },
  ],
});

/** As with an informer that takes any list, but here the server does not wait until it is as new as asked. */
const oldList = planted('A9', 'api.list-older-than-asked', 5, DELAYED_SERVER_TAKES_OVER);

/** Every watch is cut for half a minute, and the window is too small to resume one: all informers list again and again. */
const listStorm = planted('I3', 'api.list-from-store', 3, {
  nodes: 5,
  controlPlane: { apiServers: 2, ...STANDBYS },
  settings: { watchCacheEvents: 16 },
  workload: [deployment(6)],
  operations: [scale(20, 12), setImage(30)],
  faults: [{ kind: 'slow-watchers', id: 'f1', target: ALL_API_SERVERS, trigger: at(20), forUs: 30 * S }],
});

const sameGeneration = planted('A3', 'api.generation-stays', 1, {
  workload: [deployment(3)],
  operations: [scale(20, 5)],
  // Who waits for the new generation to be observed waits for ever.
  consequences: ['X11'],
});

/** An update moves a database to another Service, which is fixed for good. */
const uncheckedUpdate = planted('A5', 'api.update-unchecked', 1, {
  workload: [statefulSet(2)],
  operations: [
    {
      kind: 'apply',
      atUs: 10 * S,
      objects: [workload('StatefulSet', 2, {}, { serviceName: 'other', podManagementPolicy: 'Parallel' })],
    },
  ],
  safetyS: 20,
});

/** A store that stands still holds up what few seats there are. */
const lostSeats = planted('A10', 'api.keeps-late-seats', 1, {
  settings: { writesInFlight: 2 },
  workload: [deployment(3)],
  faults: [
    {
      kind: 'process-pause',
      id: 'f1',
      target: { component: 'etcd', instance: 0 },
      trigger: at(20),
      forUs: 25 * S,
    },
  ],
  safetyS: 170,
});

/** Who drains a node asks for its pods as they are now, and the watch cache hears of the store late; with few seats there is a line without the bug, too. */
const sleepingReads = planted('A10', 'api.readers-sleep-on', 2, {
  settings: { writesInFlight: 2 },
  workload: [deployment(6), budget(4)],
  operations: [drain(20, 'node-0'), drain(21, 'node-1')],
  faults: [lag(400_000)],
});

const doubledList = planted('A9', 'api.lists-last-twice', 1, { workload: [deployment(2)], predicates: ['A9'] });

export const API_BUGS: readonly PlantedBug[] = [
  sleepingReads,
  doubleBinding,
  oldWrites,
  secondDelete,
  overspent,
  skippedEvent,
  missedEvents,
  staleStatus,
  uncounted,
  endedAmidHold,
  unmarked,
  silentGap,
  oldList,
  doubledList,
  listStorm,
  sameGeneration,
  uncheckedUpdate,
  lostSeats,
];
