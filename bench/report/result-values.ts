/**
 * Values of a result as people read them.
 */
import { showVirtual } from './virtual-time.ts';

const DIGEST_SHOWN = 12;

/** A number with separators, a text; a dash for none. Digests are cut. */
export function showValue(value: number | string | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, DIGEST_SHOWN)}…` : value;
  return Number.isInteger(value) ? groupDigits(value) : value.toPrecision(4);
}

/** A value of a metric with its unit: virtual µs as a time, everything else as a number. */
export function showMetric(value: number | null, unit: string): string {
  return unit === 'us' ? showVirtual(value) : showValue(value);
}

/** Whether a comparison is of virtual times, in µs: a metric ends with its unit, an objective with its limit (`convergence <= 10m`). */
export function isVirtualTime(metric: string): boolean {
  return /(-us|[<>].*\d[a-zµ]+)$/.test(metric);
}

/** A value of a comparison of that metric. */
export function showFigure(metric: string, value: number | string | null): string {
  return typeof value === 'number' && isVirtualTime(metric) ? showVirtual(value) : showValue(value);
}

/** A relative change: `+5.2 %`; empty when unknown. */
export function showChange(estimate: number | null): string {
  if (estimate === null) return '';
  const percent = estimate * 100;
  const digits = Math.abs(percent) >= 10 ? 0 : Math.abs(percent) >= 0.1 || percent === 0 ? 1 : 3;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(digits)} %`.replace('-', '−');
}

function groupDigits(value: number): string {
  return `${value}`.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
