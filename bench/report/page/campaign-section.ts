/**
 * A campaign on the page: scenarios worst first, what was not as expected with its line, convergence and latency charts.
 */
import { CAMPAIGN_COLUMNS } from '../campaign-columns.ts';
import { Table } from '../table.ts';
import { showVirtual } from '../virtual-time.ts';
import { markBadge } from './card-section.ts';
import { convergencePlot } from './convergence-plot.ts';
import type { LatencyCurve } from './curve.ts';
import { html, type Markup } from './markup.ts';
import { percentilePlot } from './percentile-plot.ts';
import { commandMarkup } from './replay-line-markup.ts';
import type { CampaignData } from './result-shapes.ts';
import { tableMarkup } from './table-markup.ts';

type Scenario = CampaignData['scenarios'][number];
type Case = Scenario['cases'][number];

/** Unexpected cases shown of a scenario; the others are counted. */
const CASES_SHOWN_MAX = 10;
const OUTCOME_COLUMN = 2;
/** How the names of the histograms end, with the heading of their plot. */
const PLOTS: readonly (readonly [suffix: string, title: string])[] = [
  ['.recovery-us', 'Recovery: how long workloads were short of Ready pods (virtual time)'],
  ['.pod-startup-us', 'Pod start-up: creation to Ready (virtual time)'],
];

/** The section's content. */
export function campaignSection(campaign: CampaignData, curves: readonly LatencyCurve[]): Markup {
  const scenarios = [...campaign.scenarios].sort((left, right) => badness(right) - badness(left));
  const unexpected = scenarios.filter(({ cases }) => cases.some(({ asExpected }) => !asExpected));
  const warnings = scenarios.flatMap((scenario) => scenario.warnings);
  return html`<h2>Scenarios</h2>
${verdictMarkup(campaign)}
${tableMarkup(tableOf(scenarios), {
  caption: 'Scenarios, worst first; times are virtual',
  cell: (row, column, text) => (column === OUTCOME_COLUMN ? outcomeBadge(scenarios[row] as Scenario, text) : undefined),
})}
${unexpected.map(unexpectedMarkup)}
${warnings.length > 0 && html`<h3>Warnings</h3><ul>${warnings.map((line) => html`<li>${line}</li>`)}</ul>`}
${convergenceMarkup(scenarios)}
${PLOTS.map(([suffix, title]) => {
  const named = curves.filter(({ name }) => name.endsWith(suffix));
  const shown = named.map((curve) => ({ ...curve, name: curve.name.slice(0, -suffix.length) }));
  return shown.length === 0 ? '' : percentilePlot(title, 'virtual time', shown);
})}`;
}

function verdictMarkup({ verdict, scenarios, seeds }: CampaignData): Markup {
  const cases = scenarios.flatMap((scenario) => scenario.cases);
  const unexpected = cases.filter(({ asExpected }) => !asExpected).length;
  const mark =
    verdict === 'as expected'
      ? 'survived'
      : verdict === 'incomplete' || verdict === 'not decided'
        ? 'unknown'
        : 'failed';
  return html`<p class="verdict">${markBadge(mark, verdict)} <span class="facts">${scenarios.length} ${scenarios.length === 1 ? 'scenario' : 'scenarios and twins'} · seeds ${seeds} · ${cases.length} cases, ${unexpected} not as expected</span></p>`;
}

function tableOf(scenarios: readonly Scenario[]): Table {
  const table = new Table(CAMPAIGN_COLUMNS);
  for (const { name, twin, expect, cases, recoveryUs, podStartupUs } of scenarios) {
    table.add([
      twin && !name.includes('twin') ? `${name} (twin)` : name,
      expect === 'pass' ? 'pass' : `fail ${expect.fail}`,
      cameOut(cases),
      `${cases.length}`,
      showVirtual(recoveryUs['p50'] ?? null),
      showVirtual(recoveryUs['p100'] ?? null),
      showVirtual(podStartupUs['p50'] ?? null),
      showVirtual(podStartupUs['p99'] ?? null),
      `${podStartupUs['count'] ?? 0}`,
      `${cases.reduce((sum, each) => sum + each.events, 0)}`,
    ]);
  }
  return table;
}

function outcomeBadge({ cases }: Scenario, text: string): Markup {
  const mark = cases.every(({ asExpected }) => asExpected) ? 'survived' : 'failed';
  return markBadge(mark, text);
}

/** `pass`, or with several outcomes `38 pass, 2 fail RS2`. */
function cameOut(cases: readonly Case[]): string {
  const groups = new Map<string, number>();
  for (const { outcome, predicate } of cases) {
    const shown = outcome === 'fail' ? `fail ${predicate}` : outcome;
    groups.set(shown, (groups.get(shown) ?? 0) + 1);
  }
  return [...groups].map(([shown, count]) => (count === cases.length ? shown : `${count} ${shown}`)).join(', ');
}

function unexpectedMarkup({ name, cases }: Scenario): Markup {
  const unexpected = cases.filter(({ asExpected, outcome }) => !asExpected && outcome !== 'missing');
  const hidden = unexpected.length - CASES_SHOWN_MAX;
  return html`<h3>${markBadge('failed', 'not as expected')} ${name}</h3>
${unexpected
  .slice(0, CASES_SHOWN_MAX)
  .map(
    (each) =>
      html`<div class="finding"><p>seed ${each.seed}: ${whatHappened(each)}</p>${each.replay !== undefined && commandMarkup(each.replay)}</div>`,
  )}
${hidden > 0 && html`<p>${hidden} more; result.json lists them.</p>`}`;
}

function whatHappened({ outcome, predicate, message }: Case): string {
  if (outcome === 'pass') return 'passed, but a failure was expected';
  return outcome === 'fail' ? `fail ${predicate}: ${message}` : `${outcome}: ${message}`;
}

/** Only scenarios that should pass: one that should fail is decided when it does. */
function convergenceMarkup(scenarios: readonly Scenario[]): Markup | false {
  const rows = scenarios.filter(({ expect }) => expect === 'pass').map(convergenceRow);
  const shown = rows.filter(({ times }) => times.length > 0);
  return shown.length > 0 && convergencePlot(shown);
}

function convergenceRow({ name, twin, cases }: Scenario): Parameters<typeof convergencePlot>[0][number] {
  const ran = cases.filter(({ healUs }) => healUs >= 0);
  return {
    name: twin && !name.includes('twin') ? `${name} (twin)` : name,
    boundUs: Math.max(0, ...ran.map(({ boundUs }) => boundUs)),
    times: ran.map(({ seed, outcome, convergedUs, healUs }) => ({
      seed,
      us: outcome === 'pass' ? Math.max(0, convergedUs - healUs) : -1,
    })),
  };
}

/** Rank of a scenario's result, worst highest; see badness in bench/campaign/campaign-verdict.ts. */
function badness({ cases }: Scenario): number {
  const share = (bad: (each: Case) => boolean): number => cases.filter(bad).length / Math.max(1, cases.length);
  const broken = share(({ outcome }) => outcome === 'bug' || outcome === 'broken');
  const missing = share(({ outcome }) => outcome === 'missing');
  const unexpected = share(({ asExpected }) => !asExpected) - missing - broken;
  return broken * 1000 + unexpected * 100 + missing * 10 + share(({ outcome }) => outcome === 'excused');
}
