/**
 * The shortest part of a history that no order explains: what a person looks at first.
 *
 * Two narrowings, both by bisection since both are monotone: the earliest return at which the history so far is already illegal (what is
 * still running then counts as unknown), and the latest start from which it stays so, from whatever state the object may have been in.
 */
import { NEVER_RETURNED, type Operation, type Partition } from './history.ts';
import { LinearizationSearch } from './search.ts';

/** Steps one probe may take; a probe without an answer counts as explained, so the part shown is longer, never wrong. */
const PROBE_STEPS = 2_000_000;
/** Most initial states tried for a later start. */
const INITIAL_STATES_MAX = 64;

export interface InconsistentPart<Input, Output> {
  /** The operations of the part, ends cut to what was known at `until`. */
  readonly operations: readonly Operation<Input, Output>[];
  readonly from: number;
  /** The return that makes it inconsistent. */
  readonly until: number;
  /** The longest order found within the part, and the states after each step. */
  readonly order: readonly Operation<Input, Output>[];
  readonly states: readonly string[];
}

/** Narrows an illegal partition. */
export function inconsistentPart<Input, Output>(partition: Partition<Input, Output>): InconsistentPart<Input, Output> {
  const returns = partition.operations
    .map(({ returnAt }) => returnAt)
    .filter((at) => at !== NEVER_RETURNED)
    .sort((a, b) => a - b);
  const until = returns[firstTrue(returns.length - 1, (i) => isIllegal(cut(partition, 0, returns[i] as number)))] ?? 0;
  const prefix = cut(partition, Number.NEGATIVE_INFINITY, until);
  const states = statesMet(prefix);
  const returned = returns.filter((at) => at <= until);
  const stays = (skip: number): boolean => {
    const later = cut(partition, skip === 0 ? Number.NEGATIVE_INFINITY : (returned[skip - 1] as number), until);
    return states.length <= INITIAL_STATES_MAX && states.every((state) => isIllegal(later, state));
  };
  const skip = firstTrue(returned.length, (i) => !stays(i + 1));
  const from = skip === 0 ? Number.NEGATIVE_INFINITY : (returned[skip - 1] as number);
  return show(cut(partition, from, until), skip === 0 ? [partition.model.initial] : states, from, until);
}

/** Smallest i in [0, most] with `holds(i)`, given that it is monotone; `most` when none before it does. */
function firstTrue(most: number, holds: (i: number) => boolean): number {
  let low = 0;
  let high = Math.max(0, most);
  while (low < high) {
    const mid = (low + high) >> 1;
    if (holds(mid)) high = mid;
    else low = mid + 1;
  }
  return low;
}

/** Operations that returned after `from` and were called by `until`; what had not returned by then has no outcome yet. */
function cut<Input, Output>(
  partition: Partition<Input, Output>,
  from: number,
  until: number,
): Partition<Input, Output> {
  const operations: Operation<Input, Output>[] = [];
  for (const operation of partition.operations) {
    if (operation.returnAt <= from || operation.callAt > until) continue;
    const known = operation.returnAt <= until;
    operations.push(known ? operation : { ...operation, returnAt: NEVER_RETURNED, output: null });
  }
  return { ...partition, operations };
}

function isIllegal<Input, Output>(partition: Partition<Input, Output>, initial = partition.model.initial): boolean {
  return new LinearizationSearch(partition, initial).run(PROBE_STEPS) === 'illegal';
}

/** States that a search of the history comes through: what the object can have been in at a later start. */
function statesMet<Input, Output>(partition: Partition<Input, Output>): readonly number[] {
  const met = new Set<number>([partition.model.initial]);
  const model = {
    ...partition.model,
    step: (state: number, operation: Operation<Input, Output>): number => {
      const after = partition.model.step(state, operation);
      if (after >= 0) met.add(after);
      return after;
    },
  };
  new LinearizationSearch({ ...partition, model }).run(PROBE_STEPS);
  return [...met];
}

function show<Input, Output>(
  part: Partition<Input, Output>,
  initials: readonly number[],
  from: number,
  until: number,
): InconsistentPart<Input, Output> {
  let best: readonly number[] = [];
  let start = initials[0] as number;
  for (const initial of initials) {
    const search = new LinearizationSearch(part, initial);
    search.run(PROBE_STEPS);
    if (search.deepest.length <= best.length) continue;
    best = search.deepest;
    start = initial;
  }
  const order = best.map((index) => part.operations[index] as Operation<Input, Output>);
  const states = [part.model.describeState(start)];
  let state = start;
  for (const operation of order) {
    state = part.model.step(state, operation);
    states.push(part.model.describeState(state));
  }
  return { operations: part.operations, from, until, order, states };
}
