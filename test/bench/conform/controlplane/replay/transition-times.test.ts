import { describe, expect, test } from 'vitest';
import type { Step } from '../../../../../bench/conform/controlplane/recording.ts';
import type { Line } from '../../../../../bench/conform/controlplane/replay/timeline-histories.ts';
import { compareTimes, type TimedRun } from '../../../../../bench/conform/controlplane/replay/transition-times.ts';

const STEPS: readonly Step[] = [
  { ms: 0, do: 'request' },
  { ms: 500, do: 'wait' },
  { ms: 4_000, do: 'request' },
];

/** A run with one line: a Job that was made at 100 ms, failed and was done. */
function run(failedMs: number, doneMs: number, what = 'conditions of Job', requestMs = 4_000): TimedRun {
  const states = [
    { text: 'False', ms: failedMs },
    { text: 'True', ms: doneMs },
  ];
  const line: Line = { about: 'Job j Failed', states, bornMs: 100 };
  return { lines: new Map([[what, [line]]]), stepsMs: [0, 500, requestMs] };
}

const texts = (replayed: TimedRun, recorded: TimedRun, ...again: TimedRun[]) => {
  const { compared, differences } = compareTimes(replayed, recorded, again, STEPS);
  return [compared, ...differences.map(({ ms, text }) => `${ms}: ${text}`)];
};

describe('compareTimes', () => {
  test('a pause that two recorded runs agree on must take as long, within 10 %', () => {
    expect(texts(run(2_100, 3_900), run(2_100, 3_900), run(2_150, 3_900))).toEqual([2]);
    expect(texts(run(2_290, 4_090), run(2_100, 3_900), run(2_100, 3_900))).toEqual([2]);
    expect(texts(run(2_600, 4_400), run(2_100, 3_900), run(2_100, 3_900))).toEqual([
      2,
      '2100: Job j Failed: "False" recorded after 2000 ms, replayed after 2500 ms',
    ]);
  });

  test('one run alone, or two that differ, say nothing of times', () => {
    expect(texts(run(2_600, 2_700), run(2_100, 2_200))).toEqual([0]);
    expect(texts(run(2_600, 2_700), run(2_100, 2_200), run(3_100, 3_200))).toEqual([0]);
  });

  test('a pause begins with the last request: how long the user took does not count', () => {
    const recorded = run(2_100, 6_000);
    expect(texts(run(2_100, 9_000, undefined, 7_000), recorded, run(2_100, 6_010))).toEqual([2]);
    expect(texts(run(2_100, 9_000), recorded, run(2_100, 6_010))).toEqual([
      2,
      '6000: Job j Failed: "True" recorded after 2000 ms, replayed after 5000 ms',
    ]);
  });

  test('which of several equal objects ends first is not compared, how long its end takes is', () => {
    const ends = (first: number, second: number): TimedRun => {
      const { lines, stepsMs } = run(first, first + 1_500, 'ends of Pod');
      const [other] = run(second, second + 1_500, 'ends of Pod').lines.get('ends of Pod') as Line[];
      return { lines: new Map([['ends of Pod', [...(lines.get('ends of Pod') ?? []), other as Line]]]), stepsMs };
    };
    expect(texts(ends(1_200, 2_400), ends(1_600, 1_900), ends(1_600, 1_900))).toEqual([2]);
  });
});
