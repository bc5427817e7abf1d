/**
 * What the gate judges: a suite that it runs now, or a result that somebody ran before.
 */
import { isOfKind } from '../../scenarios/own-files.ts';
import type { CommandRun } from '../cli/command.ts';
import type { GateArgs } from '../cli/gate.ts';
import { shellLine } from '../cli/shell-line.ts';
import { inputName, readStandardInput } from '../cli/standard-input.ts';
import { CLI_CODES, type ProblemList } from '../cli/user-error.ts';
import { JSON_BYTES_MAX, readJsonFile } from '../report/json-file.ts';
import type { ProgressWriter } from '../report/progress.ts';
import { type ResultDocument, resultSchema } from '../report/result.ts';
import { findSuites } from '../suites/find-suites.ts';
import type { Suite } from '../suites/load-suite.ts';
import { runSuite } from '../suites/run-suite.ts';
import { selectBenchmarks } from '../suites/select.ts';
import { suiteReport } from '../suites/suite-report.ts';

const DEFAULT_SUITE = 'smoke';
/** The bug switch that wastes about 5 % of one counter and changes nothing else. */
const PLANTED_WASTE = 'api.watch-predicate-twice';

/** Something to judge. */
export interface GateInput {
  /** Name of the suite; '' for a result of none. */
  readonly suite: string;
  /** Gives the result, by running it if need be. */
  result(signal: AbortSignal, progress: ProgressWriter): Promise<ResultDocument>;
}

/** Reads what the command line names; null after problems. */
export function gateInput(args: GateArgs, run: CommandRun, problems: ProblemList): GateInput | null {
  const what = args.what ?? DEFAULT_SUITE;
  const isResult = what === '-' ? !isOfKind(readStandardInput(JSON_BYTES_MAX), 'Suite') : what.endsWith('.json');
  return isResult ? fromFile(what, problems) : fromSuite(what, args, run, problems);
}

function fromFile(given: string, problems: ProblemList): GateInput | null {
  const hint = 'expected the result.json of bench run or run, or what -o json gave';
  const file = inputName(given);
  const value = readJsonFile(given, problems, { code: 'GATE-010', hint, absent: 'problem' });
  if (value === undefined) return null;
  const parsed = resultSchema.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues.slice(0, 5)) {
      problems.error({ file }, 'GATE-011', `${issue.path.join('.') || 'the file'}: ${issue.message}`, { hint });
    }
    return null;
  }
  if (!parsed.data.summary.complete) {
    problems.error({ file }, 'GATE-012', 'the result is marked incomplete: cases are missing', {
      hint: 'run it again',
    });
    return null;
  }
  return { suite: parsed.data.suite.id, result: async () => parsed.data };
}

function fromSuite(what: string, args: GateArgs, run: CommandRun, problems: ProblemList): GateInput | null {
  const [suite, second] = findSuites([what], run.io.cwd, problems);
  if (second !== undefined) problems.error({}, CLI_CODES.badValue, `the gate takes one suite, ${what} holds several`);
  if (suite === undefined) return null;
  const selected = selectBenchmarks(suite, args);
  if (selected.benchmarks.length === 0) {
    const hint = `benchmarks: ${suite.benchmarks.map(({ id }) => id).join(', ')}`;
    problems.error({}, CLI_CODES.noInput, `no benchmark of ${suite.name} matches`, { hint });
    return null;
  }
  return { suite: suite.name, result: (signal, progress) => runNow(selected, args, signal, progress) };
}

async function runNow(
  suite: Suite,
  args: GateArgs,
  signal: AbortSignal,
  progress: ProgressWriter,
): Promise<ResultDocument> {
  const suiteRun = await runSuite({
    suite,
    seeds: suite.seeds,
    workers: args.workers,
    caseTimeoutMs: Math.ceil(args.timeout / 1000),
    bugs: args.plant === 'work' ? [PLANTED_WASTE] : [],
    signal,
    onProgress: (begun, count) => progress.update(() => `${suite.name}: ${begun} of ${count} cases`),
  });
  const reproduce = shellLine(['seatrial', 'bench', 'run', suite.file]);
  return suiteReport(suiteRun, { strict: false, interrupted: undefined, reproduce }).result;
}
