/**
 * A comparison for people: what was done, a table an experiment, what another rule would have changed, the verdict. A question with an answer of its own
 * (how many more fit, on how few nodes) is answered before all that, policy by policy.
 */
import type { Colours } from '../report/colour.ts';
import { countOf } from '../report/counted.ts';
import { type Cell, type CellStyle, type Column, Table } from '../report/table.ts';
import { describeRules } from './cases.ts';
import type {
  CompareResult,
  ComparisonVerdict,
  ExperimentResult,
  MetricComparison,
  MetricResult,
  SensitivityRow,
} from './compare-result.ts';
import { forksTable } from './forks-table.ts';
import { showDifference, showNumber, showP } from './shown-figures.ts';
import { answerText, sameAnswers, verdictLine } from './verdict.ts';

const COLUMNS: readonly Column[] = [
  { title: 'metric' },
  { title: 'policy' },
  { title: 'mean', align: 'right' },
  { title: 'difference', align: 'right' },
  { title: '95 % interval', align: 'right' },
  { title: 'win/tie/loss', align: 'right' },
  { title: 'p', align: 'right' },
  { title: 'could find', align: 'right' },
  { title: 'verdict' },
];

/** Those that one policy alone fills. */
const MEAN_COLUMNS = 3;

/** What to show. */
export interface CompareView {
  /** Every metric instead of the main ones. */
  readonly all: boolean;
  /** The command that shows it again. */
  readonly reproduce: string;
}

/** The text report. */
export function compareText(result: CompareResult, view: CompareView, colours: Colours): string {
  const parts = [headText(result)];
  for (const experiment of result.experiments) {
    // Without a value there is no table: the answer above says why.
    if (experiment.metrics.length === 0) continue;
    parts.push(
      `${colours.bold(experiment.name)}: ${experiment.about}\n${tableOf(result, experiment, view).text(colours)}`,
    );
  }
  parts.push(forksText(result, colours), sensitivityText(result, colours), endText(result, view));
  return parts.filter((part) => part !== '').join('\n');
}

/** The same as Markdown. */
export function compareMarkdown(result: CompareResult, view: CompareView): string {
  const parts = [`${headText(result).trimEnd().replaceAll('\n', '  \n')}\n`];
  for (const experiment of result.experiments) {
    if (experiment.metrics.length === 0) continue;
    parts.push(`### ${experiment.name}\n\n${experiment.about}\n\n${tableOf(result, experiment, view).markdown()}`);
  }
  if (result.forks.length > 0) parts.push(`### fork\n\n${forksTable(result).markdown()}`);
  if (result.sensitivity.length > 0) {
    parts.push(
      `### sensitivity\n\n${sensitivityTable(result).markdown()}`,
      sentences(result.sensitivityFindings, '- '),
    );
  }
  parts.push(`\`\`\`\n${endText(result, view)}\`\`\`\n`);
  return parts.filter((part) => part !== '').join('\n');
}

function headText(result: CompareResult): string {
  const { workload, policies, seeds, rules, assumptions } = result;
  const gpus = workload.gpus > 0 ? `, ${countOf(workload.gpus, 'GPU')}` : '';
  const size = `${countOf(workload.nodes, 'node')}${gpus}, ${countOf(workload.pods, 'pod')} of ${countOf(workload.kinds, 'kind')}`;
  return [
    `${policies.length} ${policies.length === 1 ? 'policy' : 'policies'} on ${workload.name}: ${size}; ${countOf(seeds.length, 'paired seed')}`,
    ...answerLines(result).map((line) => `  ${line}`),
    `  source: ${workload.source}`,
    `  rules: ${describeRules(rules)}`,
    ...assumptions.map((text) => `  assumed: ${text}`),
    ...legend(result),
    '',
  ].join('\n');
}

/** What the columns of the tables mean, where anything is compared. */
function legend({ policies, experiments, baseline }: CompareResult): string[] {
  if (policies.length === 1 || experiments.length === 0) return [];
  return [
    `  differences are against ${baseline}: Hodges-Lehmann estimate, exact signed-rank interval, p after Holm;`,
    '  "could find" is the smallest true difference that so many seeds find with 80 % chance',
  ];
}

