/** How the figures of a comparison are written, in tables and in sentences alike. */

/** Digits by size; a dash for what does not exist. */
export function showNumber(value: number | null): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 0.01 || size === 0 ? 2 : 4);
}

/** A difference with its sign. */
export function showDifference(value: number | null): string {
  if (value === null) return '–';
  return `${value > 0 ? '+' : ''}${showNumber(value)}`.replace('-', '−');
}

/** A corrected p. */
export function showP(p: number | null): string {
  if (p === null) return '–';
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}
