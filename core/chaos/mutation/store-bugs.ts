/**
 * Planted bugs of the store, each in a situation that shows it.
 */
import { ALL_API_SERVERS, at, deployment, type PlantedBug, planted, S, scale, setImage } from './situation.ts';

const lostWrites = planted('S3', 'store-ack-before-sync', 10, {
  // A history that was rewritten reaches the watchers, too.
  consequences: ['A7'],
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

const blindStore = planted('A4', 'store-ignore-compare', 3, {
  controlPlane: { apiServers: 2 },
  workload: [deployment(3)],
  operations: [setImage(20)],
});

const lostEvent = planted('A7', 'store-watch-resume-skips', 5, {
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

export const STORE_BUGS: readonly PlantedBug[] = [lostWrites, blindStore, lostEvent];