function tableOf({ baseline, policies }: CompareResult, experiment: ExperimentResult, { all }: CompareView): Table {
  const columns = policies.length === 1 ? COLUMNS.slice(0, MEAN_COLUMNS) : COLUMNS;
  const table = new Table(columns);
  for (const metric of experiment.metrics) {
    if (!all && !metric.main) continue;
    metric.byPolicy.forEach(({ policy, mean }, index) => {
      const name = index === 0 ? nameOf(metric) : '';
      const comparison = metric.comparisons.find((each) => each.policy === policy);
      const cells = policy === baseline || comparison === undefined ? ['', '', '', '', '', ''] : cellsOf(comparison);
      table.add([name, policy, showNumber(mean), ...cells].slice(0, columns.length));
    });
  }
  return table;
}

function nameOf({ name, unit, better }: MetricResult): string {
  return `${name}${unit === 'count' ? '' : ` (${unit})`}, ${better} is better`;
}

function cellsOf(comparison: MetricComparison): Cell[] {
  const { estimate, low, high, wins, ties, losses, p, smallestDifference, verdict } = comparison;
  return [
    showDifference(estimate),
    low === null || high === null ? 'too few seeds' : `${showDifference(low)} … ${showDifference(high)}`,
    `${wins}/${ties}/${losses}`,
    showP(p),
    showNumber(smallestDifference),
    { text: verdict, style: STYLES[verdict] },
  ];
}

const STYLES: Readonly<Record<ComparisonVerdict, CellStyle>> = {
  better: (text, colours) => colours.green(text),
  worse: (text, colours) => colours.red(text),
  same: (text) => text,
  undecided: (text, colours) => colours.yellow(text),
};

/** `add-nodes under best-fit and kube-default: 3 × large (seed 4, the worst of 30 seeds)`: policies that say the same say it once. */
function answerLines(result: CompareResult): string[] {
  const { answers, seeds } = result;
  const worst = seeds.length === 1 ? '' : `, the ${seeds.length === 2 ? 'worse' : 'worst'} of ${seeds.length} seeds`;
  const first = answers.filter((answer) => sameAnswers(result, answer)[0] === answer);
  return first.map((answer) => `${answerText(result, answer)} (seed ${answer.seed}${worst})`);
}

function forksText(result: CompareResult, colours: Colours): string {
  if (result.forks.length === 0) return '';
  const head = `${colours.bold('fork')}: ${result.baseline} up to the fork, then each other policy; the first decision that differs`;
  return `${head}\n${forksTable(result).text(colours)}`;
}

function sensitivityText(result: CompareResult, colours: Colours): string {
  if (result.sensitivity.length === 0) return '';
  const seeds = result.sensitivity[0]?.seeds ?? 0;
  const head = `${colours.bold('sensitivity')}: ${result.sensitivity[0]?.metric} under other rules, means over ${countOf(seeds, 'seed')}`;
  const findings = result.sensitivityFindings;
  const unchanged = result.policies.length === 1 ? '' : '  no other rule changes the order of the policies\n';
  const end = findings.length === 0 ? unchanged : sentences(findings, '  ! ');
  return `${head}\n${sensitivityTable(result).text(colours)}${end}`;
}

function sensitivityTable({ sensitivity, policies }: CompareResult): Table {
  const table = new Table([
    { title: 'rules' },
    ...policies.map(({ name }): Column => ({ title: name, align: 'right' })),
    { title: 'ties a decision, in this order' },
  ]);
  for (let first = 0; first < sensitivity.length; first += policies.length) {
    const rows = sensitivity.slice(first, first + policies.length);
    const ties = rows.map(({ tiesMean }) => showNumber(tiesMean)).join(' · ');
    table.add([describeRules((rows[0] as SensitivityRow).rules), ...rows.map(({ mean }) => showNumber(mean)), ties]);
  }
  return table;
}

function endText(result: CompareResult, { reproduce }: CompareView): string {
  const broken = result.broken.map((each) => `broken: ${each.case}: ${each.cause.split('\n')[0]}\n`).join('');
  return `${broken}again: ${reproduce}\ndigest: ${result.digest}\nverdict: ${verdictLine(result)}\n`;
}

function sentences(list: readonly string[], lead: string): string {
  return list.map((text) => `${lead}${text}\n`).join('');
}
