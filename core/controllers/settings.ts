/**
 * Reads the settings of one controller (`ControllerManagerOptions.settings[controller name]`): numbers with a default.
 */
import { assert } from '../base/assert.ts';
import type { ControllerScope } from './controller-scope.ts';

/** The number that a setting has, `otherwise` when it is absent; asserts that it is a finite number. */
export function numberSetting(scope: ControllerScope, key: string, otherwise: number): number {
  const value = scope.manager.options.settings?.[scope.controllerName]?.[key] ?? otherwise;
  assert(typeof value === 'number' && Number.isFinite(value), `${scope.controllerName}: ${key} must be a number`);
  return value;
}

/** The string that a setting has, `otherwise` when it is absent. */
export function textSetting(scope: ControllerScope, key: string, otherwise: string): string {
  const value = scope.manager.options.settings?.[scope.controllerName]?.[key] ?? otherwise;
  assert(typeof value === 'string', `${scope.controllerName}: ${key} must be a string`);
  return value;
}

/** The switch that a setting is, `otherwise` when it is absent. */
export function flagSetting(scope: ControllerScope, key: string, otherwise: boolean): boolean {
  const value = scope.manager.options.settings?.[scope.controllerName]?.[key] ?? otherwise;
  assert(typeof value === 'boolean', `${scope.controllerName}: ${key} must be true or false`);
  return value;
}
