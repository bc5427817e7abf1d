/**
 * Planted bugs of the scheduler, each in a situation that shows it.
 */
import { ALL_API_SERVERS, deployment, type PlantedBug, planted, S } from './situation.ts';

const crowdedNode = planted('SC2', 'scheduler.ignores-assumed', 3, {
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [deployment(3, { cpu: '600m' })],
});

/** The answers to bindings are lost while the scheduler's watch stands still: it cannot know where its pods are. */
const wrongBelief = planted('SC8', 'scheduler.binds-again', 6, {
  workload: [deployment(6)],
  faults: [
    {
      kind: 'lost-replies',
      id: 'f1',
      target: { component: 'scheduler', instance: 0 },
      trigger: { kind: 'task', label: 'binding' },
      forUs: S,
    },
    {
      kind: 'watch-lag',
      id: 'f2',
      target: ALL_API_SERVERS,
      latencyUs: null,
      trigger: { kind: 'task', label: 'binding' },
      forUs: 70 * S,
    },
  ],
  safetyS: 150,
});

export const SCHEDULER_BUGS: readonly PlantedBug[] = [crowdedNode, wrongBelief];
