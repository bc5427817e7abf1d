/**
 * Why a pod of a trial had no node can be asked as in any run: its case is kept as a scenario file among the results.
 */
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { ProblemList } from '../../scenarios/problem.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { explainLine } from '../campaign/replay-line.ts';
import type { RunFolder } from '../report/run-folder.ts';
import type { TrialSetup } from './battery.ts';
import { whyNoNode } from './blockers.ts';
import type { CardRow } from './card.ts';
import { casePlan } from './case-plan.ts';
import type { ReportCard } from './run-trial.ts';

/** By workload: `demo/web-x: seatrial explain demo/web-x …` of its worst row for each cause for which a pod waited for a node; writes the cases. */
export function pendingLines(
  card: ReportCard,
  setup: TrialSetup,
  folder: RunFolder,
): ReadonlyMap<string, readonly string[]> {
  const lines = new Map<string, readonly string[]>();
  for (const { id, rows } of card.workloads) {
    const causes = new Map<string, string>();
    for (const row of rows) {
      if (row.waiting === null || causes.has(causeOf(row.waiting.message))) continue;
      const line = lineOf(row, row.waiting, setup, folder);
      if (line !== '') causes.set(causeOf(row.waiting.message), `${row.waiting.pod}: ${line}`);
    }
    if (causes.size > 0) lines.set(id, [...causes.values()]);
  }
  return lines;
}

/** A scheduler's message without its numbers of nodes: those differ from moment to moment. */
function causeOf(message: string): string {
  return whyNoNode(message).replace(/\b\d+\b/g, '');
}

/** '' for a case too large to be read again. */
function lineOf(
  { trial, subject, seed }: CardRow,
  { pod, atUs, faultAtUs }: NonNullable<CardRow['waiting']>,
  setup: TrialSetup,
  folder: RunFolder,
): string {
  const plan = casePlan(setup, { trial, subject, seed }, faultAtUs);
  const name = [trial, ...subject.split('/').filter((part) => part !== ''), `s${seed}`].join('-');
  const file = folder.write(`${name}.yaml`, scenarioText(plan, folder.path));
  // The digest is of what is read from the file: a plan's fields stand there in another order.
  const [scenario] = loadScenarios([file], new ProblemList());
  return scenario === undefined ? '' : explainLine(pod, { file, twin: false, seed, inputs: scenario.inputs }, atUs);
}
