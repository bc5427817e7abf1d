/**
 * Everything declared in the components of a cluster: bug switches, marks, observation points, counters of work. Importing this imports them all.
 */
import './cluster.ts';
import { type Declaration, declaredBugs, declaredCounters, declaredMarks, declaredPoints } from '../sim/registry.ts';

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
export const allPoints = (): readonly Declaration[] => declaredPoints();
export const allCounters = (): readonly Declaration[] => declaredCounters();

/** Virtual costs with their sources. */
export { COST_ROWS } from '../base/costs.ts';
