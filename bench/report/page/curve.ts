/**
 * Latency curves: a histogram reduced to the points that a percentile plot draws.
 */
import { Histogram } from '../histogram.ts';

/** A curve: values that so many percent do not exceed. */
export interface LatencyCurve {
  /** What was measured, in words of the histogram's tag. */
  readonly name: string;
  readonly count: number;
  /** Percent and µs, ascending; the last point is the maximum (100 %). */
  readonly points: readonly (readonly [percent: number, us: number])[];
}

/** Points for each factor of ten by which the share above shrinks. */
const POINTS_A_DECADE = 24;
/** Percentiles finer than this are not drawn. */
const DECADES_MAX = 5;

/** Where a percentile stands on the axis: 0 % at 0, 90 % at 1, 99 % at 2 … */
export function percentPosition(percent: number): number {
  return Math.max(0, -Math.log10(1 - Math.min(percent, 99.99999) / 100));
}

/** The curve of a histogram; null when it is empty. Only percentiles that the count can tell apart are taken. */
export function curveOf(histogram: Histogram, name: string = histogram.name): LatencyCurve | null {
  const { count } = histogram;
  if (count === 0) return null;
  const last = Math.min(DECADES_MAX, Math.log10(count));
  const points: (readonly [number, number])[] = [];
  for (let step = 0; step <= last * POINTS_A_DECADE; step++) {
    const percent = 100 * (1 - 10 ** (-step / POINTS_A_DECADE));
    points.push([percent, histogram.quantile(percent) as number]);
  }
  points.push([100, histogram.quantile(100) as number]);
  return { name, count, points };
}

/** The curves in the text of an HDR log (latency.hlog); lines that are none are passed over. */
export function curvesOfLog(text: string): LatencyCurve[] {
  const curves: LatencyCurve[] = [];
  for (const line of text.split('\n')) {
    const found = /^Tag=([^,]+),[^,]*,[^,]*,[^,]*,([A-Za-z0-9+/=]+)$/.exec(line.trim());
    const [, tag = '', encoded = ''] = found ?? [];
    const curve = found === null ? null : decoded(tag, encoded);
    if (curve !== null) curves.push(curve);
  }
  return curves;
}

function decoded(tag: string, encoded: string): LatencyCurve | null {
  const histogram = new Histogram(tag, encoded);
  try {
    return curveOf(histogram);
  } finally {
    histogram.destroy();
  }
}
