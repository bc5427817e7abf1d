/**
 * Places labels beside the ends of lines so that none lies on another.
 */

/**
 * Positions of labels as near as possible to `wanted`, `line` apart, between `min` and `max` (which gives way when there
 * is no room). In the order of `wanted`.
 */
export function spreadLabels(wanted: readonly number[], line: number, min: number, max: number): number[] {
  const order = wanted.map((_, index) => index).sort((left, right) => (wanted[left] ?? 0) - (wanted[right] ?? 0));
  const placed = new Array<number>(wanted.length).fill(0);
  let free = min;
  for (const index of order) {
    placed[index] = Math.max(free, wanted[index] ?? 0);
    free = (placed[index] ?? 0) + line;
  }
  let limit = max;
  for (const index of order.reverse()) {
    placed[index] = Math.max(min, Math.min(limit, placed[index] ?? 0));
    limit = (placed[index] ?? 0) - line;
  }
  return placed;
}
