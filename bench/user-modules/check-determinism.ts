/**
 * Refuses controllers of users whose runs cannot be repeated: nothing that is found with them could be replayed.
 */
import path from 'node:path';
import { firstDifference } from '../../core/chaos/explain/first-difference.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { userError } from '../cli/user-error.ts';
import { showInstant } from '../report/virtual-time.ts';
import { guardedRun } from './guarded-run.ts';

/** Runs a plan with operators twice; one without them is taken as it is. `limitUs` of host time, 0 = none. @throws UserError where the runs part. */
export function checkDeterminism(plan: ScenarioPlan, seed: number, limitUs: number): void {
  const { operators = [] } = plan.cluster;
  if (operators.length === 0) return;
  const file = operators.map(({ module }) => path.relative(process.cwd(), module)).join(', ');
  const found = guardedRun({ file, plan }, limitUs / 1000, () => firstDifference(plan, seed));
  if (found === null) return;
  const digests = found.digests.map((digest) => digest.slice(0, 12)).join(', ');
  const first =
    found.event === null
      ? ''
      : `; first at ${showInstant(found.event.timeUs)}: ${found.event.process} ${found.event.what}`;
  throw userError({
    file,
    code: 'OPR-002',
    message: `two runs with seed ${seed} differ (${digests})${first}`,
    hint: 'a reconciler may use its arguments and what it reads, no clock, no random numbers, no state of the module',
  });
}
