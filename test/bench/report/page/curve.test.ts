import { expect, test } from 'vitest';
import { Histogram, hdrLog } from '../../../../bench/report/histogram.ts';
import { curveOf, curvesOfLog, percentPosition } from '../../../../bench/report/page/curve.ts';

test('a curve is the histogram at percentiles that its count can tell apart, and the same from the log', () => {
  const histogram = new Histogram('shop.pod-startup-us');
  const empty = new Histogram('shop.recovery-us');
  try {
    for (let value = 1; value <= 1000; value++) histogram.record(value * 1000);
    const curve = curveOf(histogram);
    expect(curve?.count).toBe(1000);
    const percents = curve?.points.map(([percent]) => percent) ?? [];
    expect(percents[0]).toBe(0);
    expect(percents.at(-1)).toBe(100);
    expect(Math.max(...percents.slice(0, -1))).toBeLessThanOrEqual(99.9 + 1e-9);
    for (const [percent, us] of curve?.points ?? []) expect(us).toBe(histogram.quantile(percent));
    expect(curveOf(empty)).toBeNull();
    expect(curvesOfLog(hdrLog([histogram, empty], 1))).toEqual([curve]);
    expect(curvesOfLog('no log\nTag=x,1,2\n')).toEqual([]);
  } finally {
    histogram.destroy();
    empty.destroy();
  }
  expect([0, 90, 99].map(percentPosition).map((x) => Math.round(x * 1e6) / 1e6)).toEqual([0, 1, 2]);
});
