/**
 * Loads a user's policy module.
 *
 * Always: whatever is wrong with the module is a user error with the module's own stack.
 */
import type { PolicyModule } from '../../core/cluster/policy-module.ts';
import {
  moduleError as errorOf,
  importDefault,
  type ModulePurpose,
  misspelledFields,
} from '../user-modules/import-module.ts';

const PURPOSE: ModulePurpose = { what: 'policy', code: 'POL-001', fields: ['score', 'place', 'name'] };

/** The module's policy; `shown` names it in messages. @throws UserError. */
export async function loadPolicyModule(file: string, shown: string): Promise<PolicyModule> {
  const exported = await importDefault(file, shown, PURPOSE);
  if (typeof exported !== 'object' || exported === null) {
    throw moduleError(shown, 'no default export, expected an object with score or place');
  }
  const [misspelled] = misspelledFields(exported, PURPOSE);
  if (misspelled !== undefined) throw moduleError(shown, misspelled);
  const { score, place, name } = exported as Record<string, unknown>;
  for (const [key, value] of Object.entries({ score, place })) {
    if (value !== undefined && typeof value !== 'function') throw moduleError(shown, `${key} is no function`);
  }
  if ((score === undefined) === (place === undefined)) {
    throw moduleError(shown, 'the default export needs score(pod, node) or place(pod, nodes), and one of them only');
  }
  if (name !== undefined && typeof name !== 'string') throw moduleError(shown, 'name is no text');
  return exported as PolicyModule;
}

function moduleError(shown: string, message: string): Error {
  return errorOf(shown, message, PURPOSE);
}
