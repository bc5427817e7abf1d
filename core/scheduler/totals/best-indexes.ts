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

/** Indexes of the `count` largest of whole numbers, rising; of equal ones the first. −1 is left out, larger ones than `most` count as that. */
export function largestIndexes(totals: Int32Array, count: number, most: number): readonly number[] {
  // How many have each total; in the first place those that are left out.
  const holders = new Int32Array(most + 2);
  for (let i = 0; i < totals.length; i++) {
    const at = Math.min(most, totals[i] as number) + 1;
    holders[at] = (holders[at] as number) + 1;
  }
  let least = most;
  let left = count;
  while (least > 0 && (holders[least + 1] as number) < left) left -= holders[least-- + 1] as number;
  const found: number[] = [];
  for (let i = 0; i < totals.length && found.length < count; i++) {
    const total = totals[i] as number;
    if (total >= least && (total > least || left-- > 0)) found.push(i);
  }
  return found;
}
