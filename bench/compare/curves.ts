/**
 * Lines for charts: means over the seeds, one line a policy.
 */
import type { Curve, ExperimentName } from './compare-result.ts';
import type { CompareOptions } from './run-compare.ts';
import type { RunOutcome } from './run-outcome.ts';
import { SAMPLES } from './steady-state.ts';

/** The curves of an experiment. */
export function curvesOf(
  { policies, fillPercent, horizonS }: CompareOptions,
  name: ExperimentName,
  demandIn: 'gpu' | 'cpu',
  outcomes: readonly (readonly (RunOutcome | null)[])[],
): Curve[] {
  if (name !== 'fill-up' && name !== 'steady-state') return [];
  const what = demandIn === 'gpu' ? 'GPU' : 'cpu';
  const x =
    name === 'fill-up'
      ? { name: `${what} asked for`, unit: '%', values: Array.from({ length: fillPercent + 1 }, (_, i) => i) }
      : {
          name: 'time',
          unit: 'h',
          values: Array.from({ length: SAMPLES }, (_, i) => ((i + 1) * horizonS) / SAMPLES / 3600),
        };
  const lines: readonly (readonly [name: string, label: string, unit: string])[] =
    name === 'fill-up'
      ? [
          ['allocation', `${what} in use`, '%'],
          ...(demandIn === 'gpu' ? ([['fragmentation', 'fragmented GPU', '%']] as const) : []),
        ]
      : [
          ['allocation', `${what} in use`, '%'],
          ['pending', 'pods waiting', ''],
        ];
  return lines.map(([key, label, unit]) => ({
    name: key,
    x,
    y: { name: label, unit },
    byPolicy: policies.map((policy, index) => ({
      policy: policy.name,
      values: x.values.map((_, point) => meanAt(outcomes[index] ?? [], key, point)),
    })),
  }));
}

function meanAt(outcomes: readonly (RunOutcome | null)[], curve: string, point: number): number | null {
  let sum = 0;
  let count = 0;
  for (const outcome of outcomes) {
    const value = outcome?.curves[curve]?.[point];
    if (value === undefined) continue;
    sum += value;
    count++;
  }
  return count === 0 ? null : sum / count;
}
