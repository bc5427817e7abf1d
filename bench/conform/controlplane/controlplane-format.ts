/**
 * Recorded timelines of a real control plane as cases: every predicate whose subject appears there must hold over them. One case is one run.
 */
import { type CaseOutcome, type ConformFormat, failedCase, PASSED } from '../format.ts';
import { JUDGED, judgeRecording } from './judge-recording.ts';
import { readRun, recordedRuns, runName } from './recording.ts';

/** Evaluations over all cases that ran, by predicate. */
const evaluated = new Map<string, number>();

export const format: ConformFormat = {
  cases: (root) => recordedRuns(root).map((file) => ({ name: runName(file), run: () => judge(file) })),
  async finish() {
    const counts = JUDGED.map((id) => `${id} ${evaluated.get(id) ?? 0}`);
    evaluated.clear();
    return `judged: ${counts.join(', ')}\n`;
  },
};

function judge(file: string): CaseOutcome {
  const { violations, missing, evaluations } = judgeRecording(readRun(file));
  for (const [id, count] of evaluations) evaluated.set(id, (evaluated.get(id) ?? 0) + count);
  const [first] = violations;
  if (first !== undefined) return failedCase(`${first.predicate} at ${first.timeUs / 1_000_000} s: ${first.message}`);
  return missing === null ? PASSED : failedCase(`${missing.predicate.id} at the end: ${missing.what}`);
}
