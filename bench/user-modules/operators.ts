/**
 * Loads the controllers of users that cluster descriptions name, so that a run finds them. Each thread loads its own.
 */
import path from 'node:path';
import { types } from 'node:util';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import {
  findOperator,
  type Operator,
  type Request,
  registerOperator,
  StatusError,
} from '../../core/cluster/operators.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { placedError, placeText } from './error-place.ts';
import { userCall } from './guarded-run.ts';
import { importDefault, type ModulePurpose, misspelledFields, moduleError } from './import-module.ts';
import { SentRequests } from './sent-requests.ts';

const PURPOSE: ModulePurpose = {
  what: 'controller',
  code: 'OPR-001',
  fields: ['name', 'reconciles', 'reconcile', 'owns', 'reads'],
};

/** Loads what the plans need and is not there yet. @throws UserError for the modules that cannot be used. */
export async function loadOperators(plans: readonly Pick<ScenarioPlan, 'cluster'>[]): Promise<void> {
  const problems = new ProblemList();
  for (const module of new Set(plans.flatMap(({ cluster }) => (cluster.operators ?? []).map((each) => each.module)))) {
    if (findOperator(module) !== undefined) continue;
    await loadOperator(module).then(
      (operator) => registerOperator(module, operator),
      (error) => problems.take(error),
    );
  }
  problems.throwIfErrors();
  for (const { cluster } of plans) {
    const moduleOf = new Map<string, string>();
    for (const { module } of cluster.operators ?? []) {
      const { name } = findOperator(module) as Operator;
      const other = moduleOf.get(name);
      if (other !== undefined)
        throw moduleError(shownPath(module), `${shownPath(other)} has its name, ${name}`, PURPOSE);
      moduleOf.set(name, module);
    }
  }
}

/** Warns of fields of loaded modules that only the modules themselves read: another controller library may know them. */
export function warnOwnFields(plans: readonly Pick<ScenarioPlan, 'cluster'>[], problems: ProblemList): void {
  for (const module of new Set(plans.flatMap(({ cluster }) => (cluster.operators ?? []).map((each) => each.module)))) {
    const own = Object.keys(findOperator(module) ?? {}).filter((field) => !PURPOSE.fields.includes(field));
    if (own.length === 0) continue;
    const message = `nothing but the module itself reads ${own.join(', ')}`;
    problems.warning({ file: shownPath(module) }, PURPOSE.code, message, {
      hint: `a controller has ${PURPOSE.fields.join(', ')}`,
    });
  }
}

const shownPath = (file: string): string => path.relative(process.cwd(), file);

async function loadOperator(file: string): Promise<Operator> {
  const shown = shownPath(file);
  const exported = await importDefault(file, shown, PURPOSE);
  if (typeof exported !== 'object' || exported === null) {
    throw moduleError(shown, 'no default export, expected an object with name, reconciles and reconcile', PURPOSE);
  }
  const { name, reconciles, reconcile, owns, reads } = exported as Record<string, unknown>;
  const wrong = misspelledFields(exported, PURPOSE);
  if (typeof name !== 'string' || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    wrong.push('name must be lower case letters, digits and dashes');
  if (!isKind(reconciles)) wrong.push('reconciles needs apiVersion and kind');
  if (typeof reconcile !== 'function') wrong.push('reconcile is no function');
  else if (!isGeneratorFunction(reconcile)) {
    wrong.push('reconcile must be a generator, *reconcile(api, namespace, name), neither async nor a plain function');
  }
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
      const requests = new SentRequests(api);
      const steps = placed(text, () => operator.reconcile(requests.api, namespace, name)[Symbol.iterator]());
      let step = placed(text, () => steps.next());
      while (step.done !== true) {
        const request = taken(requests, step.value);
        let resume: () => typeof step;
        try {
          const answer = yield* request;
          resume = () => steps.next(answer as never);
        } catch (error) {
          resume = () => steps.throw(error);
        }
        step = placed(text, resume);
      }
      if (requests.mistake !== undefined) throw withPlace(requests.mistake);
      checkReturned(step.value);
    },
  };
}

/** The request that a reconciler waits for by `yield* api.…`; anything else that it yields would wait for nothing. */
function taken(requests: SentRequests, yielded: unknown): Request<unknown> {
  try {
    return requests.take(yielded);
  } catch (error) {
    throw withPlace(error as Error);
  }
}

/** The call, limited; what it throws says where, answers of the API aside, which are no mistake of the reconciler alone. */
function placed<Result>(text: string, call: () => Result): Result {
  try {
    return userCall(text, call);
  } catch (error) {
    if (!isReadable(error)) throw new Error('it threw a value that cannot be read');
    if (error instanceof StatusError || !(error instanceof Error)) throw error;
    throw withPlace(error);
  }
}

/** The error, whose message ends with its place in the user's module. */
function withPlace(error: Error): Error {
  const place = placeText(placedError(error));
  if (place !== '' && !error.message.endsWith(`(${place})`)) error.message = `${error.message} (${place})`;
  return error;
}

/** Whether what was thrown can be told: a Proxy may throw again, an object without prototype has no text. */
function isReadable(thrown: unknown): boolean {
  if (types.isProxy(thrown)) return false;
  try {
    return thrown instanceof Error ? `${thrown.message}${thrown.stack}` !== '' : String(thrown) !== null;
  } catch {
    return false;
  }
}

/** A helper that was called without `yield*` may be the result. Controllers for the real API server often say by it when to come back. */
function checkReturned(value: unknown): void {
  if (types.isGeneratorObject(value)) throw new Error('it returns a generator, which nobody runs: write return yield*');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : value;
    throw new Error(
      `it returns ${shown}, which nobody reads: throw to be called again, or call api.requeueAfter(seconds)`,
    );
  }
  const field = ['requeue', 'requeueAfter', 'Requeue', 'RequeueAfter'].find(
    (name) => typeof value === 'object' && value !== null && name in value,
  );
  if (field !== undefined) throw new Error(`it returns ${field}, which nobody reads: call api.requeueAfter(seconds)`);
}

function isGeneratorFunction(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object GeneratorFunction]';
}

function isKind(value: unknown): boolean {
  const { apiVersion, kind } = (value ?? {}) as Record<string, unknown>;
  const hasVersion = typeof apiVersion === 'string' && /^([a-z0-9.-]+\/)?[a-z0-9]+$/.test(apiVersion);
  return hasVersion && typeof kind === 'string' && /^[A-Za-z][A-Za-z0-9-]*$/.test(kind);
}
