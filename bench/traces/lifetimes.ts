/**
 * How long pods live where a trace does not say: drawn from the quantiles of the openb trace.
 *
 * Source: lifetimes from creation in openb_pod_list_default: shortest 0, median 540 s, 90 % 6,568 s, 99 % 93,426 s, longest
 * 12,537,496 s. Between two quantiles the logarithm is linear (the mean then comes out near the trace's own); below the median
 * it starts at 1 s. Whole seconds.
 */

/** Share of the pods, and the lifetime that it does not exceed, s. */
const QUANTILES: readonly (readonly [share: number, seconds: number])[] = [
  [0, 1],
  [0.5, 540],
  [0.9, 6568],
  [0.99, 93_426],
  [1, 12_537_496],
];

/** Length of the trace, s. */
export const OPENB_SPAN_S = 12_902_960;

/** The lifetime at a share from 0 (shortest) to 1 (longest), s. */
export function lifetimeAt(share: number): number {
  const upper = Math.max(
    1,
    QUANTILES.findIndex(([at]) => at >= share),
  );
  const [highShare, high] = QUANTILES[upper] as readonly [number, number];
  const [lowShare, low] = QUANTILES[upper - 1] as readonly [number, number];
  const part = (share - lowShare) / (highShare - lowShare);
  return Math.round(low * Math.exp(part * Math.log(high / low)));
}

/** `count` lifetimes, s: one a stratum of equal shares, dealt in the order of `below`, so that every draw has the same tail. */
export function drawLifetimes(count: number, below: (bound: number) => number): Float64Array {
  const lifetimes = Float64Array.from({ length: count }, (_, i) => lifetimeAt((i + 0.5) / count));
  shuffle(lifetimes, below);
  return lifetimes;
}

/** Fisher and Yates' shuffle, in place. */
export function shuffle(list: Float64Array | Int32Array, below: (bound: number) => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = below(i + 1);
    const value = list[i] as number;
    list[i] = list[j] as number;
    list[j] = value;
  }
}
