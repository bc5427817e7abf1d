/**
 * Loads the controllers of users that cluster descriptions name, so that a run finds them. Each thread loads its own.
 */
import path from 'node:path';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { findOperator, type Operator, registerOperator } from '../../core/cluster/operators.ts';
import { userCall } from './guarded-run.ts';
import { importDefault, type ModulePurpose, moduleError } from './import-module.ts';

const PURPOSE: ModulePurpose = { what: 'controller', code: 'OPR-001' };

/** Loads what the plans need and is not there yet. @throws UserError for a module that cannot be used. */
export async function loadOperators(plans: readonly Pick<ScenarioPlan, 'cluster'>[]): Promise<void> {
  for (const { cluster } of plans) {
    for (const { module } of cluster.operators ?? []) {
      if (findOperator(module) === undefined) registerOperator(module, await loadOperator(module));
    }
  }
}

async function loadOperator(file: string): Promise<Operator> {
  const shown = path.relative(process.cwd(), file);
  const exported = await importDefault(file, shown, PURPOSE);
  if (typeof exported !== 'object' || exported === null) {
    throw moduleError(shown, 'no default export, expected an object with name, reconciles and reconcile', PURPOSE);
  }
  const { name, reconciles, reconcile, owns, reads } = exported as Record<string, unknown>;
  const wrong: string[] = [];
  if (typeof name !== 'string' || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    wrong.push('name must be lower case letters, digits and dashes');
  if (!isKind(reconciles)) wrong.push('reconciles needs apiVersion and kind');
  if (typeof reconcile !== 'function') wrong.push('reconcile is no function');
  for (const [field, value] of Object.entries({ owns, reads })) {
    if (value !== undefined && !(Array.isArray(value) && value.every(isKind)))
      wrong.push(`${field} must be a list of apiVersion and kind`);
  }
  if (wrong.length > 0) throw moduleError(shown, wrong.join('; '), PURPOSE);
  return watched(exported as Operator, shown);
}

/** The operator with each step of its reconcilers as a call that is limited. */
function watched(operator: Operator, shown: string): Operator {
  return {
    ...operator,
    *reconcile(api, namespace, name) {
      const text = `controller ${shown}: its reconcile of ${namespace}/${name}`;
      const steps = userCall(text, () => operator.reconcile(api, namespace, name)[Symbol.iterator]());
      let step = userCall(text, () => steps.next());
      while (step.done !== true) {
        let resume: () => typeof step;
        try {
          const sent = yield step.value;
          resume = () => steps.next(sent);
        } catch (error) {
          resume = () => steps.throw(error);
        }
        step = userCall(text, resume);
      }
    },
  };
}

function isKind(value: unknown): boolean {
  const { apiVersion, kind } = (value ?? {}) as Record<string, unknown>;
  return typeof apiVersion === 'string' && typeof kind === 'string';
}
