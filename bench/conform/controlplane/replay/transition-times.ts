/**
 * How long the objects of a timeline stayed in a state, in a replay and in its recording, where that is deterministic: tolerations, grace periods, back-off
 * steps, times to live.
 *
 * Compared are pauses of a second and more (below, the recorder's machine shows, not the control plane) since the state before or the last request, on which
 * two recorded runs agree (else the phase of a periodic loop or chance shows). A replay agrees within 100 ms or 10 %.
 */
import type { Step } from '../recording.ts';
import type { Difference } from './line-difference.ts';
import type { Line, Lines } from './timeline-histories.ts';

const PAUSE_MIN_MS = 1_000;
const TOLERANCE_MS = 100;

/** What the comparison of times came to. */
export interface TimeComparison {
  /** Pauses that were compared. */
  readonly compared: number;
  readonly differences: readonly Difference[];
}

/** A run whose pauses are compared. */
export interface TimedRun {
  readonly lines: Lines;
  /** When each step was taken. */
  readonly stepsMs: readonly number[];
}

/** Compares the pauses of lines that went through the same states in all runs; `repetitions` are further runs of the recorded steps. */
export function compareTimes(
  replayed: TimedRun,
  recorded: TimedRun,
  repetitions: readonly TimedRun[],
  steps: readonly Step[],
): TimeComparison {
  const requests = steps.flatMap((step, index) => (step.do === 'request' ? [index] : []));
  const differences: Difference[] = [];
  let compared = 0;
  for (const [what, lines] of recorded.lines) {
    const others = [replayed, ...repetitions].map((run) => ({ run, lines: numbered(what, run.lines.get(what) ?? []) }));
    for (const [key, line] of numbered(what, lines)) {
      for (const [index, { ms, text }] of line.states.entries()) {
        const since = lastRequest(requests, recorded.stepsMs, before(line, index), ms);
        const wantedMs = ms - sinceMs(recorded, line, index, since);
        if (wantedMs < PAUSE_MIN_MS) continue;
        const pauses = others.map((other) => pauseIn(other.run, other.lines.get(key), index, since));
        const [ownMs = Number.NaN, ...againMs] = pauses;
        if (Number.isNaN(ownMs) || !againMs.some((each) => isClose(each, wantedMs))) continue;
        compared++;
        if ([wantedMs, ...againMs].some((each) => isClose(ownMs, each))) continue;
        const times = `recorded after ${Math.round(wantedMs)} ms, replayed after ${Math.round(ownMs)} ms`;
        differences.push({ ms, what: `times in ${what}`, text: `${line.about}: "${text}" ${times}` });
      }
    }
  }
  return { compared, differences };
}

/** The last request after the state before; undefined where there was none. */
function lastRequest(
  requests: readonly number[],
  stepsMs: readonly number[],
  fromMs: number,
  toMs: number,
): number | undefined {
  return requests.findLast((index) => {
    const ms = stepsMs[index] as number;
    return ms > fromMs && ms <= toMs;
  });
}

/** The pause in another run; NaN where it has no such line. */
function pauseIn(run: TimedRun, line: Line | undefined, index: number, since: number | undefined): number {
  const state = line?.states[index];
  return line === undefined || state === undefined ? Number.NaN : state.ms - sinceMs(run, line, index, since);
}

function sinceMs({ stepsMs }: TimedRun, line: Line, index: number, since: number | undefined): number {
  return since === undefined ? before(line, index) : (stepsMs[since] as number);
}

/**
 * Lines by what they say; of equal ones the first in time is the first everywhere. Which of several equal objects goes first is not stable, so of their ends the
 * time since they were made tells nothing.
 */
function numbered(what: string, lines: readonly Line[]): ReadonlyMap<string, Line> {
  const equal = new Map<string, Line[]>();
  for (const line of lines) {
    const key = [line.about, ...line.states.map(({ text }) => text)].join('\n');
    equal.set(key, [...(equal.get(key) ?? []), line]);
  }
  return new Map(
    [...equal].flatMap(([key, group]) => {
      const isAmong = group.length > 1 && what.startsWith('ends of');
      const timed = isAmong ? group.map(({ about, states }): Line => ({ about, states })) : group;
      return timed
        .sort((left, right) => startOf(left) - startOf(right))
        .map((line, number): [string, Line] => [`${number} ${key}`, line]);
    }),
  );
}

function startOf({ bornMs, states }: Line): number {
  return bornMs ?? states[0]?.ms ?? 0;
}

/** When the state before began, or the object was made. */
function before(line: Line, index: number): number {
  return line.states[index - 1]?.ms ?? startOf(line);
}

function isClose(ms: number, wantedMs: number): boolean {
  return Math.abs(ms - wantedMs) <= Math.max(TOLERANCE_MS, wantedMs / 10);
}
