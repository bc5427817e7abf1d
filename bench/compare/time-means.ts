/**
 * Means over the time of a steady state: areas under curves that change with every event, and means over samples of what is
 * dear to compute.
 */
import { POD_CLASSES, type PodClassName } from '../../core/cluster/placement.ts';
import { nodesUsed } from '../../core/cluster/placement-figures.ts';
import type { PreparedRun } from './experiment-input.ts';
import type { RunValues } from './metrics.ts';
import { placedFigures } from './placed-figures.ts';

/** What changes with every event. */
export interface RunLevels {
  readonly used: number;
  readonly waiting: number;
  readonly waitingByClass: Readonly<Record<PodClassName, number>>;
  /** Demand that pods of incomplete gangs hold. */
  readonly heldByGangs: number;
}

/** Collects means. */
export class TimeMeans {
  #timeUs = 0;
  #used = 0;
  #waiting = 0;
  #held = 0;
  readonly #byClass: Record<PodClassName, number> = { cpu: 0, 'gpu-share': 0, 'one-gpu': 0, 'many-gpus': 0 };
  #samples = 0;
  #fragment = 0;
  #nodes = 0;
  readonly #figures = new Map<string, { sum: number; count: number }>();

  add(spanUs: number, { used, waiting, waitingByClass, heldByGangs }: RunLevels): void {
    this.#timeUs += spanUs;
    this.#used += spanUs * used;
    this.#waiting += spanUs * waiting;
    this.#held += spanUs * heldByGangs;
    for (const name of POD_CLASSES) this.#byClass[name] += spanUs * waitingByClass[name];
  }

  sample(run: PreparedRun): void {
    this.#samples++;
    this.#fragment += run.meter.fragmentMilli();
    this.#nodes += nodesUsed(run.placement);
    for (const [name, value] of Object.entries(placedFigures(run))) {
      const known = this.#figures.get(name) ?? { sum: 0, count: 0 };
      if (value !== null) this.#figures.set(name, { sum: known.sum + value, count: known.count + 1 });
      else if (known.count === 0) this.#figures.set(name, known);
    }
  }

  /** Mean levels, demand in its own unit; the figures of {@link placedFigures} by name. */
  means(): { readonly used: number; readonly held: number; readonly fragment: number; readonly values: RunValues } {
    const time = Math.max(1, this.#timeUs);
    const samples = Math.max(1, this.#samples);
    const figures = [...this.#figures].map(
      ([name, { sum, count }]) => [name, count === 0 ? null : sum / count] as const,
    );
    return {
      used: this.#used / time,
      held: this.#held / time,
      fragment: this.#fragment / samples,
      values: {
        'nodes-used': this.#nodes / samples,
        pending: this.#waiting / time,
        ...Object.fromEntries(POD_CLASSES.map((name) => [`pending-${name}`, this.#byClass[name] / time])),
        ...Object.fromEntries(figures),
      },
    };
  }
}
