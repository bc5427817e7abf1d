/**
 * What `seatrial trial` does with a valid command line: list, dry run, or the battery with its card, folder and exit code.
 */
import type { ArgumentsCamelCase } from 'yargs';
import { formatProblem } from '../../scenarios/problem.ts';
import { changedSince } from '../campaign/replay-marks.ts';
import type { CommandRun, GlobalArgs } from '../cli/command.ts';
import { EXIT, type ExitCode, winningExit } from '../cli/exit.ts';
import { checkFolderFlag, checkWritable } from '../cli/folder-flag.ts';
import { type ListOutput, listOutput } from '../cli/output-args.ts';
import { reportFiles, showReport } from '../cli/report-output.ts';
import { readStandardInput } from '../cli/standard-input.ts';
import type { TrialArgs as OwnArgs } from '../cli/trial.ts';
import { CLI_CODES, ProblemList, userError } from '../cli/user-error.ts';
import { countOf } from '../report/counted.ts';
import type { Report } from '../report/formats.ts';
import type { ProgressWriter } from '../report/progress.ts';
import { RunFolder } from '../report/run-folder.ts';
import { stableJson } from '../report/stable-json.ts';
import { Table } from '../report/table.ts';
import { TRIALS } from './battery.ts';
import type { CardRow } from './card.ts';
import { type CardView, cardMarkdown, cardText, plainVerdict } from './card-report.ts';
import { cardResult } from './card-result.ts';
import { dryRunReport } from './dry-run.ts';
import { pendingLines } from './pending-lines.ts';
import { DEFAULT_SEED_COUNT, type PreparedTrial, prepareTrial, type TrialRequest } from './prepare.ts';
import { replayLine } from './replay.ts';
import { rowLines } from './row-lines.ts';
import { type ReportCard, runTrial, trialInputs } from './run-trial.ts';

type TrialArgs = ArgumentsCamelCase<OwnArgs & GlobalArgs>;

/** Runs the command. @throws UserError, ToolFailure. */
export async function trialJob(args: TrialArgs, run: CommandRun): Promise<ExitCode> {
  if (args.list) {
    run.io.out(listReport(args, listOutput(args.output, '--list'), run));
    return EXIT.yes;
  }
  const request = requestOf(args);
  if (args.dryRun) {
    const output = listOutput(args.output, '--dry-run');
    const prepared = prepareTrial(request);
    showWarnings(prepared, run);
    run.io.out(dryRunReport(prepared, { output, verbose: args.verbose }, run.colours));
    return EXIT.yes;
  }
  return await runBattery(args, run, request);
}

async function runBattery(args: TrialArgs, run: CommandRun, request: TrialRequest): Promise<ExitCode> {
  const problems = new ProblemList();
  const files = reportFiles(args, run, problems);
  checkFolderFlag('results', args.results, problems);
  problems.throwIfErrors();
  const startedAt = new Date();
  const progress = run.startProgress();
  const interrupt = run.watchInterrupts();
  let folder: RunFolder | null = null;
  const folderFor = (subject: string, results: string): RunFolder => {
    folder ??= RunFolder.create(results, { command: 'trial', subject, seeds: request.seeds });
    return folder;
  };
  let input = '-';
  const keepInput = (text: string, name: string): string => {
    input = folderFor(name, args.results ?? '').write('input.yaml', text);
    return input;
  };
  let ready: PreparedTrial | undefined;
  try {
    const { card, exit, replays } = await runTrial({
      ...request,
      tolerateUs: args.tolerate,
      workers: args.workers,
      failOn: args.failOn,
      strict: args.strict,
      signal: interrupt.signal,
      keepInput: args.results === null ? undefined : keepInput,
      onPrepared: (prepared) => {
        ready = prepared;
        checkWritable(args.results);
        announce(prepared, args, run);
      },
      replays: args.results !== null || args.output === 'html' || files.some(({ format }) => format === 'html'),
      onRows: args.quiet ? undefined : rowsShower(run, progress),
      onProgress: (done, count) => progress.update(() => `${done} of at most ${count} cases`),
    });
    progress.finish();
    const code =
      interrupt.exitCode === undefined
        ? exit
        : winningExit([interrupt.exitCode, card.broken.length > 0 ? EXIT.broken : EXIT.yes]);
    const kept = args.results === null ? null : folderFor(ready?.input.subject ?? '', args.results);
    const pending = kept === null || ready === undefined ? new Map() : pendingLines(card, ready.setup, kept);
    const inputs = ready === undefined ? '' : trialInputs(ready);
    const report = {
      ...reportOf(card, { ...args, cluster: args.cluster === '-' ? input : args.cluster }, inputs, code, pending),
      page: () => ({ curves: [], replays }),
    };
    showReport(args.output, files, report, run);
    if (kept === null) return code;
    kept.writeResult(report.result);
    kept.writeReplays(replays);
    kept.writeRun({
      argv: run.argv,
      startedAt,
      finishedAt: new Date(),
      workers: args.workers,
      exitCode: code,
      complete: card.complete,
    });
    if (!args.quiet) run.io.err(`results: ${kept.path}\n`);
    return code;
  } finally {
    progress.finish();
    interrupt.release();
  }
}

