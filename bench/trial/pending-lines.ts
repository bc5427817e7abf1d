/**
 * Why a pod of a trial had no node can be asked as in any run: its case is kept as a scenario file among the results.
 */
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { inputsDigest } from '../campaign/inputs-digest.ts';
import { explainLine } from '../campaign/replay-line.ts';
import type { RunFolder } from '../report/run-folder.ts';
import type { TrialSetup } from './battery.ts';
import type { CardRow } from './card.ts';
import { casePlan } from './case-plan.ts';
import type { ReportCard } from './run-trial.ts';

/** `demo/web-x: seatrial explain demo/web-x …` by workload, of its worst row in which a pod waited for a node; writes the cases. */
export function pendingLines(card: ReportCard, setup: TrialSetup, folder: RunFolder): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (const { id, rows } of card.workloads) {
    const row = rows.find(({ waiting }) => waiting !== null);
    if (row?.waiting) lines.set(id, `${row.waiting.pod}: ${lineOf(row, row.waiting, setup, folder)}`);
  }
  return lines;
}

function lineOf(
  { trial, subject, seed }: CardRow,
  { pod, atUs, faultAtUs }: NonNullable<CardRow['waiting']>,
  setup: TrialSetup,
  folder: RunFolder,
): string {
  const plan = casePlan(setup, { trial, subject, seed }, faultAtUs);
  const name = [trial, ...subject.split('/').filter((part) => part !== ''), `s${seed}`].join('-');
  const file = folder.write(`${name}.yaml`, scenarioText(plan));
  return explainLine(pod, { file, twin: false, seed, inputs: inputsDigest(plan) }, atUs);
}
