/**
 * A campaign for people: a table with the worst first, the verdict, and for each unexpected case why and how to see it again.
 */
import type { CampaignResult, ScenarioResult } from '../campaign/campaign.ts';
import { badness, type CampaignVerdict, countOutcomes, isBroken, warningsOf } from '../campaign/campaign-verdict.ts';
import { CASE_OUTCOMES, type CaseResult } from '../campaign/case-result.ts';
import { pendingLine, type ReplayCase, replayLine } from '../campaign/replay-line.ts';
import { CAMPAIGN_COLUMNS } from './campaign-columns.ts';
import type { Colours } from './colour.ts';
import { countOf } from './counted.ts';
import { longestUs } from './longest.ts';
import { predicatesHint } from './predicates-hint.ts';
import { type Cell, Table } from './table.ts';
import { showVirtual } from './virtual-time.ts';

/** Unexpected cases shown of a scenario; the others are counted. */
const CASES_SHOWN_MAX = 10;

/** The report for a terminal. */
export function campaignText(result: CampaignResult, verdict: CampaignVerdict, colours: Colours): string {
  const parts = [tableOf(result).text(colours), '\n'];
  for (const warning of result.scenarios.flatMap((each) => warningsOf(each, result.scenarios)))
    parts.push(`${colours.yellow(warning)}\n`);
  for (const scenario of worstFirst(result)) parts.push(...pendingOfGood(scenario), ...unexpectedText(scenario));
  const cases = result.scenarios.flatMap((scenario) => scenario.cases);
  const failed = cases.filter((each) => !each.asExpected && each.outcome === 'fail');
  parts.push(predicatesHint(failed.map(({ predicate }) => predicate)), `${verdictLine(result, verdict, colours)}\n`);
  return parts.join('');
}

/** The report as Markdown. */
export function campaignMarkdown(result: CampaignResult, verdict: CampaignVerdict): string {
  const parts = [tableOf(result).markdown(), '\n'];
  for (const warning of result.scenarios.flatMap((each) => warningsOf(each, result.scenarios)))
    parts.push(`- ${warning}\n`);
  const told = worstFirst(result).flatMap((scenario) => [...pendingOfGood(scenario), ...unexpectedText(scenario)]);
  if (told.length > 0) parts.push('\n```\n', ...told, '```\n');
  parts.push(`\n**${plainVerdict(result, verdict)}**\n`);
  return parts.join('');
}

function worstFirst(result: CampaignResult): ScenarioResult[] {
  return [...result.scenarios].sort((left, right) => badness(right) - badness(left));
}

function tableOf(result: CampaignResult): Table {
  const table = new Table(CAMPAIGN_COLUMNS);
  for (const scenario of worstFirst(result)) table.add(rowOf(scenario));
  return table;
}

function rowOf(result: ScenarioResult): Cell[] {
  const { scenario, cases, podStartup, recovery } = result;
  const bad = cases.some((each) => !each.asExpected);
  const expect = scenario.plan.expect;
  return [
    scenario.plan.name,
    expect === 'pass' ? 'pass' : `fail ${expect.fail}`,
    { text: cameOut(cases), style: (text, colours) => (bad ? colours.red(text) : colours.green(text)) },
    `${cases.length}`,
    showVirtual(recovery.quantile(50)),
    showVirtual(longestUs(cases, 'recoveryMaxUs')),
    showVirtual(podStartup.quantile(50)),
    showVirtual(podStartup.quantile(99)),
    `${podStartup.count}`,
    `${cases.reduce((sum, each) => sum + each.events, 0)}`,
  ];
}

/** `pass`, or with several outcomes `38 pass, 2 fail RS2`. */
function cameOut(cases: readonly CaseResult[]): string {
  const counts = countOutcomes(cases);
  const parts: string[] = [];
  for (const outcome of CASE_OUTCOMES) {
    if (counts[outcome] === 0) continue;
    const predicates = [...new Set(cases.filter((each) => each.outcome === outcome).map((each) => each.predicate))];
    const shown = outcome === 'fail' ? `fail ${predicates.join(' ')}` : outcome;
    parts.push(counts[outcome] === cases.length ? shown : `${counts[outcome]} ${shown}`);
  }
  return parts.join(', ');
}

function unexpectedText(result: ScenarioResult): string[] {
  const { scenario, cases } = result;
  const unexpected = cases.filter((each) => !each.asExpected && each.outcome !== 'missing');
  const lines = unexpected.slice(0, CASES_SHOWN_MAX).map((each) => {
    const again = `  replay: ${replayLine(replayOf(scenario, each))}\n`;
    return `${scenario.plan.name}, seed ${each.seed}: ${whatHappened(each)}\n${again}${pendingText(scenario, each)}`;
  });
  const hidden = unexpected.length - CASES_SHOWN_MAX;
  if (hidden > 0) lines.push(`${scenario.plan.name}: ${hidden} more; result.json lists them\n`);
  return lines;
}

/** Pods without a node in a case that is as it should be: the first such case of each scenario. */
function pendingOfGood({ scenario, cases }: ScenarioResult): string[] {
  const waiting = cases.filter(
    ({ asExpected, outcome, pendingPods }) => asExpected && outcome !== 'fail' && pendingPods.count > 0,
  );
  const [first] = waiting;
  if (first === undefined) return [];
  const { count } = first.pendingPods;
  const others =
    waiting.length > 1 ? `; so ${waiting.length > 2 ? 'do' : 'does'} ${countOf(waiting.length - 1, 'other case')}` : '';
  const head = `${scenario.plan.name}, seed ${first.seed}: ${first.outcome}, ends with ${countOf(count, 'pod')} without a node${others}\n`;
  return [head, pendingText(scenario, first)];
}

function pendingText(scenario: ScenarioResult['scenario'], each: CaseResult): string {
  const line = pendingLine(each.pendingPods, replayOf(scenario, each));
  return line === null ? '' : `  pending: ${line}\n`;
}

function replayOf({ file, twin, inputs }: ScenarioResult['scenario'], { seed }: CaseResult): ReplayCase {
  return { file, twin, seed, inputs };
}

/** One line about a case's outcome. */
export function whatHappened(each: CaseResult): string {
  const message = each.message.replace(/\s+/g, ' ').trim();
  if (each.outcome === 'pass') return 'passed, but a failure was expected';
  if (each.outcome === 'fail') return `fail ${each.predicate}: ${message}`;
  return `${each.outcome}: ${message}`;
}

function verdictLine(result: CampaignResult, verdict: CampaignVerdict, colours: Colours): string {
  const text = plainVerdict(result, verdict);
  if (verdict === 'as expected') return colours.green(text);
  return verdict === 'incomplete' || verdict === 'not decided' ? colours.yellow(text) : colours.red(text);
}

/** The verdict's line without colour. */
export function plainVerdict(result: CampaignResult, verdict: CampaignVerdict): string {
  const cases = result.scenarios.flatMap((scenario) => scenario.cases);
  const missing = cases.filter((each) => each.outcome === 'missing').length;
  const broken = cases.filter(isBroken).length;
  const unexpected = cases.filter((each) => !each.asExpected).length - missing - broken;
  const details = [
    `${cases.length - missing} of ${cases.length} cases run`,
    `${unexpected} not as expected`,
    ...(broken > 0 ? [`${broken} broken`] : []),
  ];
  return `verdict: ${verdict} (${details.join(', ')})`;
}
