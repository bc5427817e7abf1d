/**
 * Planted bugs of the API server, each in a situation that shows it.
 */
import {
  ALL_API_SERVERS,
  at,
  budget,
  deployment,
  drain,
  type PlantedBug,
  planted,
  S,
  STANDBYS,
  scale,
  setImage,
} from './situation.ts';

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

export const API_BUGS: readonly PlantedBug[] = [doubleBinding, oldWrites, secondDelete, overspent, skippedEvent];