function requestOf(args: TrialArgs): TrialRequest {
  const { paths = [] } = args;
  if (paths.length === 0) {
    throw userError({
      code: CLI_CODES.missingArgument,
      message: 'trial needs a file, a folder, or - for standard input',
    });
  }
  if (args.seed !== undefined && args.seeds !== undefined) {
    throw userError({ code: CLI_CODES.conflict, message: '--seed and --seeds exclude each other' });
  }
  const count = args.seeds ?? DEFAULT_SEED_COUNT;
  return {
    paths,
    readStdin: readStandardInput,
    nodes: args.nodes,
    zones: args.zones,
    clusterFile: args.cluster,
    only: args.only,
    assume: args.assume,
    seeds: args.seed ?? Array.from({ length: count }, (_, index) => index + 1),
  };
}

function showWarnings({ warnings }: PreparedTrial, run: CommandRun): void {
  for (const problem of warnings) run.io.err(`${formatProblem(problem)}\n`);
}

function announce(prepared: PreparedTrial, args: TrialArgs, run: CommandRun): void {
  showWarnings(prepared, run);
  run.io.err(changedSince(args, trialInputs(prepared)));
  if (args.quiet) return;
  run.io.err(`${countOf(prepared.setup.workloads.length, 'workload')} on ${prepared.cluster.text}\n`);
}

/** Shows the rows of a trial as soon as it is done, on standard error; the card has them all in order. */
function rowsShower(run: CommandRun, progress: ProgressWriter): (rows: readonly CardRow[]) => void {
  const told = new Set<string>();
  return (rows) => {
    progress.clear();
    run.io.err(rowLines(rows, told).join(''));
  };
}

function reportOf(
  card: ReportCard,
  args: TrialArgs,
  inputs: string,
  exitCode: ExitCode,
  pending: CardView['pending'],
): Report {
  const { only, seed, nodes, zones, cluster: clusterFile, tolerate: tolerateUs, failOn, strict, assume } = args;
  const request = { only, nodes, zones, clusterFile, tolerateUs, failOn, strict, assume, inputs };
  const view = { showDigest: only !== undefined || seed !== undefined, verbose: args.verbose, pending };
  const reproduce = replayLine({ ...request, paths: card.paths, seeds: card.seeds });
  return {
    result: cardResult(card, { exitCode, verdict: plainVerdict(card), failOn: args.failOn, reproduce }),
    text: (colours) => cardText(card, colours, view),
    markdown: () => cardMarkdown(card, view),
  };
}

function listReport(args: TrialArgs, output: ListOutput, run: CommandRun): string {
  const trials = TRIALS.filter(({ name }) => args.only?.includes(name) ?? true);
  if (output === 'json') return stableJson(trials.map(({ name, about }) => ({ name, about })));
  const table = new Table([{ title: 'trial' }, { title: 'what happens' }]);
  for (const { name, about } of trials) table.add([name, about]);
  return output === 'markdown' ? table.markdown() : table.text(run.colours);
}
