/**
 * Serial and parallel groups of faults become single faults, each with a condition that names those it waits for.
 *
 * Always: the order of the file; ids that the file leaves out are numbered over the whole list.
 */
import type { Condition } from '../core/chaos/plan.ts';
import type { FaultFile, StepFile, WhenFile } from './fault-schema.ts';

type Path = (string | number)[];

/** A fault of the list with what begins it. */
export interface PlacedFault {
  readonly fault: FaultFile;
  readonly id: string;
  readonly path: Path;
  readonly trigger: Condition;
  /** How many steps begin only when it has ended. */
  readonly followers: number;
}

/** A group or pause of the list. */
export interface PlacedGroup {
  readonly step: Exclude<StepFile, FaultFile>;
  readonly path: Path;
  /** It stands in another group, which says when it begins. */
  readonly inside: boolean;
}

export interface PlacedSteps {
  readonly faults: readonly PlacedFault[];
  readonly groups: readonly PlacedGroup[];
}

/** All faults of a list, groups taken apart. */
export function placeSteps(steps: readonly StepFile[]): PlacedSteps {
  const placer = new Placer();
  for (const [index, step] of steps.entries()) placer.place(step, ['faults', index], null, 0);
  return placer;
}

class Placer implements PlacedSteps {
  readonly faults: PlacedFault[] = [];
  readonly groups: PlacedGroup[] = [];

  /** Places a step that begins with `start` (null: when it says itself); gives what has come true when it is over. */
  place(step: StepFile, path: Path, start: Condition | null, followers: number): Condition {
    if (step.kind === 'pause') {
      this.groups.push({ step, path, inside: start !== null });
      const wait: Condition = { kind: 'wait', forUs: step.for };
      return { kind: 'sequence', of: start === null ? [wait] : [start, wait] };
    }
    if (step.kind === 'serial' || step.kind === 'parallel') {
      this.groups.push({ step, path, inside: start !== null });
      const begin = start ?? ownTrigger(step);
      const at = (index: number): Path => [...path, 'steps', index];
      if (step.kind === 'parallel') {
        const ends = step.steps.map((each, index) => this.place(each, at(index), begin, followers));
        return ends.length === 1 ? (ends[0] as Condition) : { kind: 'all', of: ends };
      }
      const last = step.steps.length - 1;
      return step.steps.reduce<Condition>(
        (before, each, index) => this.place(each, at(index), before, followers + last - index),
        begin,
      );
    }
    const id = step.id ?? `f${this.faults.length + 1}`;
    this.faults.push({ fault: step, id, path, trigger: start ?? ownTrigger(step), followers });
    return { kind: 'fault', id, state: 'ended' };
  }
}

function ownTrigger({
  at,
  when,
}: {
  readonly at?: number | undefined;
  readonly when?: WhenFile | undefined;
}): Condition {
  return when === undefined ? { kind: 'at', atUs: at ?? 0 } : conditionOf(when);
}

/** A condition of a file as core knows it. */
export function conditionOf(file: WhenFile): Condition {
  if ('all' in file) return { kind: 'all', of: file.all.map(conditionOf) };
  if ('any' in file) return { kind: 'any', of: file.any.map(conditionOf) };
  if ('sequence' in file) return { kind: 'sequence', of: file.sequence.map(conditionOf) };
  if ('at' in file) return { kind: 'at', atUs: file.at };
  if ('wait' in file) return { kind: 'wait', forUs: file.wait };
  if ('fault' in file) return { kind: 'fault', id: file.fault, state: file.is };
  if ('object' in file) {
    const { object, ...rest } = file;
    return present<Condition>({ kind: 'object', of: object, ...rest });
  }
  const { task, ...rest } = file;
  return present<Condition>({ kind: 'task', label: task, ...rest });
}

/** Drops absent fields, so that optional ones are absent and never undefined. */
export function present<T>(value: unknown): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
