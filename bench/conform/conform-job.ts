/**
 * The work of `seatrial conform`: lists the cases of a folder, runs those asked for, prints what differs and the count.
 *
 * Always: exit 0 only when nothing failed and at least one case passed; data without a case is a user error (exit 2), so
 * that a mistyped path or glob never looks like agreement.
 */

import { printable } from '../../core/base/printable.ts';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import type { ConformArgs } from '../cli/conform.ts';
import { EXIT, type ExitCode } from '../cli/exit.ts';
import { checkFolderFlag } from '../cli/folder-flag.ts';
import { CLI_CODES, ProblemList, userError } from '../cli/user-error.ts';
import { stableJson } from '../report/stable-json.ts';
import { Table } from '../report/table.ts';
import type { ConformCase, ConformFormat } from './format.ts';
import { FORMATS, type FormatEntry } from './formats.ts';
import { type CaseReport, type CaseRun, closingLine, runCases, selectCases } from './run-cases.ts';

/** Case names shown when a glob matches none. */
const NAMES_SHOWN = 3;

/** Replays the cases. @throws UserError for an unknown format, unreadable data, and when no case is left to run. */
export async function conformJob(args: ConformArgs & GlobalArgs, run: CommandRun): Promise<ExitCode> {
  const entry = formatEntry(args.format ?? '');
  const problems = new ProblemList();
  checkFolderFlag('pictures', args.pictures, problems);
  problems.throwIfErrors();
  const { format } = await entry.load();
  const cases = casesOf(entry, format, args);
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  let failed = 0;
  const onCase = ({ name, outcome }: CaseReport, doneCount: number, caseCount: number): void => {
    progress.update(() => `${doneCount} of ${caseCount} cases, ${failed} failed`);
    if (outcome.passed) return;
    failed++;
    if (args.output !== 'text') return;
    progress.clear();
    run.io.out(`${run.colours.red('failed')} ${name}: ${shown(outcome.difference)}\n`);
  };
  let result: CaseRun;
  let summary = '';
  try {
    result = await runCases(cases, onCase, () => interrupt.signal.aborted, format.concurrency);
  } finally {
    summary = (await format.finish?.()) ?? '';
    interrupt.release();
    progress.finish();
  }
  run.io.out(args.output === 'json' ? show(args, result) : summary + show(args, result));
  return interrupt.exitCode ?? (result.failed === 0 && result.passed > 0 ? EXIT.yes : EXIT.finding);
}

/** A difference quotes recorded text: everything but its lines and tabs is made harmless. */
function shown(difference: string): string {
  return difference.split('\t').map(printable).join('\t');
}

function formatEntry(name: string): FormatEntry {
  const found = FORMATS.find((format) => format.name === name);
  if (found !== undefined) return found;
  const problems = new ProblemList();
  problems.unknownName(
    {},
    CLI_CODES.badValue,
    'format',
    name,
    FORMATS.map((format) => format.name),
  );
  problems.throwIfErrors();
  throw new Error('unreachable: an unknown format is an error');
}

function casesOf(entry: FormatEntry, format: ConformFormat, args: ConformArgs): readonly ConformCase[] {
  const { paths = [], only, runs, seed } = args;
  if (paths.length === 0 && entry.isLive !== true) {
    throw userError({
      code: CLI_CODES.missingArgument,
      message: `conform ${entry.name} needs a file or folder of recorded data`,
      hint: `seatrial conform ${entry.name} PATH`,
    });
  }
  if (paths.length > 0 && entry.isLive === true) {
    throw userError({
      code: CLI_CODES.badValue,
      message: `conform ${entry.name} reads no data, so not ${paths.join(' ')} either: its cases are generated`,
      hint: `${entry.about}; --runs and --seed say how many and which`,
    });
  }
  const all: ConformCase[] = [];
  const problems = new ProblemList();
  for (const path of entry.isLive === true ? [''] : paths) {
    const found = problems.collect(() => format.cases(path, { picturesDir: args.pictures, runs, seed }));
    if (found?.length === 0) {
      problems.error({}, CLI_CODES.noInput, `${path} holds no ${entry.name} data`, { hint: entry.about });
    }
    for (const each of found ?? []) all.push(each);
  }
  problems.throwIfErrors();
  const selected = only === undefined ? all : selectCases(all, only);
  if (selected.length === 0) {
    const names = all.slice(0, NAMES_SHOWN).map(({ name }) => name);
    throw userError({
      code: CLI_CODES.noInput,
      message: `--only "${only}" matches none of ${all.length} cases`,
      hint: `names look like ${names.join(', ')}`,
    });
  }
  return selected;
}

function show(args: ConformArgs, run: CaseRun): string {
  const closing = closingLine(run, args.only !== undefined);
  if (args.output === 'json') return stableJson(asData(args, run));
  if (args.output === 'text') return `${closing}\n`;
  const table = new Table([{ title: 'case' }, { title: 'outcome' }, { title: 'first difference' }]);
  for (const { name, outcome } of run.reports) {
    table.add([name, outcome.passed ? 'passed' : 'failed', outcome.passed ? '' : outcome.difference]);
  }
  return `${table.markdown()}\n${closing}\n`;
}

function asData({ format, paths = [], only }: ConformArgs, { reports, passed, failed, complete }: CaseRun): object {
  return {
    schema: 'seatrial/conform/v1',
    format,
    paths,
    only: only ?? null,
    passed,
    failed,
    complete,
    cases: reports.map(({ name, outcome }) => ({
      name,
      outcome: outcome.passed ? 'passed' : 'failed',
      difference: outcome.passed ? null : outcome.difference,
    })),
  };
}
