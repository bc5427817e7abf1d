/**
 * Recorded timelines of a real control plane as cases: every predicate whose subject appears there must hold over them, and what can be replayed must go on a
 * simulated cluster as it went there. One case is one run; a run that repeats the steps of another is what that one's replay may go like.
 */
import { type CaseOutcome, type ConformFormat, failedCase, PASSED } from '../format.ts';
import { JUDGED, judgeRecording } from './judge-recording.ts';
import { readRun, recordedRuns, runName } from './recording.ts';
import { ReplayCounts } from './replay/replay-counts.ts';
import { replayRecording, whyNotReplayed } from './replay/replay-verdict.ts';
import { readRecordingOf } from './replay/whole-recording.ts';

/** Evaluations over all cases that ran, by predicate. */
const evaluated = new Map<string, number>();
let replays = new ReplayCounts();

export const format: ConformFormat = {
  cases: (root) => recordedRuns(root).map((file) => ({ name: runName(file), run: () => outcomeOf(file) })),
  async finish() {
    const counts = JUDGED.map((id) => `${id} ${evaluated.get(id) ?? 0}`);
    const told = `judged: ${counts.join(', ')}\n${replays.text()}`;
    evaluated.clear();
    replays = new ReplayCounts();
    return told;
  },
};

function outcomeOf(file: string): CaseOutcome {
  const run = readRun(file);
  const { violations, missing, evaluations } = judgeRecording(run);
  for (const [id, count] of evaluations) evaluated.set(id, (evaluated.get(id) ?? 0) + count);
  const [first] = violations;
  if (first !== undefined) return failedCase(`${first.predicate} at ${first.timeUs / 1_000_000} s: ${first.message}`);
  if (missing !== null) return failedCase(`${missing.predicate.id} at the end: ${missing.what}`);
  return run.repeats ? PASSED : replayed(file);
}

function replayed(file: string): CaseOutcome {
  const recording = readRecordingOf(file);
  const why = whyNotReplayed(recording);
  if (why !== null) {
    replays.left(why);
    return PASSED;
  }
  const { difference, seed, pauses } = replayRecording(recording);
  replays.took(seed, pauses);
  if (difference === null) return PASSED;
  const { ms, what, text } = difference;
  return failedCase(`replayed otherwise at ${(ms / 1000).toFixed(3)} s (${what}): ${text}`);
}
