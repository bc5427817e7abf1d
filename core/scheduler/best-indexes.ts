/** Where the highest totals stand. */

/** Indexes of all maxima, rising. */
export function bestIndexes(totals: Float64Array): readonly number[] {
  let highest = Number.NEGATIVE_INFINITY;
  let best: number[] = [];
  for (let i = 0; i < totals.length; i++) {
    const total = totals[i] as number;
    if (total > highest) {
      highest = total;
      best = [i];
    } else if (total === highest) best.push(i);
  }
  return best;
}
