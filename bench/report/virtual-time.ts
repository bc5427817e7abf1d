/**
 * Virtual times as people read them: short, with a unit, rounded to what matters.
 */

/** µs → `0.35 s`, `12.4 s`, `5m03s`; a dash for unknown (negative or null). */
export function showVirtual(us: number | null): string {
  if (us === null || us < 0) return '–';
  const seconds = us / 1_000_000;
  if (seconds < 1) return `${Math.round(us / 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
}

/** An instant of a run, `+12.345 s`; before the start `−0.500 s`. */
export function showInstant(us: number): string {
  const text = (Math.abs(us) / 1_000_000).toFixed(3);
  return `${us < 0 ? '−' : '+'}${text} s`;
}
