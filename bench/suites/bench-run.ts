/**
 * `seatrial bench run`: runs suites, shows and keeps what they gave.
 */

import { changedSince, replayMarks } from '../campaign/replay-marks.ts';
import type { BenchArgs } from '../cli/bench.ts';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import { checkFolderFlag } from '../cli/folder-flag.ts';
import { listOutput } from '../cli/output-args.ts';
import { reportFiles, showReport } from '../cli/report-output.ts';
import { formatSeeds } from '../cli/seeds.ts';
import { shellLine } from '../cli/shell-line.ts';
import { CLI_CODES, ProblemList } from '../cli/user-error.ts';
import type { Metric } from '../report/metrics-csv.ts';
import { RunFolder } from '../report/run-folder.ts';
import { stableJson } from '../report/stable-json.ts';
import { Table } from '../report/table.ts';
import { findSuites } from './find-suites.ts';
import type { Suite } from './load-suite.ts';
import { runSuite, type SuiteRun, suiteCaseId } from './run-suite.ts';
import { selectBenchmarks } from './select.ts';
import { suiteReport } from './suite-report.ts';

/** Runs one suite. @throws UserError with all problems of the file, and when nothing matches. */
export async function benchRun(args: BenchArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const problems = new ProblemList();
  const files = reportFiles(args, run, problems);
  checkFolderFlag('results', args.results, problems);
  const suite = oneSuite(args, run, problems);
  problems.throwIfErrors();
  if (suite === null) throw new Error('a suite was loaded without a problem and is not there');
  const seeds = args.seed ?? suite.seeds;
  if (args['dry-run']) {
    run.io.out(plan(suite, seeds, args, run));
    return EXIT.yes;
  }
  run.io.err(changedSince(args, suite.inputs));
  const startedAt = new Date();
  const name = { command: 'bench', subject: suite.name, seeds };
  const folder = args.results === null ? null : RunFolder.create(args.results, name);
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  let result: SuiteRun;
  try {
    result = await runSuite({
      suite,
      seeds,
      workers: args.workers,
      caseTimeoutMs: Math.ceil(args.timeout / 1000),
      signal: interrupt.signal,
      onProgress: (begun, count) => progress.update(() => `${suite.name}: ${begun} of ${count} cases`),
    });
  } finally {
    interrupt.release();
    progress.finish();
  }
  const context = { strict: args.strict, interrupted: interrupt.exitCode, reproduce: againLine(args, suite, seeds) };
  const report = suiteReport(result, context);
  const { exitCode } = report.result.summary;
  showReport(args.output, files, report, run);
  if (folder !== null) {
    folder.writeResult(report.result);
    folder.writeMetrics(hostMetrics(result));
    folder.writeRun({
      argv: run.argv,
      startedAt,
      finishedAt: new Date(),
      workers: args.workers,
      exitCode,
      complete: result.complete && exitCode !== EXIT.broken,
    });
    if (!args.quiet) run.io.err(`results: ${folder.path}\n`);
  }
  return exitCode as ExitCode;
}

function oneSuite(args: BenchArgs, run: CommandRun, problems: ProblemList): Suite | null {
  const words = args.paths ?? [];
  if (words.length === 0) {
    problems.error({}, CLI_CODES.missingArgument, 'bench run needs a suite: a file, or a name that bench list shows');
    return null;
  }
  const suites = findSuites(words, run.io.cwd, problems);
  if (suites.length > 1) {
    const names = suites.map(({ name }) => name).join(', ');
    problems.error({}, CLI_CODES.badValue, `bench run takes one suite, these are ${suites.length}: ${names}`);
  }
  const [suite] = suites;
  if (suite === undefined) return null;
  const selected = selectBenchmarks(suite, args);
  if (selected.benchmarks.length === 0) {
    const hint = `benchmarks: ${suite.benchmarks.map(({ id }) => id).join(', ')}`;
    problems.error({}, CLI_CODES.noInput, `no benchmark of ${suite.name} matches`, { hint });
  }
  return selected;
}

function againLine(args: BenchArgs, { inputs }: Suite, seeds: readonly number[]): string {
  return shellLine([
    ...['seatrial', 'bench', 'run', ...(args.paths ?? [])],
    ...(args.grep === undefined ? [] : ['--grep', args.grep]),
    ...(args.tag === undefined ? [] : [`--tag=${args.tag}`]),
    ...(args.seed === undefined ? [] : ['--seed', formatSeeds(seeds)]),
    ...(args.strict ? ['--strict'] : []),
    ...replayMarks(inputs),
  ]);
}

function plan(suite: Suite, seeds: readonly number[], args: BenchArgs, run: CommandRun): string {
  const output = listOutput(args.output, 'bench run --dry-run');
  const cases = suite.benchmarks.flatMap((benchmark) =>
    seeds.map((seed) => ({ id: suiteCaseId(benchmark, seed), seed, benchmark })),
  );
  if (output === 'json') {
    return stableJson({
      schema: 'seatrial/suite-plan/v1',
      suite: suite.name,
      cases: cases.map(({ id, seed, benchmark: { scenarioFile, policy, size, tags } }) => {
        return { id, seed, scenario: scenarioFile, policy, size, tags };
      }),
    });
  }
  const table = new Table([{ title: 'case' }, { title: 'scenario' }, { title: 'policy' }, { title: 'tags' }]);
  for (const { id, benchmark } of cases) {
    table.add([id, benchmark.scenarioFile, benchmark.policy, benchmark.tags.join(', ')]);
  }
  const count = `${cases.length} ${cases.length === 1 ? 'case' : 'cases'}; nothing was run\n`;
  return `${output === 'markdown' ? table.markdown() : table.text(run.colours)}\n${count}`;
}

/** Numbers of this execution: everything else is in result.json. */
function hostMetrics(result: SuiteRun): Metric[] {
  const metrics = [...result.hostMs].map(([subject, value]): Metric => {
    return { subject, seed: '', name: 'case', kind: 'host', unit: 'ms', value };
  });
  return [...metrics, { subject: '', seed: '', name: 'elapsed', kind: 'host', unit: 'ms', value: result.elapsedMs }];
}
