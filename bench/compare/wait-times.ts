/**
 * Who waited how long in a steady state: arrival to placement, arrival to running, loss of a node to the next placement.
 *
 * Virtual µs inside, seconds in the values. Pods that are there from the beginning wait for nothing and are left out; a pod that starts over keeps its
 * first waits.
 */
import { quantileSorted } from '../stats/quantile.ts';
import type { RunValues } from './metrics.ts';

const S = 1_000_000;

/** Collects waits by pod. */
export class WaitTimes {
  readonly #arrivalUs: Float64Array;
  readonly #initial: number;
  /** First placement by pod, NaN before. */
  readonly #placedUs: Float64Array;
  readonly #waits: { readonly pod: number; readonly us: number }[] = [];
  readonly #startUps: number[] = [];
  readonly #lostUs = new Map<number, number>();
  readonly #replaced: number[] = [];

  constructor(arrivalUs: Float64Array, initial: number) {
    this.#arrivalUs = arrivalUs;
    this.#initial = initial;
    this.#placedUs = new Float64Array(arrivalUs.length).fill(Number.NaN);
  }

  /** A pod got a node, and needs `startUs` to run there. */
  placed(pod: number, placedUs: number, startUs: number): void {
    const lostUs = this.#lostUs.get(pod);
    if (lostUs !== undefined) {
      this.#lostUs.delete(pod);
      this.#replaced.push(placedUs - lostUs);
    }
    if (!Number.isNaN(this.#placedUs[pod])) return;
    this.#placedUs[pod] = placedUs;
    if (pod < this.#initial) return;
    const us = placedUs - (this.#arrivalUs[pod] as number);
    this.#waits.push({ pod, us });
    this.#startUps.push(us + startUs);
  }

  /** A pod lost its node. */
  lost(pod: number, nowUs: number): void {
    this.#lostUs.set(pod, nowUs);
  }

  /** A quantile of waits in µs, s; null of none. */
  quantile(waitsUs: readonly number[], p: number): number | null {
    return waitsUs.length === 0
      ? null
      : quantileSorted(
          [...waitsUs].sort((a, b) => a - b),
          p,
        ) / S;
  }

  /** All waits; of pods that never had a node, up to now. `urgent` chooses those with figures of their own. */
  values(waiting: readonly number[], nowUs: number, urgent: (pod: number) => boolean): RunValues {
    const open = waiting
      .filter((pod) => pod >= this.#initial && Number.isNaN(this.#placedUs[pod]))
      .map((pod) => ({ pod, us: nowUs - (this.#arrivalUs[pod] as number) }));
    const all = [...this.#waits, ...open];
    const startUps = [...this.#startUps, ...open.map(({ us }) => us)];
    const waits = all.map(({ us }) => us);
    const urgentWaits = all.filter(({ pod }) => urgent(pod)).map(({ us }) => us);
    const stillLost = [...this.#lostUs.values()].map((lostUs) => nowUs - lostUs);
    return {
      'queueing-p50': this.quantile(waits, 0.5),
      'queueing-p90': this.quantile(waits, 0.9),
      'queueing-p99': this.quantile(waits, 0.99),
      'queueing-urgent-p99': this.quantile(urgentWaits, 0.99),
      'start-up-p50': this.quantile(startUps, 0.5),
      'start-up-p99': this.quantile(startUps, 0.99),
      'replaced-p50': this.quantile([...this.#replaced, ...stillLost], 0.5),
      'replaced-p99': this.quantile([...this.#replaced, ...stillLost], 0.99),
    };
  }
}
