/**
 * Ranks with ties shared, as integers.
 *
 * Ranks are doubled: equal values share the mean of their places, which may be a half, and exact distributions are counted
 * over integers.
 */

/** Twice the rank of each value among `values`, places from 1 on, ascending; equal values get the mean of their places. */
export function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Array<number>(values.length).fill(0);
  for (let first = 0; first < order.length; ) {
    let next = first + 1;
    while (next < order.length && values[order[next] as number] === values[order[first] as number]) next++;
    // Places first + 1 to next; twice their mean is the sum of both ends.
    for (let i = first; i < next; i++) ranks[order[i] as number] = first + 1 + next;
    first = next;
  }
  return ranks;
}

/** Σ (t³ − t) over groups of t equal values: the correction of rank variances for ties. */
export function tieCorrection(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let sum = 0;
  for (const count of counts.values()) sum += count ** 3 - count;
  return sum;
}
