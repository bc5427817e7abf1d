/**
 * What `import … from 'seatrial/arbitraries'` gives: plans for properties with fast-check, which the importing project brings along.
 */
export type { FaultPlan, Operation, ScenarioPlan } from '../../core/chaos/plan.ts';
export { type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
export { type CheckOptions, checkPlans, type PlanFailure } from './check-plans.ts';
export { clusters } from './clusters.ts';
export { type FaultRange, faults } from './faults.ts';
export { type Application, manifests } from './manifests.ts';
export { type OperationRange, operations } from './operations.ts';
export { type PlanOptions, plans } from './plans.ts';
export { workloads } from './workloads.ts';
