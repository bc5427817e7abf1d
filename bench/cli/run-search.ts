/**
 * The work of `seatrial search`: reads the target, replays the corpus, searches, writes each finding as a scenario file.
 */
import path from 'node:path';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { basePlanOf, withoutFaults } from '../../core/chaos/search/base-plan.ts';
import { undisturbed } from '../../core/chaos/search/undisturbed.ts';
import { knownBugs } from '../../core/cluster/declared.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { loadScenarios } from '../campaign/load-scenarios.ts';
import { replayLine } from '../campaign/replay-line.ts';
import { createFolder, writeFileAtomic } from '../report/atomic-file.ts';
import { countOf } from '../report/counted.ts';
import { RunFolder } from '../report/run-folder.ts';
import { stableJson } from '../report/stable-json.ts';
import { corpusLine, corpusName, replayCorpus, targetKey } from '../search/corpus.ts';
import { type MutationResult, runMutation } from '../search/mutation-job.ts';
import { type Finding, runSearch, type SearchResult } from '../search/search-job.ts';
import { mutationDocument, searchDocument } from '../search/search-result.ts';
import { isFound, mutationText, type ShownFinding, searchText } from '../search/search-text.ts';
import { storyFiles } from '../story/write-story.ts';
import { prepareTrial } from '../trial/prepare.ts';
import { checkDeterminism } from '../user-modules/check-determinism.ts';
import { guardedRun } from '../user-modules/guarded-run.ts';
import { keepModules } from '../user-modules/keep-modules.ts';
import { loadOperators } from '../user-modules/operators.ts';
import type { CommandRun, GlobalArgs } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { checkFolderFlag } from './folder-flag.ts';
import { CORPUS_DEFAULT, type SearchArgs } from './search.ts';
import { isScenarioInput, readStandardInput } from './standard-input.ts';
import { typedFlags } from './typed-flags.ts';
import { CLI_CODES, formatProblems, ProblemList } from './user-error.ts';

/** Cases of a search about whose number nothing is said. */
const RUNS_DEFAULT = 200;
/** Swarm cases spent on each planted bug. */
const MUTANT_RUNS_DEFAULT = 20;

/** Flags that say something of a search over a target only. */
const OF_TARGETS = ['budget', 'bug', 'shrink', 'corpus', 'results', 'verbose'] as const;

type Args = SearchArgs & GlobalArgs;

/** Searches and returns the exit code. @throws UserError with all problems. */
export async function search(args: Args, run: CommandRun): Promise<ExitCode> {
  const seed = oneSeed(args, run);
  if (args.profile === 'mutation') return await mutation(args, seed, run);
  const base = readBase(args, run);
  const profile = args.profile;
  await loadOperators([base]);
  checkDeterminism(base, seed, args.timeout);
  const startedAt = new Date();
  const [only = ''] = args.target?.length === 1 ? args.target : [];
  const subject = only === '-' ? 'stdin' : only;
  const folder =
    args.results === null ? null : RunFolder.create(args.results, { command: 'search', subject, seeds: [seed] });
  const target = targetKey(base);
  const searched = isDrawnFromManifests(args) ? withoutHopeless(base, seed, args, run) : base;
  const corpusFails = replayCorpus({
    folder: args.corpus === undefined ? CORPUS_DEFAULT : args.corpus,
    target,
    caseTimeoutUs: args.timeout,
    onLine: (line) => {
      if (!args.quiet || line.startsWith('warning')) run.io.err(`${line}\n`);
    },
  });
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  let result: SearchResult;
  try {
    result = await runSearch({
      spec: { profile, base: searched, seed },
      runsMax: args.runs ?? (profile === 'pattern' || args.budget > 0 ? Number.POSITIVE_INFINITY : RUNS_DEFAULT),
      budgetMs: Math.ceil(args.budget / 1000),
      workers: args.workers,
      caseTimeoutMs: Math.ceil(args.timeout / 1000),
      shrinkRunsMax: args.shrink,
      signal: interrupt.signal,
      onProgress: (text) => progress.update(() => text),
    });
  } finally {
    interrupt.release();
    progress.finish();
  }
  const shown = result.findings.map((finding) => keepFinding(finding, seed, folder, target, args));
  const exitCode = interrupt.exitCode ?? exitOf(result, corpusFails);
  const flags = { runs: args.budget > 0 ? result.runs : args.runs, bug: args.bug, shrink: args.shrink };
  const context = { paths: args.target ?? [], profile, seed, flags, corpusFails, exitCode };
  const document = searchDocument(result, shown, context);
  run.io.out(
    args.output === 'json'
      ? stableJson(document)
      : `${searchText(result, shown, args.verbose, run.colours)}${corpusLine(corpusFails)}`,
  );
  if (folder !== null) {
    folder.writeResult(document);
    folder.writeRun({
      argv: run.argv,
      startedAt,
      finishedAt: new Date(),
      workers: args.workers,
      exitCode,
      complete: result.complete,
    });
    if (!args.quiet) run.io.err(`results: ${folder.path} (${hostTime(result)})\n`);
  }
  return exitCode;
}

