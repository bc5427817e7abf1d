/**
 * Scales and ticks of charts: round steps, and times as people say them.
 */

/** A mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

const S = 1_000_000;
/** Steps of a time axis, µs. */
const TIME_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((ms) => ms * 1000),
  ...[1, 2, 5, 10, 15, 30].map((s) => s * S),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60 * S),
  ...[1, 2, 3, 6, 12, 24, 48, 120, 240].map((hours) => hours * 3600 * S),
];

/** Ticks from 0 to `maxUs` or just above, about `count` of them, labels with units. */
export function timeTicks(maxUs: number, count: number): Tick[] {
  const wanted = Math.max(maxUs, 1) / count;
  const step = TIME_STEPS.find((each) => each >= wanted) ?? (TIME_STEPS.at(-1) as number);
  const ticks: Tick[] = [];
  for (let value = 0; value <= maxUs + step / 1000; value += step) ticks.push({ value, label: timeLabel(value) });
  return ticks;
}

/** µs → `0`, `250 ms`, `15 s`, `1m30s`, `2h`. */
export function timeLabel(us: number): string {
  if (us === 0) return '0';
  if (us < S) return `${round(us / 1000)} ms`;
  if (us < 60 * S) return `${round(us / S)} s`;
  const seconds = Math.round(us / S);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const parts = [
    hours > 0 ? `${hours}h` : '',
    minutes > 0 ? `${minutes}m` : '',
    seconds % 60 > 0 ? `${seconds % 60}s` : '',
  ];
  return parts.join('');
}

/** Ticks between `min` and `max`, at 1, 2 or 5 times a power of ten. */
export function numberTicks(min: number, max: number, count: number): Tick[] {
  const wanted = Math.max((max - min) / count, Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= wanted) ?? 10) * power;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks: Tick[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step / 1000; i++) {
    ticks.push({ value: i * step, label: numberLabel(i * step, digits) });
  }
  return ticks;
}

/** `1,234.5` with so many digits behind the point; a true minus sign. */
export function numberLabel(value: number, digits: number): string {
  const [whole = '0', fraction] = Math.abs(value).toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = value < 0 && Number(value.toFixed(digits)) !== 0 ? '−' : '';
  return `${sign}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Powers of ten, and 2 and 5 of them where there is room, from `min` to `max` µs. */
export function logTimeTicks(min: number, max: number): Tick[] {
  const decades = Math.log10(max / min);
  const factors = decades < 1.5 ? [1, 2, 5] : decades < 3 ? [1, 3] : [1];
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= min * 0.999 && value <= max * 1.001) ticks.push({ value, label: timeLabel(value) });
    }
  }
  return ticks;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
