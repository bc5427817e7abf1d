/**
 * Everything declared in the components of a cluster: bug switches and marks. Importing this imports them all.
 */
import './cluster.ts';
import { type Declaration, declaredBugs, declaredMarks } from '../sim/registry.ts';

/** Names of all bug switches. */
export function knownBugs(): string[] {
  return declaredBugs().map(({ name }) => name);
}

/** Names of the bug switches that change behaviour: those that predicates have to find. */
export function behaviouralBugs(): string[] {
  return declaredBugs().flatMap(({ name, costOnly }) => (costOnly === true ? [] : [name]));
}

export const allBugs = (): readonly Declaration[] => declaredBugs();
export const allMarks = (): readonly Declaration[] => declaredMarks();

/** Virtual costs with their sources. */
export { COST_ROWS } from '../base/costs.ts';
