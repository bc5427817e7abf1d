/**
 * Disruption budgets of a comparison: how many evictions each allows now, as the disruption controller would say.
 *
 * Allowed = placed pods that the budget selects − those that must stay (minAvailable, or all of them − maxUnavailable; percentages
 * round up; Kubernetes 1.34, disruption controller). Placed pods count as healthy.
 */
import type { Placement } from '../../core/cluster/placement.ts';
import { compileSelector, type PodDisruptionBudget, scaledValue } from '../../core/cluster/vocabulary.ts';
import type { CompareWorkload } from './workload.ts';

interface Budget {
  readonly object: PodDisruptionBudget;
  /** Kinds that it selects. */
  readonly kinds: readonly number[];
}

/** Counts pods by kind for the budgets of a workload. */
export class BudgetBook {
  readonly #budgets: readonly Budget[];
  readonly #placed: Int32Array;
  readonly #waiting: Int32Array;

  constructor({ objects, kinds }: CompareWorkload) {
    this.#placed = new Int32Array(kinds.length);
    this.#waiting = new Int32Array(kinds.length);
    this.#budgets = objects
      .filter(({ kind }) => kind === 'PodDisruptionBudget')
      .map((object) => {
        const budget = object as PodDisruptionBudget;
        const selector = compileSelector(budget.spec?.selector);
        const selected = kinds.flatMap(({ metadata: { namespace, labels } }, kind) =>
          namespace === budget.metadata.namespace && selector.matches(labels) ? [kind] : [],
        );
        return { object: budget, kinds: selected };
      });
  }

  /** A pod of a kind got a node (1) or left it (−1). */
  placed(kind: number, sign: 1 | -1): void {
    this.#placed[kind] = (this.#placed[kind] as number) + sign;
  }

  /** A pod of a kind begins (1) or ends (−1) to wait for a node. */
  waiting(kind: number, sign: 1 | -1): void {
    this.#waiting[kind] = (this.#waiting[kind] as number) + sign;
  }

  /** Tells a placement what the budgets allow now. */
  tell(placement: Placement): void {
    for (const { object, kinds } of this.#budgets) {
      let healthy = 0;
      let expected = 0;
      for (const kind of kinds) {
        healthy += this.#placed[kind] as number;
        expected += (this.#placed[kind] as number) + (this.#waiting[kind] as number);
      }
      const { minAvailable, maxUnavailable } = object.spec ?? {};
      const mustStay =
        maxUnavailable === undefined
          ? scaledValue(minAvailable ?? 1, expected, true)
          : expected - scaledValue(maxUnavailable, expected, true);
      placement.setBudget(object, Math.max(0, healthy - mustStay));
    }
  }
}
