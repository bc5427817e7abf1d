/**
 * Planted bugs of the store, each in a situation that shows it.
 */
import { ALL_API_SERVERS, at, deployment, type PlantedBug, planted, S, scale, setImage } from './situation.ts';

const lostWrites = planted('S3', 'store-ack-before-sync', 10, {
  // A history that was rewritten reaches watchers, readers and writers, too.
  consequences: ['A7', 'K6', 'S5', 'S7', 'X9'],
  workload: [deployment(3)],
  operations: [scale(20, 12)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'etcd', instance: 0 },
      trigger: at(20.015),
      forUs: 2 * S,
      unsynced: 'lost',
    },
  ],
});

/** Two writes find the same revision right; what the second takes away may be held by a finalizer or a grace period. */
const blindStore = planted('S5', 'store-ignore-compare', 3, {
  consequences: ['A4'],
  controlPlane: { apiServers: 2 },
  workload: [deployment(3)],
  operations: [setImage(20)],
});

const lostEvent = planted('S7', 'store-watch-resume-skips', 5, {
  // What the store's watch skips, the watches behind it skip as well.
  consequences: ['A7'],
  workload: [deployment(3)],
  operations: [scale(20, 9)],
  faults: [
    {
      kind: 'partition',
      id: 'f1',
      target: { component: 'etcd', instance: 'all' },
      peer: ALL_API_SERVERS,
      direction: 'from',
      trigger: at(20.01),
      forUs: 60 * S,
    },
  ],
  safetyS: 120,
});

const GROUP = { storeMembers: 3, apiServers: 3 };

/** A member comes back after the others went on: what it applies twice sets it apart. */
const appliedTwice = planted('S4', 'store-apply-again', 3, {
  consequences: ['S3', 'S5', 'S7', 'A7', 'A9'],
  controlPlane: GROUP,
  workload: [deployment(3)],
  operations: [scale(20, 9)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'etcd', instance: 1 },
      trigger: at(25),
      forUs: 5 * S,
    },
  ],
});

/** Its own disk slow, a follower is behind; what it reads at once is old. */
const unconfirmedReads = planted('S6', 'store-read-unconfirmed', 3, {
  consequences: ['A9', 'A1'],
  controlPlane: GROUP,
  workload: [deployment(3)],
  operations: [scale(20, 12), setImage(30)],
  faults: [
    {
      kind: 'slow-disk',
      id: 'f1',
      target: { component: 'etcd', instance: 2 },
      trigger: at(5),
      forUs: 60 * S,
      extraSyncUs: 300_000,
    },
  ],
});

/** Each member of five hears a bare majority well, itself among it: whoever leads, two miss it and raise the term. */
const flappingLeader = planted('S14', 'store-no-pre-vote', 3, {
  controlPlane: { storeMembers: 5, apiServers: 2 },
  workload: [deployment(3)],
  faults: [
    [0, 2],
    [0, 3],
    [1, 3],
    [1, 4],
    [2, 4],
  ].map(([one, other]) => ({
    kind: 'lossy-link' as const,
    id: `cut-${one}-${other}`,
    target: { component: 'etcd', instance: one as number },
    peer: { component: 'etcd', instance: other as number },
    lossPercent: 97,
    trigger: at(10),
    forUs: 60 * S,
  })),
  safetyS: 80,
});

/** The leader hangs in its disk and does not know that another one leads by now; Events lie under leases. */
const earlyRevoke = planted('S10', 'store-old-leader-revokes-leases', 2, {
  controlPlane: { storeMembers: 3, apiServers: 2 },
  settings: { events: true, eventTtlS: 60 },
  workload: [deployment(3)],
  operations: [scale(15, 6)],
  faults: [
    {
      kind: 'slow-disk',
      id: 'f1',
      target: { component: 'etcd', instance: 'leader' },
      trigger: at(50),
      forUs: 25 * S,
      extraSyncUs: 20 * S,
    },
  ],
  safetyS: 120,
});

/** The leader dies. The others know it, and wait. */
const deadLeader = planted('S13', 'store-trusts-silent-leader', 2, {
  controlPlane: { storeMembers: 3 },
  workload: [deployment(3)],
  operations: [scale(25, 5)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'etcd', instance: 'leader' },
      trigger: at(20),
      forUs: 5 * S,
    },
  ],
  safetyS: 120,
  boundS: 30,
});

/** One of two API servers is cut off from the store, and misses what the other one writes. */
const starvedWatch = planted('S15', 'store-watch-stays-behind', 2, {
  controlPlane: { apiServers: 2 },
  workload: [deployment(3)],
  operations: [scale(20, 9)],
  faults: [
    {
      kind: 'partition',
      id: 'f1',
      target: { component: 'etcd', instance: 0 },
      peer: { component: 'apiserver', instance: 1 },
      trigger: at(20.01),
      forUs: 60 * S,
    },
  ],
  safetyS: 172,
  boundS: 30,
});

/** The same where only this predicate looks: others see the bug's effects sooner. */
function judgedAlone(bug: PlantedBug, predicate: string): PlantedBug {
  const plan = { ...bug.plan, predicates: [predicate], expect: { fail: predicate } };
  return { ...bug, predicate, consequences: [], plan };
}

export const STORE_BUGS: readonly PlantedBug[] = [
  lostWrites,
  blindStore,
  lostEvent,
  judgedAlone(lostEvent, 'A7'),
  appliedTwice,
  unconfirmedReads,
  flappingLeader,
  earlyRevoke,
  deadLeader,
  starvedWatch,
];
