/**
 * Turns an interleaving, which orders all simultaneous events anew, into the few reorderings that are needed, by name.
 *
 * Always: where the reorderings that were seen do not fail in the same way (what came while the cluster booted has no name), the plan stays as it is.
 */
import { simultaneous } from '../orders/simultaneous.ts';
import type { Reordering, ScenarioPlan } from '../plan.ts';
import { minimalList } from './delta-debugging.ts';
import type { Trials } from './trials.ts';

/** The plan with the fewest named reorderings instead of its interleaving. */
export function namedOrders(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  if (plan.interleaving === undefined || trials.exhausted) return plan;
  trials.runs++;
  const seen = simultaneous(plan, trials.seed).ties.filter(({ senders, came }) => senders.join() !== came.join());
  const { interleaving: _interleaving, ...ordered } = plan;
  const withOnly = (reorderings: readonly Reordering[]): ScenarioPlan => ({ ...ordered, reorderings });
  const all = seen.map(({ atUs, came }): Reordering => ({ atUs, order: came }));
  if (all.length === 0 || !trials.fails(withOnly(all))) return plan;
  const needed = minimalList(all, (some) => some.length > 0 && trials.fails(withOnly(some)));
  return withOnly(needed.map((each, index) => shorter(each, index, needed, (some) => trials.fails(withOnly(some)))));
}

/** The reordering with the fewest processes that still matter. */
function shorter(
  { atUs, order }: Reordering,
  index: number,
  all: readonly Reordering[],
  fails: (some: readonly Reordering[]) => boolean,
): Reordering {
  const holds = (some: readonly string[]): boolean =>
    some.length > 1 && fails(all.map((each, place) => (place === index ? { atUs, order: some } : each)));
  return { atUs, order: order.length === 2 ? order : minimalList(order, holds) };
}
