/**
 * What `bench run` shows: a table a benchmark over its seeds, broken objectives, the verdict; and the same as a document.
 */
import type { ExitCode } from '../cli/exit.ts';
import { EXIT } from '../cli/exit.ts';
import { formatSeeds } from '../cli/seeds.ts';
import type { Colours } from '../report/colour.ts';
import type { Report } from '../report/formats.ts';
import { countStatuses, type ResultCase, type ResultDocument } from '../report/result.ts';
import { resultDocument } from '../report/result-parts.ts';
import { casesText, closingText, comparisonsText } from '../report/result-text.ts';
import { showValue } from '../report/result-values.ts';
import { type Cell, Table } from '../report/table.ts';
import { showVirtual } from '../report/virtual-time.ts';
import type { BenchmarkFigures, SuiteRun } from './run-suite.ts';

/** Counters that the table shows; the other formats have all. */
const COUNTERS_SHOWN = [
  ['sim.events', 'events'],
  ['store.commits', 'commits'],
  ['api.watch-events', 'watch events'],
  ['scheduler.nodes-evaluated', 'nodes evaluated'],
] as const;

/** What the run does not know about itself. */
export interface SuiteContext {
  readonly strict: boolean;
  /** Code of the signal that ended it, if one did. */
  readonly interrupted: ExitCode | undefined;
  readonly reproduce: string;
}

/** The run as a report. */
export function suiteReport(run: SuiteRun, context: SuiteContext): Report {
  const result = suiteResult(run, context);
  return {
    result,
    text: (colours) => suiteText(run, result, colours),
    hostMs: (id) => run.hostMs.get(id),
  };
}

function suiteResult(run: SuiteRun, context: SuiteContext): ResultDocument {
  const exitCode = exitOf(run, context);
  return resultDocument({
    command: 'bench run',
    suite: { id: run.suite.name, digest: run.digest },
    cases: run.cases,
    comparisons: run.objectives,
    verdict: verdictLine(run, exitCode),
    exitCode,
    complete: run.complete,
    reproduce: context.reproduce,
    own: {
      seeds: formatSeeds(run.seeds),
      benchmarks: run.benchmarks.map(({ benchmark, podStartupUs, recoveryUs }) => {
        const { id, scenarioFile, policy, size, tags } = benchmark;
        return { id, scenario: scenarioFile, policy, size, tags, podStartupUs, recoveryUs };
      }),
    },
  });
}

function exitOf(run: SuiteRun, { strict, interrupted }: SuiteContext): ExitCode {
  const counts = countStatuses(run.cases);
  if (counts.broken > 0) return EXIT.broken;
  if (!run.complete) return interrupted ?? EXIT.broken;
  if (counts.fail > 0 || run.objectives.some(({ verdict }) => verdict === 'fail')) return EXIT.finding;
  return strict && counts.inconclusive > 0 ? EXIT.noAnswer : EXIT.yes;
}

function verdictLine(run: SuiteRun, exitCode: ExitCode): string {
  const counts = countStatuses(run.cases);
  const missed = run.objectives.filter(({ verdict }) => verdict === 'fail').length;
  const word =
    counts.broken > 0
      ? 'broken'
      : !run.complete
        ? 'incomplete'
        : exitCode === EXIT.finding
          ? 'not as expected'
          : 'as expected';
  const details = [
    `${run.cases.length - counts.missing} of ${run.cases.length} cases run`,
    `${counts.fail} not as expected`,
    `${missed} of ${run.objectives.length} objectives missed`,
    ...(counts.broken > 0 ? [`${counts.broken} broken`] : []),
  ];
  return `verdict: ${word} (${details.join(', ')})`;
}

function suiteText(run: SuiteRun, result: ResultDocument, colours: Colours): string {
  return [
    `${run.suite.name}: ${run.suite.about}\n\n`,
    benchmarkTable(run, colours),
    '\n',
    casesText(run.cases, colours),
    comparisonsText(run.objectives, colours),
    closingText(result, colours),
  ].join('');
}

function benchmarkTable(run: SuiteRun, colours: Colours): string {
  const table = new Table([
    { title: 'benchmark' },
    { title: 'came out' },
    { title: 'cases', align: 'right' },
    { title: 'pod start p50', align: 'right' },
    { title: 'p99', align: 'right' },
    { title: 'recovery max', align: 'right' },
    ...COUNTERS_SHOWN.map(([, title]) => ({ title, align: 'right' as const })),
  ]);
  const badFirst = [...run.benchmarks].sort((left, right) => badness(right) - badness(left));
  for (const figures of badFirst) table.add(rowOf(figures));
  return table.text(colours);
}

function badness({ cases }: BenchmarkFigures): number {
  const { broken, fail, missing } = countStatuses(cases);
  return (broken * 100 + fail * 10 + missing) / cases.length;
}

function rowOf({ benchmark, cases, podStartupUs }: BenchmarkFigures): Cell[] {
  return [
    benchmark.id,
    cameOut(cases),
    `${cases.length}`,
    showVirtual(podStartupUs['p50'] ?? null),
    showVirtual(podStartupUs['p99'] ?? null),
    showVirtual(longestRecovery(cases)),
    ...COUNTERS_SHOWN.map(([name]) => showValue(cases.reduce((sum, each) => sum + (each.counters[name] ?? 0), 0))),
  ];
}

/** Of the cases' own figures: a histogram's largest is the top of a bucket. */
function longestRecovery(cases: readonly ResultCase[]): number | null {
  const found = cases.flatMap(({ metrics }) => metrics.find(({ name }) => name === 'recovery-max-us')?.value ?? []);
  return found.length === 0 ? null : Math.max(...found);
}

function cameOut(cases: readonly ResultCase[]): Cell {
  const counts = Object.entries(countStatuses(cases)).filter(([, count]) => count > 0);
  const text = counts.map(([status, count]) => (count === cases.length ? status : `${count} ${status}`)).join(', ');
  const good = cases.every(({ status }) => status === 'pass' || status === 'inconclusive');
  return { text, style: (shown, colours) => (good ? colours.green(shown) : colours.red(shown)) };
}
