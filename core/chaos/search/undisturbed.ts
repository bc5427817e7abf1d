/**
 * What of a search's plan does not come to rest even without a fault: said before the search, so that it is neither found nor excused in every case.
 *
 * Cost: one run where all is well, else one more and one an operation.
 */
import type { Operation, ScenarioPlan } from '../plan.ts';
import { type Outcome, runPlan } from '../run-plan.ts';

/** The plan without the operations that cannot end well, and what is wrong with each and with the workload itself. */
export interface Undisturbed {
  readonly plan: ScenarioPlan;
  readonly problems: readonly string[];
}

/** Runs `plan` without faults and without what is planted in it. */
export function undisturbed(plan: ScenarioPlan, seed: number): Undisturbed {
  const ask = (operations: readonly Operation[]): string =>
    troubleOf(runPlan({ ...plan, operations, faults: [], bugs: [] }, seed).outcome);
  if (ask(plan.operations) === '') return { plan, problems: [] };
  const alone = ask([]);
  if (alone !== '') return { plan, problems: [`the workload does not converge even undisturbed: ${alone}`] };
  const problems: string[] = [];
  const operations = plan.operations.filter((operation) => {
    const trouble = ask([operation]);
    if (trouble !== '') problems.push(`${nameOf(operation)} is left out, it fails even undisturbed: ${trouble}`);
    return trouble === '';
  });
  return { plan: { ...plan, operations }, problems };
}

function troubleOf(outcome: Outcome): string {
  if (outcome.kind === 'pass') return '';
  if (outcome.kind === 'excused') return outcome.excuses[0]?.about ?? outcome.missing;
  return outcome.kind === 'fail' ? `${outcome.predicate}: ${outcome.message}` : outcome.message;
}

function nameOf(operation: Operation): string {
  if (operation.kind === 'scale') return `scale of ${operation.workload} to ${operation.replicas}`;
  return operation.kind === 'set-image' ? `a new image for ${operation.workload}` : operation.kind;
}
