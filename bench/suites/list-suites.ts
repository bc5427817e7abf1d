/**
 * `seatrial bench list`: the suites that come with seatrial, or those of files and folders.
 */
import type { BenchArgs } from '../cli/bench.ts';
import type { CommandRun } from '../cli/command.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import { listOutput } from '../cli/output-args.ts';
import { formatSeeds } from '../cli/seeds.ts';
import { ProblemList } from '../cli/user-error.ts';
import { stableJson } from '../report/stable-json.ts';
import { Table } from '../report/table.ts';
import { findSuites, shippedSuites } from './find-suites.ts';
import type { Suite } from './load-suite.ts';
import { selectBenchmarks } from './select.ts';

/** Prints the suites. @throws UserError with all problems of all files. */
export async function listSuites(args: BenchArgs, run: CommandRun): Promise<ExitCode> {
  const output = listOutput(args.output, 'bench list');
  const problems = new ProblemList();
  const { cwd } = run.io;
  const words = args.paths ?? [];
  const files = words.length === 0 ? [...shippedSuites(cwd).values()] : words;
  const suites = findSuites(files, cwd, problems).map((suite) => selectBenchmarks(suite, args));
  problems.throwIfErrors();
  if (output === 'json') {
    run.io.out(stableJson({ schema: 'seatrial/suites/v1', suites: suites.map(suiteJson) }));
    return EXIT.yes;
  }
  const table = new Table([
    { title: 'suite' },
    { title: 'file' },
    { title: 'benchmarks', align: 'right' },
    { title: 'cases', align: 'right' },
    { title: 'tags' },
    { title: 'about' },
  ]);
  for (const suite of suites) {
    const { name, file, benchmarks, about } = suite;
    table.add([
      name,
      file,
      `${benchmarks.length}`,
      `${benchmarks.length * suite.seeds.length}`,
      tagsOf(suite).join(', '),
      about,
    ]);
  }
  run.io.out(output === 'markdown' ? table.markdown() : table.text(run.colours));
  return EXIT.yes;
}

function tagsOf({ benchmarks }: Suite): string[] {
  return [...new Set(benchmarks.flatMap(({ tags }) => tags))].sort();
}

function suiteJson(suite: Suite): object {
  return {
    name: suite.name,
    file: suite.file,
    about: suite.about,
    seeds: formatSeeds(suite.seeds),
    benchmarks: suite.benchmarks.map(({ id, scenarioFile, policy, size, tags, objectives }) => {
      return { id, scenario: scenarioFile, policy, size, tags, objectives: objectives.map(({ text }) => text) };
    }),
  };
}