function oneSeed(args: Args, run: CommandRun): number {
  const problems = new ProblemList();
  if (args.seed.length !== 1) problems.error({}, CLI_CODES.badValue, `search takes one seed, not ${args.seed.length}`);
  const bugs = knownBugs();
  if (args.bug !== undefined && !bugs.includes(args.bug)) {
    problems.unknownName({}, CLI_CODES.badValue, 'bug switch', args.bug, bugs, 'seatrial list bugs shows all');
  }
  for (const flag of typedFlags(run.argv, ['from', 'to'])) {
    problems.error({}, CLI_CODES.conflict, `--${flag} does nothing without --threshold`);
  }
  if (args.profile === 'mutation') {
    for (const flag of typedFlags(run.argv, OF_TARGETS)) {
      problems.error({}, CLI_CODES.conflict, `--${flag} does nothing beside --profile mutation`);
    }
  }
  checkFolderFlag('results', args.results, problems);
  checkFolderFlag('corpus', args.corpus, problems);
  const targets = args.target?.length ?? 0;
  if (args.profile === 'mutation' && targets > 0) {
    problems.error({}, CLI_CODES.conflict, 'the mutation profile has its own workloads and takes no target');
  }
  if (args.profile !== 'mutation' && targets === 0) {
    problems.error({}, CLI_CODES.noInput, 'search needs manifests or a scenario file', {
      hint: 'seatrial search ./k8s, or seatrial search --profile mutation',
    });
  }
  problems.throwIfErrors();
  return args.seed[0] as number;
}

/** The plan of the target, without its faults but for `orders`: a scenario's own, or one made for manifests. */
function readBase(args: Args, run: CommandRun): ScenarioPlan {
  const paths = args.target ?? [];
  const bugs = args.bug === undefined ? [] : [args.bug];
  if (!isDrawnFromManifests(args)) {
    const problems = new ProblemList();
    const [first] = loadScenarios(paths, problems).filter(({ twin }) => !twin);
    problems.throwIfErrors();
    if (problems.warnings.length > 0) run.io.err(`${formatProblems(problems.warnings)}\n`);
    const found = (first as NonNullable<typeof first>).plan;
    const plan = args.profile === 'orders' ? { ...found, expect: 'pass' as const } : withoutFaults(found);
    return { ...plan, bugs: [...plan.bugs, ...bugs] };
  }
  const { cluster, setup, warnings } = prepareTrial({
    paths,
    readStdin: readStandardInput,
    seeds: [1],
  });
  if (warnings.length > 0) run.io.err(`${formatProblems(warnings)}\n`);
  return { ...basePlanOf(setup.objects, cluster.description), bugs };
}

/** The plan without operations that fail without any fault, which is said. */
function withoutHopeless(base: ScenarioPlan, seed: number, args: Args, run: CommandRun): ScenarioPlan {
  const subject = { file: (args.target ?? []).join(' '), plan: base };
  const { plan, problems } = guardedRun(subject, args.timeout / 1000, () => undisturbed(base, seed));
  for (const problem of problems) run.io.err(`warning: ${problem}\n`);
  return plan;
}

/** A scenario's operations are its author's; those on manifests are this command's. */
function isDrawnFromManifests({ target = [] }: Args): boolean {
  return !(target.length === 1 && isScenarioInput(target[0] as string));
}

