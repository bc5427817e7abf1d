/**
 * Holm's step-down correction (1979): p-values of several tests, adjusted so that the chance of even one false alarm stays
 * below the level.
 */

/** Adjusted p-values, in the order given: compare each with the level itself. @throws RangeError for a p outside 0 to 1. */
export function holm(pValues: readonly number[]): number[] {
  const bad = pValues.find((p) => !(p >= 0 && p <= 1));
  if (bad !== undefined) throw new RangeError(`Holm: p is ${bad}, expected 0 to 1`);
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  order.forEach((index, place) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - place) * (pValues[index] as number)));
    adjusted[index] = largest;
  });
  return adjusted;
}
