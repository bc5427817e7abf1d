/**
 * Faults whose conditions cannot come true while faults may begin: what they wait for comes too late, or never.
 *
 * Always: an instant is the earliest that is possible, whatever a run does, so nothing that could begin is refused.
 */
import { type Condition, ENDS_AT_ONCE } from '../core/chaos/plan.ts';
import type { PlacedFault } from './fault-steps.ts';

/** A fault that begins too late, and when at the earliest, µs; Infinity: it waits for the end of `endless`, which has none before the heal point. */
export interface LateFault {
  readonly path: (string | number)[];
  readonly earliestUs: number;
  /** '' where it is late by times alone. */
  readonly endless: string;
}

/** Those of `faults` with a condition of their own that cannot begin before `healUs`; of a fault that waits for a late one nothing is said. */
export function lateFaults(faults: readonly PlacedFault[], healUs: number): readonly LateFault[] {
  const earliest = earliestBeginnings(faults);
  const byId = new Map(faults.map((each) => [each.id, each]));
  return faults.flatMap(({ fault, path, trigger }) => {
    if (fault.when === undefined || earliestOf(trigger, 0, earliest, byId) < healUs) return [];
    const named = faultsNamed(trigger);
    const endless =
      named.find(({ id, state }) => state === 'ended' && !Number.isFinite(lengthOf(byId.get(id))))?.id ?? '';
    const waitsForLate = named.some(({ id }) => (earliest.get(id) ?? 0) >= healUs);
    if (endless === '' && waitsForLate) return [];
    return [{ path: [...path, 'when'], earliestUs: earliestOf(trigger, 0, earliest, byId), endless }];
  });
}

/** When each fault can begin at the earliest, µs, by id; Infinity for those that wait in a circle. */
function earliestBeginnings(faults: readonly PlacedFault[]): ReadonlyMap<string, number> {
  const byId = new Map(faults.map((each) => [each.id, each]));
  const earliest = new Map<string, number>(faults.map(({ id }) => [id, Number.POSITIVE_INFINITY]));
  // Instants only fall from round to round, and each round settles at least one fault for good.
  for (let round = 0; round < faults.length; round++) {
    for (const { id, trigger } of faults) earliest.set(id, earliestOf(trigger, 0, earliest, byId));
  }
  return earliest;
}

/** The first instant at which a condition that is looked for from `fromUs` on can have come true, µs. */
function earliestOf(
  condition: Condition,
  fromUs: number,
  begins: ReadonlyMap<string, number>,
  faults: ReadonlyMap<string, PlacedFault>,
): number {
  const of = (each: Condition): number => earliestOf(each, fromUs, begins, faults);
  switch (condition.kind) {
    case 'at':
      return Math.max(fromUs, condition.atUs);
    case 'wait':
      return fromUs + condition.forUs;
    case 'fault': {
      const lasts = condition.state === 'begun' ? 0 : lengthOf(faults.get(condition.id));
      return Math.max(fromUs, (begins.get(condition.id) ?? 0) + lasts);
    }
    case 'all':
      return Math.max(...condition.of.map(of));
    case 'any':
      return Math.min(...condition.of.map(of));
    case 'sequence':
      return condition.of.reduce((afterUs, each) => earliestOf(each, afterUs, begins, faults), fromUs);
    default:
      return fromUs;
  }
}

/** How long a fault lasts at least, µs: drawn lengths count as nothing, and a fault that hits nobody is over at once. */
function lengthOf(placed: PlacedFault | undefined): number {
  return placed === undefined || placed.fault.for !== undefined || ENDS_AT_ONCE.includes(placed.fault.kind)
    ? 0
    : Number.POSITIVE_INFINITY;
}

function faultsNamed(condition: Condition): readonly { readonly id: string; readonly state: string }[] {
  if (condition.kind === 'fault') return [condition];
  return 'of' in condition && typeof condition.of !== 'string' ? condition.of.flatMap(faultsNamed) : [];
}
