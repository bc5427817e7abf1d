/**
 * Every order of the simultaneous events of one run: first the run as it is, then each other order at one instant, then at two instants, and so
 * on. For tiny clusters that is all there are.
 *
 * Always: the instants are those of the run as it is; a reordering may bring about others, which are not followed.
 */
import type { Tie } from '../orders/simultaneous.ts';
import type { Reordering, ScenarioPlan } from '../plan.ts';

/** More senders than this at one instant are only swapped in neighbouring pairs: six have 720 orders. */
const PERMUTED_MAX = 4;
/** More cases than this are not numbered. */
export const ORDERS_MAX = 0x7fff_fffe;

/** The plans over all orders of some ties, by number. */
export class OrderPlans {
  readonly #base: ScenarioPlan;
  /** Other orders by tie. */
  readonly #others: readonly (readonly Reordering[])[];
  /** `#ways[d][i]` = ways to reorder d of the ties from i on. */
  readonly #ways: number[][] = [];
  /** Plans that have a number. */
  readonly count: number;

  constructor(base: ScenarioPlan, ties: readonly Tie[]) {
    this.#base = base;
    this.#others = ties.map(({ atUs, senders }) => otherOrders(senders).map((order) => ({ atUs, order })));
    const size = this.#others.length;
    let count = 0;
    for (let d = 0; d <= size && count < ORDERS_MAX; d++) {
      const row = new Array<number>(size + 1).fill(d === 0 ? 1 : 0);
      for (let i = size - 1; d > 0 && i >= 0; i--) {
        const here = (this.#others[i] as readonly Reordering[]).length;
        row[i] = (row[i + 1] as number) + here * (this.#ways[d - 1]?.[i + 1] as number);
      }
      this.#ways.push(row);
      count += row[0] as number;
    }
    this.count = Math.min(count, ORDERS_MAX);
  }

  /** Plan `number`, from 0. */
  plan(number: number): ScenarioPlan {
    const name = `${this.#base.name}-order-${number}`;
    const reorderings = this.#chosen(number);
    return reorderings.length === 0 ? { ...this.#base, name } : { ...this.#base, name, reorderings };
  }

  #chosen(number: number): Reordering[] {
    let left = number;
    let d = 0;
    for (; left >= (this.#ways[d]?.[0] as number); d++) left -= this.#ways[d]?.[0] as number;
    const chosen: Reordering[] = [];
    for (let i = 0; d > 0; i++) {
      const others = this.#others[i] as readonly Reordering[];
      const after = this.#ways[d - 1]?.[i + 1] as number;
      if (left >= others.length * after) {
        left -= others.length * after;
        continue;
      }
      chosen.push(others[Math.floor(left / after)] as Reordering);
      left %= after;
      d--;
    }
    return chosen;
  }
}

/** All orders of a few items but the given one; of many, those in which two neighbours have changed places. */
function otherOrders(items: readonly string[]): string[][] {
  if (items.length <= PERMUTED_MAX) return permutations(items).slice(1);
  return items.slice(1).map((_, at) => {
    const swapped = [...items];
    swapped.splice(at, 2, items[at + 1] as string, items[at] as string);
    return swapped;
  });
}

/** The given order first. */
function permutations(items: readonly string[]): string[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first, place) =>
    permutations(items.filter((_, other) => other !== place)).map((rest) => [first, ...rest]),
  );
}
