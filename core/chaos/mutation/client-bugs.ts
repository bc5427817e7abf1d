/**
 * Planted bugs of the client library, each in a situation that shows it.
 */

import { CONTROLLER_USER } from '../../types/user-names.ts';
import {
  ALL_API_SERVERS,
  at,
  DELAYED_SERVER_TAKES_OVER,
  deployment,
  type PlantedBug,
  planted,
  pod,
  S,
  STANDBYS,
  scale,
  setImage,
  statefulSet,
} from './situation.ts';

const twoLeaders = planted('LE2', 'leader-keeps-leading', 3, {
  controlPlane: STANDBYS,
  workload: [deployment(2)],
  faults: [
    {
      kind: 'partition',
      id: 'f1',
      target: { component: 'controller-manager', instance: 'leader' },
      peer: ALL_API_SERVERS,
      direction: 'both',
      trigger: at(10),
      forUs: 45 * S,
    },
  ],
});

const staleCache = planted('I1', 'informer-misses-deletions', 3, {
  workload: [pod('free-1'), pod('free-2')],
  operations: [{ kind: 'delete', atUs: 18.5 * S, workload: 'Pod/demo/free-1' }],
  faults: [
    {
      kind: 'partition',
      id: 'f1',
      target: { component: 'scheduler', instance: 0 },
      peer: ALL_API_SERVERS,
      direction: 'both',
      trigger: at(18),
      forUs: 7 * S,
    },
    { kind: 'process-crash', id: 'f2', target: ALL_API_SERVERS, trigger: at(20), forUs: 2 * S },
  ],
  safetyS: 60,
});

const forgottenSet = planted('RS1', 'controller-no-retry', 3, {
  workload: [deployment(6)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: ALL_API_SERVERS,
      trigger: { kind: 'task', label: 'replicaset', point: 1 },
      forUs: 3 * S,
    },
  ],
});

const noRetry = planted('X1', 'controller-no-retry', 3, {
  controlPlane: { apiServers: 2 },
  workload: [statefulSet(6)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: ALL_API_SERVERS,
      trigger: { kind: 'task', label: 'statefulset', point: 2 },
      forUs: 5 * S,
    },
  ],
});

/** An informer lists again, and meanwhile its server has gone: the other one stands still. */
const timeTravel = planted('A9', 'informer-relist-any', 5, DELAYED_SERVER_TAKES_OVER);

/** The answers to a second's worth of writes are lost. */
const falseRefusal = planted('A11', 'client-unknown-is-failure', 3, {
  workload: [deployment(3)],
  operations: [scale(20, 5)],
  faults: [
    {
      kind: 'lost-replies',
      id: 'f1',
      target: { component: 'controller-manager', instance: 0 },
      trigger: at(20),
      forUs: S,
    },
  ],
  safetyS: 120,
});

/** The API server has no time for a second. */
const givenUp = planted('A13', 'client-busy-is-failure', 1, {
  workload: [deployment(3)],
  operations: [scale(20, 5)],
  faults: [
    {
      kind: 'refused-requests',
      id: 'f1',
      target: { component: 'apiserver', instance: 0 },
      code: 429,
      trigger: at(20),
      forUs: S,
    },
  ],
  predicates: ['A13'],
});

const keyTwice = planted('I2', 'queue-key-twice', 3, {
  // Two that work on one key write the same.
  consequences: ['X7'],
  workload: [deployment(6)],
  operations: [scale(20, 12), setImage(30)],
});

const lostWakeUp = planted('I2', 'queue-lost-wake-up', 3, {
  workload: [deployment(6)],
  operations: [scale(20, 12), setImage(30)],
});

/** The controllers' caches are five seconds behind their own status writes. */
const conflictLoop = planted('X11', 'queue-no-back-off', 3, {
  workload: [deployment(4)],
  operations: [scale(20, 6), scale(21, 7), scale(22, 8), scale(23, 9)],
  faults: [
    { kind: 'watch-lag', id: 'f1', target: ALL_API_SERVERS, latencyUs: 5_000_000, trigger: at(10), forUs: 60 * S },
  ],
});

/** Every write of the controllers is refused for twenty seconds. */
const hotRefusals = planted('X7', 'queue-no-back-off', 3, {
  workload: [deployment(4)],
  operations: [scale(20, 6)],
  faults: [
    {
      kind: 'refused-requests',
      id: 'f1',
      target: ALL_API_SERVERS,
      code: 503,
      user: `${CONTROLLER_USER}replicaset-controller`,
      trigger: at(15),
      forUs: 20 * S,
    },
  ],
});

/** Both candidates are up from the start; only when the leader dies may the other one take its lease. */
const takenLease = planted('LE1', 'leader-takes-valid-lease', 1, {
  controlPlane: STANDBYS,
  workload: [deployment(2)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'controller-manager', instance: 'leader' },
      trigger: at(15),
      forUs: 30 * S,
    },
  ],
  predicates: ['LE1'],
});

const countedRenewals = planted('LE1', 'leader-counts-renewals', 1, { workload: [deployment(1)], predicates: ['LE1'] });

/** The leader dies, and comes back as somebody else. */
const orphanedLease = planted('LE3', 'leader-keeps-off-expired-lease', 1, {
  workload: [deployment(2)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'controller-manager', instance: 0 },
      trigger: at(15),
      forUs: S,
    },
  ],
  boundS: 60,
  predicates: ['LE3'],
});

export const CLIENT_BUGS: readonly PlantedBug[] = [
  twoLeaders,
  staleCache,
  forgottenSet,
  noRetry,
  timeTravel,
  falseRefusal,
  givenUp,
  keyTwice,
  lostWakeUp,
  conflictLoop,
  hotRefusals,
  takenLease,
  countedRenewals,
  orphanedLease,
];
