/**
 * Runs the battery over manifests on worker threads and makes the report card: what `seatrial trial` and the main job call.
 *
 * Always: the card does not depend on the number of workers. Trials of few cases come first, so that rows appear early.
 */
import path from 'node:path';
import { runCasePool } from '../campaign/case-pool.ts';
import { inputsDigest } from '../campaign/inputs-digest.ts';
import { EXIT, type ExitCode, winningExit } from '../cli/exit.ts';
import { packageRoot } from '../cli/package-info.ts';
import { readStandardInput } from '../cli/standard-input.ts';
import { userError } from '../cli/user-error.ts';
import type { ClusterReplay } from '../replay/cluster-replay.ts';
import { assumptionsInShort, assumptionsOf } from './assumptions.ts';
import type { TrialCase, TrialName } from './battery.ts';
import {
  CARD_SCHEMA,
  type CardRow,
  type CardWorkload,
  cardWorkloads,
  countMarks,
  digestOf,
  type FinishedCase,
} from './card.ts';
import { DUMP_BYTES_MAX } from './cluster-dump.ts';
import type { Mark } from './mark.ts';
import type { CaseMeasures } from './measure.ts';
import { type PreparedTrial, prepareTrial, type TrialRequest } from './prepare.ts';
import { replayLine } from './replay.ts';
import type { TrialWorkerData } from './worker.ts';
import { worstReplays } from './worst-replays.ts';

/** Cases of a task: few, because each takes long. */
const CASES_A_TASK_MAX = 3;

export interface TrialOptions extends TrialRequest {
  /** Longest time with no pod Ready, µs. */
  readonly tolerateUs: number;
  readonly workers: number;
  /** Marks from this one on are a finding. */
  readonly failOn: 'degraded' | 'failed';
  /** Unknown marks are no answer. */
  readonly strict: boolean;
  /** Most host time of one case, ms; 0 = no limit. */
  readonly caseTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where standard input was kept, for replay lines; called once, after the runs. */
  readonly keepInput?: ((text: string, subject: string) => string) | undefined;
  /** Called with the rows of a trial when all its cases are done. */
  readonly onRows?: ((rows: readonly CardRow[]) => void) | undefined;
  readonly onProgress?: ((done: number, count: number) => void) | undefined;
  /** Run the worst cases once more for their replays. */
  readonly replays?: boolean | undefined;
  /** Another worker module, for tests of dying workers. */
  readonly workerFile?: string | undefined;
  /** Called with what was chosen, before the first run. */
  readonly onPrepared?: ((prepared: PreparedTrial) => void) | undefined;
}

/** The report card: plain data, the same on every run of the same build. */
export interface ReportCard {
  readonly schema: string;
  readonly paths: readonly string[];
  readonly cluster: { readonly text: string; readonly reasons: readonly string[] };
  /** What pods do about which the manifests say nothing: each default; and in short, for people. */
  readonly assumptions: readonly string[];
  readonly assumptionsInShort: readonly string[];
  /** Kinds that the user declared harmless. */
  readonly assumedHarmless: readonly string[];
  readonly notSimulated: readonly { readonly kind: string; readonly apiVersion: string; readonly count: number }[];
  readonly trials: readonly TrialName[];
  readonly seeds: readonly number[];
  readonly tolerateUs: number;
  readonly workloads: readonly CardWorkload[];
  readonly rows: Readonly<Record<Mark, number>>;
  /** The worst mark of all rows. */
  readonly verdict: Mark | 'broken' | 'incomplete';
  /** Cases that were run; those about nodes that host nothing do not count. */
  readonly runs: number;
  readonly complete: boolean;
  readonly broken: readonly {
    readonly trial: TrialName;
    readonly subject: string;
    readonly seed: number;
    readonly cause: string;
    readonly replay: string;
  }[];
  /** SHA-256 over the digests of all runs, in the order of the cases. */
  readonly digest: string;
}

/** What a trial gives. */
export interface TrialOutcome {
  readonly card: ReportCard;
  readonly exit: ExitCode;
  /** Of the worst rows, where they were asked for. */
  readonly replays: readonly ClusterReplay[];
}

/** Runs a trial. @throws UserError for bad input, also for objects that the API server refuses. */
export async function runTrial(options: TrialOptions): Promise<TrialOutcome> {
  const prepared = prepareTrial(options);
  options.onPrepared?.(prepared);
  const results: (CaseMeasures | null)[] = prepared.cases.map(() => null);
  const complete = await runCases(prepared, options, results);
  const refused = results.find((result) => result !== null && result.refused !== '')?.refused;
  if (refused !== undefined) throw userError({ code: 'MAN-011', message: refused });
  const cases = prepared.cases.map((trialCase, index) => ({ trialCase, result: results[index] ?? null }));
  const card = makeCard(prepared, options, cases, complete);
  const replays = options.replays === true ? await worstReplays(prepared, card, options) : [];
  return { card, exit: exitOf(card, options), replays };
}

