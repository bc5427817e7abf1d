/**
 * Durations as Go programs write them (`300ms`, `2s`, `1m30s`), for annotations and configuration files. Source: Go, time.ParseDuration,
 * without signs; what is finer than a microsecond is rounded.
 */

const UNITS_US: Readonly<Record<string, number>> = {
  ns: 1e-3,
  us: 1,
  µs: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
};

/** The duration in µs; undefined where the text is none. */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (text.length > 64 || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(amount) * (UNITS_US[unit as string] as number);
  return Math.round(sum);
}
