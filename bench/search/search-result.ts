/**
 * What a search came to as a result document: a case for each way to fail, planted bug or value tried, so that every reader of results can show it.
 */
import type { ExitCode } from '../cli/exit.ts';
import { formatSeeds } from '../cli/seeds.ts';
import { pathWord, shellLine } from '../cli/shell-line.ts';
import { planDigest } from '../report/campaign-result.ts';
import type { Diagnostic, ResultCase, ResultDocument } from '../report/result.ts';
import { resultDocument } from '../report/result-parts.ts';
import { corpusLine } from './corpus.ts';
import type { MutationResult } from './mutation-job.ts';
import type { SearchResult } from './search-job.ts';
import { coverageLines, isFound, mutationVerdict, type ShownFinding, searchVerdict } from './search-text.ts';
import { type AnsweredThreshold, thresholdVerdict, valueText } from './threshold-text.ts';

/** By name; undefined is not given. */
export type Flags = Readonly<Record<string, string | number | undefined>>;

/** What a search does not know about itself. */
export interface SearchContext {
  /** Manifests or a scenario, as they were given. */
  readonly paths: readonly string[];
  readonly profile: string;
  readonly seed: number;
  /** Flags that change what is found. */
  readonly flags: Flags;
  /** Earlier findings that still fail. */
  readonly corpusFails: number;
  readonly exitCode: ExitCode;
}

/** What a case of a search has none of. */
const BARE = {
  params: {},
  tags: [],
  inputDigest: '',
  traceDigest: '',
  counters: {},
  metrics: [],
  reproduce: '',
  source: null,
} satisfies Partial<ResultCase>;

/** A case for each way to fail, and for each that broke; the plans stand under `findings`. */
export function searchDocument(
  result: SearchResult,
  shown: readonly ShownFinding[],
  context: SearchContext,
): ResultDocument {
  const { findings, runs, possible, excused, events, coverage, broken, canaryFound, complete } = result;
  const { paths, profile, seed, corpusFails } = context;
  return resultDocument({
    command: 'search',
    suite: { id: paths.join(' '), digest: '' },
    cases: [
      ...findings.map((finding, index): ResultCase => {
        const { signature, message, plan, digest, cases, shrinkRuns } = finding;
        const isBug = signature === 'bug';
        return {
          ...BARE,
          id: signature,
          seed,
          status: isBug ? 'broken' : 'fail',
          outcome: isBug ? 'broken' : `fail ${signature.split(' ')[0]}`,
          message,
          inputDigest: planDigest(plan),
          traceDigest: digest,
          counters: {
            cases,
            'shrink-runs': shrinkRuns,
            faults: plan.faults.length,
            operations: plan.operations.length,
            objects: plan.workload.length,
          },
          reproduce: shown[index]?.replay ?? '',
        };
      }),
      ...broken.map(({ caseNumber, cause }) => brokenCase(`case ${caseNumber}`, seed, cause)),
    ],
    diagnostics: [
      ...coverageLines(coverage, true).map(note),
      ...(corpusFails === 0 ? [] : [{ ...note(corpusLine(corpusFails).trimEnd()), severity: 'warning' as const }]),
    ],
    verdict: searchVerdict(result),
    exitCode: context.exitCode,
    complete,
    reproduce: searchLine(paths, { profile, seed, ...context.flags }),
    own: {
      runs,
      possible: Number.isFinite(possible) ? possible : null,
      excused,
      events,
      canaryFound,
      complete,
      broken,
      findings: findings.map((finding, index) => ({ ...finding, ...shown[index] })),
      coverage: { marks: coverage.marks, faultsByState: coverage.met },
    },
  });
}

/** A case for each planted bug, and for each plan without any. */
export function mutationDocument(result: MutationResult, context: Omit<SearchContext, 'corpusFails'>): ResultDocument {
  const { mutants, sound, broken, complete } = result;
  const { paths, profile, seed } = context;
  return resultDocument({
    command: 'search',
    suite: { id: profile, digest: '' },
    cases: [
      ...mutants.map((mutant): ResultCase => {
        const { bug, foundBy, falseAlarm, runs, swarmRuns } = mutant;
        return {
          ...BARE,
          id: bug,
          seed,
          status: isFound(mutant) ? 'pass' : 'fail',
          outcome: foundBy === '' ? 'not found' : `found by ${foundBy}`,
          message: falseAlarm === '' ? '' : `false alarm ${falseAlarm}`,
          counters: { runs, ...(swarmRuns === 0 ? {} : { 'swarm-runs': swarmRuns }) },
        };
      }),
      ...sound.map(({ plan, alarm }): ResultCase => {
        const outcome = alarm === '' ? 'silent' : 'false alarm';
        return {
          ...BARE,
          id: `${plan} without any bug`,
          seed,
          status: alarm === '' ? 'pass' : 'fail',
          outcome,
          message: alarm,
        };
      }),
      ...broken.map(({ bug, cause }) => brokenCase(bug, seed, cause)),
    ],
    verdict: mutationVerdict(result),
    exitCode: context.exitCode,
    complete,
    reproduce: searchLine(paths, { profile, seed, ...context.flags }),
    own: { mutants, sound, broken, complete },
  });
}

/** A case for each value that was tried; the two sides have lines that replay them. */
export function thresholdDocument(threshold: AnsweredThreshold, exitCode: ExitCode, flags: Flags): ResultDocument {
  const { file, path, unit, seeds, heals, fails, trials, complete, replays } = threshold;
  return resultDocument({
    command: 'search',
    suite: { id: `${path} of ${file}`, digest: '' },
    cases: [...trials]
      .sort((left, right) => left.value - right.value)
      .map((trial): ResultCase => {
        const { value, failure } = trial;
        return {
          ...BARE,
          id: `${path} = ${valueText(value, unit)}`,
          seed: failure?.seed ?? null,
          status: failure === null ? 'pass' : 'fail',
          outcome: failure === null ? 'heals' : `fails ${failure.predicate}`,
          message: failure?.message ?? '',
          reproduce: trial === heals ? replays.heals : trial === fails ? replays.fails : '',
        };
      }),
    verdict: thresholdVerdict(threshold),
    exitCode,
    complete,
    reproduce: searchLine([file], { threshold: path, seed: formatSeeds(seeds), ...flags }),
    own: { file, path, unit, seeds, heals, fails, trials, complete },
  });
}

function brokenCase(id: string, seed: number, cause: string): ResultCase {
  return { ...BARE, id, seed, status: 'broken', outcome: 'broken', message: cause.split('\n')[0] ?? '' };
}

function note(message: string): Diagnostic {
  return { severity: 'note', code: '', message, file: null, line: null, column: null };
}

/** What shows it again. */
function searchLine(paths: readonly string[], flags: Flags): string {
  const words = Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, `${value}`],
  );
  return shellLine(['seatrial', 'search', ...paths.map(pathWord), ...words]);
}