function keepFinding(
  finding: Finding,
  seed: number,
  folder: RunFolder | null,
  target: string,
  args: Args,
): ShownFinding {
  const slug = finding.signature.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const [predicate] = finding.signature.split(' ');
  const about = `${finding.message} (found by seatrial search --profile ${args.profile} --seed ${seed}, case ${finding.caseNumber})`;
  const plan = { ...finding.plan, name: slug, about, source: 'seatrial search', expect: { fail: predicate ?? '' } };
  const file = keepFiles(finding, plan, seed, folder, keptInCorpus(corpusName(slug, target, seed), args));
  return { signature: finding.signature, file, replay: file === '' ? '' : replayLine({ file, twin: false, seed }) };
}

/** The file of the corpus, '' for none: nothing is written to the default folder when no results are wanted. */
function keptInCorpus(name: string, { corpus, results }: Args): string {
  const folder = corpus === undefined ? (results === null ? null : CORPUS_DEFAULT) : corpus;
  return folder === null ? '' : path.join(folder, name);
}

/** Writes a finding to the run's folder, with its story, and to the corpus; gives its path, '' when both are left out. */
function keepFiles(
  { signature, shrinkRuns, unneeded }: Finding,
  plan: ScenarioPlan,
  seed: number,
  folder: RunFolder | null,
  kept: string,
): string {
  if (kept !== '') {
    createFolder(path.dirname(kept));
    writeFileAtomic(kept, scenarioText(plan, path.dirname(kept)));
  }
  if (folder === null) return kept;
  const stem = `${plan.name}-s${seed}`;
  const name = `${stem}.yaml`;
  // A bug of seatrial ends the run in the middle: there is no story to tell.
  const complete = keepModules(plan, folder.path);
  if (signature === 'bug') return folder.write(name, scenarioText(complete, folder.path));
  const shrinking = shrinkRuns === 0 ? null : { runs: shrinkRuns, complete: true, unneeded };
  const story = storyFiles(complete, seed, {
    folder: folder.path,
    stem,
    replay: replayLine({ file: name, twin: false, seed }),
    beside: true,
    shrinking,
  });
  folder.write(`${stem}.svg`, story.svg);
  folder.write(`${stem}.md`, story.markdown);
  return folder.write(name, story.yaml);
}

function exitOf({ findings, broken, canaryFound, complete }: SearchResult, corpusFails: number): ExitCode {
  if (broken.length > 0 || (complete && !canaryFound) || findings.some(({ signature }) => signature === 'bug'))
    return EXIT.broken;
  return findings.length > 0 || corpusFails > 0 ? EXIT.finding : EXIT.yes;
}

/** `24 runs and 61 more to shrink, in 9.4 s of host time`. */
function hostTime({ runs, findings, elapsedMs }: SearchResult): string {
  const toShrink = findings.reduce((sum, { shrinkRuns }) => sum + shrinkRuns, 0);
  const shrinking = toShrink === 0 ? '' : ` and ${toShrink} more to shrink,`;
  return `${countOf(runs, 'run')}${shrinking} in ${(elapsedMs / 1000).toFixed(1)} s of host time`;
}

async function mutation(args: Args, seed: number, run: CommandRun): Promise<ExitCode> {
  const interrupt = run.watchInterrupts();
  const progress = run.startProgress();
  try {
    const result = await runMutation({
      swarmRunsMax: args.runs ?? MUTANT_RUNS_DEFAULT,
      seed,
      workers: args.workers,
      caseTimeoutMs: Math.ceil(args.timeout / 1000),
      signal: interrupt.signal,
      onProgress: (text) => progress.update(() => text),
    });
    progress.finish();
    const exitCode = exitOfMutation(result, interrupt.exitCode);
    const context = { paths: [], profile: args.profile, seed, flags: { runs: args.runs }, exitCode };
    run.io.out(
      args.output === 'json' ? stableJson(mutationDocument(result, context)) : mutationText(result, run.colours),
    );
    return exitCode;
  } finally {
    interrupt.release();
    progress.finish();
  }
}

function exitOfMutation({ mutants, sound, broken, complete }: MutationResult, signal: ExitCode | undefined): ExitCode {
  if (broken.length > 0) return EXIT.broken;
  if (!complete) return signal ?? EXIT.interrupted;
  return sound.every(({ alarm }) => alarm === '') && mutants.every(isFound) ? EXIT.yes : EXIT.finding;
}
