/**
 * What a campaign's result means: one verdict, one exit code, and what is worth a warning.
 */
import path from 'node:path';
import { formatDuration } from '../../scenarios/duration.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import type { CampaignResult, ScenarioResult } from './campaign.ts';
import type { CaseOutcome, CaseResult } from './case-result.ts';

export type CampaignVerdict = 'as expected' | 'not as expected' | 'broken' | 'incomplete' | 'not decided';

/** Number of cases by outcome. */
export type OutcomeCounts = Readonly<Record<CaseOutcome, number>>;

/** The verdict. `strict`: an excused case is no answer. Broken beats incomplete beats the rest. */
export function verdictOf(result: CampaignResult, strict: boolean): CampaignVerdict {
  const cases = result.scenarios.flatMap((scenario) => scenario.cases);
  if (cases.some(isBroken)) return 'broken';
  if (!result.complete) return 'incomplete';
  if (cases.some((each) => !each.asExpected)) return 'not as expected';
  if (strict && cases.some((each) => each.outcome === 'excused')) return 'not decided';
  return 'as expected';
}

/** The exit code of a verdict; `interrupted` = code of the signal, if there was one. */
export function exitOf(verdict: CampaignVerdict, interrupted: ExitCode | undefined): ExitCode {
  if (verdict === 'broken') return EXIT.broken;
  if (verdict === 'incomplete') return interrupted ?? EXIT.broken;
  if (verdict === 'not as expected') return EXIT.finding;
  return verdict === 'not decided' ? EXIT.noAnswer : EXIT.yes;
}

/** true for a case that says nothing about the system: a bug of seatrial or a lost worker. */
export function isBroken(result: CaseResult): boolean {
  return result.outcome === 'bug' || result.outcome === 'broken';
}

/** Cases by outcome. */
export function countOutcomes(cases: readonly CaseResult[]): OutcomeCounts {
  const counts: Record<CaseOutcome, number> = {
    pass: 0,
    excused: 0,
    fail: 0,
    'over-budget': 0,
    bug: 0,
    broken: 0,
    missing: 0,
  };
  for (const { outcome } of cases) counts[outcome]++;
  return counts;
}

/** Rank of a scenario's result, worst highest: broken, unexpected, missing, excused, the rest. */
export function badness(result: ScenarioResult): number {
  const share = (bad: (each: CaseResult) => boolean): number => result.cases.filter(bad).length / result.cases.length;
  const broken = share(isBroken);
  const missing = share((each) => each.outcome === 'missing');
  const unexpected = share((each) => !each.asExpected) - missing - broken;
  return broken * 1000 + unexpected * 100 + missing * 10 + share((each) => each.outcome === 'excused');
}

/** Warnings about one scenario of a campaign: of the loader, and what its cases show. Each is one sentence with the file's name. */
export function warningsOf(result: ScenarioResult, campaign: readonly ScenarioResult[]): string[] {
  const { scenario, cases } = result;
  const subject = `${scenario.file}${scenario.twin ? ' (twin)' : ''}`;
  const warnings = [...scenario.warnings];
  const ran = cases.filter((each) => each.digest !== '');
  if (ran.length === 0) return warnings;
  const { boundUs } = scenario.plan.phases;
  const needed = Math.max(...ran.map((each) => each.boundUs));
  if (boundUs !== 'auto' && boundUs < needed) {
    warnings.push(
      `${subject} warning: liveness bound ${formatDuration(boundUs)} is below the computed ${formatDuration(needed)}: correct behaviour may miss it`,
    );
  }
  const finished = ran.filter((each) => each.outcome === 'pass' || each.outcome === 'excused');
  if (finished.length === 0) return warnings;
  const tested = scenario.twin ? actedIn(campaign.find((other) => isFileOf(other, result))) : [];
  const idleFaults = inAll(finished.map((each) => each.idleFaults)).filter((id) => !tested.includes(id));
  const operators = scenario.plan.cluster.operators ?? [];
  if (operators.length > 0 && neverEvaluated(result).includes('OP1')) {
    const modules = operators.map(({ module }) => path.basename(module)).join(', ');
    warnings.push(`${subject} warning: never reconciled anything: operator ${modules}`);
  }
  if (idleFaults.length > 0) warnings.push(`${subject} warning: never had an effect: fault ${idleFaults.join(', ')}`);
  return warnings;
}

function isFileOf({ scenario: { file, twin } }: ScenarioResult, result: ScenarioResult): boolean {
  return !twin && file === result.scenario.file;
}

/** Faults that had an effect in some case. Where the twin has none of it, its repair may be why. */
function actedIn(result: ScenarioResult | undefined): string[] {
  const ran = result?.cases.filter((each) => each.digest !== '') ?? [];
  const ids = result?.scenario.plan.faults.map(({ id }) => id) ?? [];
  return ids.filter((id) => ran.some(({ idleFaults }) => !idleFaults.includes(id)));
}

/** Ids of predicates that had nothing to judge in any finished case. */
export function neverEvaluated(result: ScenarioResult): string[] {
  return inAll(result.cases.filter((each) => each.digest !== '').map((each) => each.neverEvaluated));
}

/** Members of all lists. */
function inAll(lists: readonly (readonly string[])[]): string[] {
  return (lists[0] ?? []).filter((name) => lists.every((list) => list.includes(name)));
}
