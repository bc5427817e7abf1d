/**
 * Faults that wait for each other: none of them could ever begin.
 *
 * Always: a fault that waits only for itself, by a condition of its own, is no circle here: it is told where it stands.
 */
import type { Condition } from '../core/chaos/plan.ts';
import type { PlacedFault } from './fault-steps.ts';

/** A circle: where its first fault of the file says what it waits for, and the ids, the first one again at the end. */
export interface FaultCircle {
  readonly path: (string | number)[];
  readonly waits: readonly string[];
}

/** The circles among `faults`, in the order of the file. Ids that name no fault count as faults that begin. */
export function waitsInCircle(faults: readonly PlacedFault[]): readonly FaultCircle[] {
  const stuck = new Map(faults.map((fault) => [fault.id, fault]));
  for (let before = -1; before !== stuck.size; ) {
    before = stuck.size;
    for (const [id, { trigger }] of stuck) if (firstStuck(trigger, stuck) === undefined) stuck.delete(id);
  }
  const circles: FaultCircle[] = [];
  const seen = new Set<string>();
  for (const start of stuck.keys()) {
    const way: string[] = [];
    let at = start;
    while (!seen.has(at)) {
      seen.add(at);
      way.push(at);
      at = firstStuck((stuck.get(at) as PlacedFault).trigger, stuck) as string;
    }
    const from = way.indexOf(at);
    const { fault, path } = stuck.get(at) as PlacedFault;
    const isOwn = from === way.length - 1 && fault.when !== undefined;
    if (from < 0 || isOwn) continue;
    circles.push({ path: fault.when === undefined ? path : [...path, 'when'], waits: [...way.slice(from), at] });
  }
  return circles;
}

/** Of what keeps a condition from coming true the first stuck fault; undefined: it can come true. */
function firstStuck(condition: Condition, stuck: ReadonlyMap<string, unknown>): string | undefined {
  switch (condition.kind) {
    case 'fault':
      return stuck.has(condition.id) ? condition.id : undefined;
    case 'all':
    case 'sequence':
      return condition.of.map((each) => firstStuck(each, stuck)).find((id) => id !== undefined);
    case 'any': {
      const found = condition.of.map((each) => firstStuck(each, stuck));
      return found.includes(undefined) ? undefined : found[0];
    }
    default:
      return undefined;
  }
}
