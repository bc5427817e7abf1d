/**
 * Planted bugs of the scheduler, each in a situation that shows it.
 */
import { deployment, type PlantedBug, planted } from './situation.ts';

const crowdedNode = planted('SC2', 'scheduler.ignores-assumed', 3, {
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [deployment(3, { cpu: '600m' })],
});

export const SCHEDULER_BUGS: readonly PlantedBug[] = [crowdedNode];
