/**
 * One fork pair: a fresh process of each build, warmed up, then bursts in turn.
 *
 * The pair is the unit of the statistics, since bursts of one process share its compiled code and heap. Of each process the
 * fastest burst counts: noise only ever adds time. Bursts alternate in a drawn order, so that drift hits both alike; the
 * draws decide nothing but that order.
 */
import type { Sfc32 } from '../../core/cluster/vocabulary.ts';
import { KernelProcess, type KernelProcessOptions } from './kernel-client.ts';
import type { Burst, ProcessFacts } from './protocol.ts';

/** Steps of a pair: in each both builds run one burst. */
const STEPS = 10;
const SENSOR_BURSTS = 5;
const SENSOR_COUNT = 2_000;

/** The same work for both builds. */
export interface PairWork {
  readonly kernel: string;
  /** Operations a burst. */
  readonly count: number;
  readonly warmBursts: number;
}

/** What a pair gave. */
export interface PairValues {
  /** Fastest burst of the baseline build and of the candidate, ns. */
  readonly baselineNs: number;
  readonly candidateNs: number;
  /** The same in CPU time, µs. */
  readonly baselineCpuUs: number;
  readonly candidateCpuUs: number;
  /** Fastest burst of the noise sensor, ns. */
  readonly sensorNs: number;
  readonly baselineFacts: ProcessFacts;
  readonly candidateFacts: ProcessFacts;
}

/** Measures one pair. @throws ToolFailure when a process dies. */
export async function measurePair(
  baseline: KernelProcessOptions,
  candidate: KernelProcessOptions,
  work: PairWork,
  sensor: string,
  draws: Sfc32,
): Promise<PairValues> {
  const first = new KernelProcess(baseline);
  const second = new KernelProcess(candidate);
  const { kernel, count, warmBursts } = work;
  try {
    const sides = [first, second];
    if (draws.below(2) === 1) sides.reverse();
    for (const side of sides) await side.ask({ do: 'warm', kernel, count, bursts: warmBursts });
    const bursts = new Map<KernelProcess, Burst[]>(sides.map((side) => [side, []]));
    for (let step = 0; step < STEPS; step++) {
      if (draws.below(2) === 1) sides.reverse();
      for (const side of sides) bursts.get(side)?.push(await side.ask<Burst>({ do: 'burst', kernel, count }));
    }
    const sensorNs: number[] = [];
    for (let i = 0; i < SENSOR_BURSTS; i++) {
      sensorNs.push((await first.ask<Burst>({ do: 'burst', kernel: sensor, count: SENSOR_COUNT })).elapsedNs);
    }
    const least = (side: KernelProcess, read: (burst: Burst) => number): number =>
      Math.min(...(bursts.get(side) ?? []).map(read));
    return {
      baselineNs: least(first, ({ elapsedNs }) => elapsedNs),
      candidateNs: least(second, ({ elapsedNs }) => elapsedNs),
      baselineCpuUs: least(first, ({ cpuUs }) => cpuUs),
      candidateCpuUs: least(second, ({ cpuUs }) => cpuUs),
      sensorNs: Math.min(...sensorNs),
      baselineFacts: await first.ask<ProcessFacts>({ do: 'facts' }),
      candidateFacts: await second.ask<ProcessFacts>({ do: 'facts' }),
    };
  } finally {
    first.close();
    second.close();
  }
}