async function runCases(
  prepared: PreparedTrial,
  options: TrialOptions,
  results: (CaseMeasures | null)[],
): Promise<boolean> {
  const { setup, cases } = prepared;
  const workerData: TrialWorkerData = { setup, cases };
  const left = new Map<TrialName, number>();
  for (const { trial } of cases) left.set(trial, (left.get(trial) ?? 0) + 1);
  let refused = false;
  const done = (caseNumber: number, result: CaseMeasures): void => {
    results[caseNumber] = result;
    const { trial } = cases[caseNumber] as TrialCase;
    left.set(trial, (left.get(trial) ?? 0) - 1);
    refused ||= result.refused !== '';
    if (left.get(trial) === 0 && !refused) options.onRows?.(rowsOf(prepared, options, trial, results));
  };
  return await runCasePool<CaseMeasures[]>({
    workerFile: options.workerFile ?? path.join(packageRoot(), 'dist', 'bench', 'trial', 'worker.js'),
    workerData,
    workers: Math.min(options.workers, Math.max(1, cases.length)),
    tasks: tasksOf(cases),
    caseTimeoutMs: options.caseTimeoutMs ?? 0,
    signal: options.signal,
    onResult: (numbers, found) => {
      numbers.forEach((caseNumber, index) => {
        done(caseNumber, found[index] as CaseMeasures);
      });
    },
    onBroken: (caseNumber, cause) => done(caseNumber, brokenCase(cause)),
    onProgress: (count) => options.onProgress?.(count, cases.length),
  });
}

function brokenCase(cause: string): CaseMeasures {
  return {
    skipped: false,
    measures: [],
    faultAtUs: 0,
    digest: '',
    broken: cause,
    refused: '',
    events: 0,
    virtualUs: 0,
  };
}

/** Case numbers cut into tasks of one trial and seed; trials of few cases first, so that the first rows come soon. */
export function tasksOf(cases: readonly TrialCase[]): number[][] {
  const groups = new Map<string, number[]>();
  cases.forEach(({ trial, seed }, caseNumber) => {
    const key = `${trial} ${seed}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [caseNumber]);
    else group.push(caseNumber);
  });
  const tasks: number[][] = [];
  const weight = (group: readonly number[]): number => group.length * runWeight(cases[group[0] as number]);
  for (const group of [...groups.values()].sort((left, right) => weight(left) - weight(right))) {
    for (let first = 0; first < group.length; first += CASES_A_TASK_MAX)
      tasks.push(group.slice(first, first + CASES_A_TASK_MAX));
  }
  return tasks;
}

/** How long a run is beside others: the store is back soonest, a drain takes longest. */
function runWeight(trialCase: TrialCase | undefined): number {
  if (trialCase?.trial === 'store-crash') return 0.5;
  return trialCase?.trial === 'drain' ? 2 : 1;
}

function rowsOf(
  prepared: PreparedTrial,
  options: TrialOptions,
  trial: TrialName,
  results: readonly (CaseMeasures | null)[],
): CardRow[] {
  const cases = prepared.cases.map((trialCase, index) => ({ trialCase, result: results[index] ?? null }));
  const setup = { ...prepared.setup, trials: [trial] };
  return cardWorkloads({ setup, cases, tolerateUs: options.tolerateUs, replayOf: () => '' }).flatMap(
    ({ rows }) => rows,
  );
}

function makeCard(
  prepared: PreparedTrial,
  options: TrialOptions,
  cases: readonly FinishedCase[],
  complete: boolean,
): ReportCard {
  const { input, inventory, cluster, setup } = prepared;
  const piped = options.clusterFile === '-' ? readStandardInput(DUMP_BYTES_MAX) : input.stdinText;
  const kept = piped === null ? '' : (options.keepInput?.(piped, input.subject) ?? '-');
  const clusterFile = options.clusterFile === '-' ? kept : options.clusterFile;
  const paths = input.paths.map((each) => (each === '-' ? kept : each));
  const inputs = trialInputs(prepared);
  const replayOf = (trial: TrialName, seed: number): string =>
    replayLine({ ...options, paths, clusterFile, inputs, only: [trial], seeds: [seed] });
  const workloads = cardWorkloads({ setup, cases, tolerateUs: options.tolerateUs, replayOf });
  const broken = cases
    .filter(({ result }) => result !== null && result.broken !== '')
    .map(({ trialCase, result }) => ({
      ...trialCase,
      cause: result?.broken ?? '',
      replay: replayOf(trialCase.trial, trialCase.seed),
    }));
  return {
    schema: CARD_SCHEMA,
    paths,
    cluster: { text: cluster.text, reasons: cluster.reasons },
    assumptions: assumptionsOf(prepared),
    assumptionsInShort: assumptionsInShort(prepared),
    assumedHarmless: inventory.harmless,
    notSimulated: inventory.notSimulated,
    trials: setup.trials,
    seeds: setup.seeds,
    tolerateUs: options.tolerateUs,
    workloads,
    rows: countMarks(workloads),
    verdict: broken.length > 0 ? 'broken' : complete ? (workloads[0]?.mark ?? 'unknown') : 'incomplete',
    runs: cases.filter(({ result }) => result !== null && !result.skipped).length,
    complete,
    broken,
    digest: digestOf(cases),
  };
}

/** Digest of what a trial was made of: manifests as they were read, and the cluster. */
export function trialInputs({ setup }: PreparedTrial): string {
  return inputsDigest({ objects: setup.objects, cluster: setup.cluster });
}

/** The exit code of a card; an interruption is added by whoever knows its signal. */
function exitOf(
  card: ReportCard,
  rules: { readonly failOn: 'degraded' | 'failed'; readonly strict: boolean },
): ExitCode {
  const codes: ExitCode[] = [];
  if (card.broken.length > 0 || !card.complete) codes.push(EXIT.broken);
  if (card.rows.failed > 0 || (rules.failOn === 'degraded' && card.rows.degraded > 0)) codes.push(EXIT.finding);
  if (rules.strict && card.rows.unknown > 0) codes.push(EXIT.noAnswer);
  return winningExit(codes);
}
