/**
 * What `import … from 'seatrial'` gives; nothing else of the package is public.
 */
export { UserError as ScenarioError } from '../../scenarios/problem.ts';
export type { ScenarioInput } from '../../scenarios/schema.ts';
export { type SimulateOptions, simulate } from './simulate.ts';
export type {
  SimulationCounters,
  SimulationFault,
  SimulationResult,
  SimulationSeries,
  SimulationTimes,
} from './simulation-result.ts';
