/**
 * Durations as people write them, in scenario files and on the command line: `30s`, `1m30s`, `1.5h`, `250ms`.
 *
 * Always: an integer number of microseconds, 0 to DURATION_US_MAX; a number without a unit, a sign, or a fraction of a
 * microsecond is an error. Units largest first, each at most once, as Go's time.ParseDuration prints them; `d` is 24 h.
 */

/** Longest duration: ten years, in microseconds. */
export const DURATION_US_MAX = 3650 * 86_400_000_000;

/** Units in microseconds, largest first. */
const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['m', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1_000],
  ['us', 1],
];

/** Either a duration in microseconds or what is wrong with the text (a phrase that follows `"text": `). */
export type DurationResult =
  | { readonly ok: true; readonly us: number }
  | { readonly ok: false; readonly reason: string };

/** Reads a duration; never throws. */
export function parseDuration(text: string): DurationResult {
  if (text === '0') return { ok: true, us: 0 };
  if (/^[+-]/.test(text)) return bad('a duration has no sign');
  if (/^[0-9.]+$/.test(text)) return bad(`a duration needs a unit: ${text}s, ${text}m or ${text}ms`);
  if (text.length > 40 || !/^(?:\d+(?:\.\d+)?(?:us|µs|ms|s|m|h|d))+$/.test(text)) {
    return bad('expected a duration such as 30s, 1m30s or 250ms');
  }
  let us = 0;
  let unitIndexLast = -1;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d)/g)) {
    const name = unit === 'µs' ? 'us' : unit;
    const unitIndex = UNITS.findIndex(([known]) => known === name);
    if (unitIndex <= unitIndexLast) return bad('units go from large to small, each once');
    unitIndexLast = unitIndex;
    const part = exactProduct(amount ?? '', UNITS[unitIndex]?.[1] ?? 1);
    if (part === undefined) return bad('finer than a microsecond');
    us += part;
    if (us > DURATION_US_MAX) return bad('longer than ten years');
  }
  return { ok: true, us };
}

/** Writes a duration with the fewest units that are exact: 90,000,000 → `1m30s`. */
export function formatDuration(us: number): string {
  if (us === 0) return '0s';
  let rest = us;
  let text = '';
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** Decimal text times an integer, or undefined when that is not an integer. */
function exactProduct(amount: string, size: number): number | undefined {
  const [whole = '', fraction = ''] = amount.split('.');
  if (whole.length > 16 || fraction.length > 11) return undefined;
  const scale = 10n ** BigInt(fraction.length);
  const product = BigInt(whole + fraction) * BigInt(size);
  return product % scale === 0n ? Number(product / scale) : undefined;
}

function bad(reason: string): DurationResult {
  return { ok: false, reason };
}
