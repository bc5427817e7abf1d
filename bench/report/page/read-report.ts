/**
 * From run folders and result files to what a page shows.
 *
 * Always: all problems of all files at once, each with its place; nothing half-read is shown.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readTextFile } from '../../../scenarios/files.ts';
import type { ProblemList } from '../../../scenarios/problem.ts';
import { readStandardInput, STDIN_NAME } from '../../cli/standard-input.ts';
import { statPath } from '../../cli/stat-path.ts';
import { CLI_CODES } from '../../cli/user-error.ts';
import type { ClusterReplay } from '../../replay/cluster-replay.ts';
import { curvesOfLog, type LatencyCurve } from './curve.ts';
import type { ReportInput, ReportPart } from './report-input.ts';
import { checkShape, partsOf } from './report-parts.ts';
import { titleOf } from './report-title.ts';
import { type RunData, replaysShape, runShape } from './result-shapes.ts';

/** Largest file that is read: results are megabytes, and a slip of the keyboard must not fill the memory. */
const BYTES_MAX = 200_000_000;

/** What lies beside a result. */
interface Companions {
  readonly curves: readonly LatencyCurve[];
  readonly replays: readonly ClusterReplay[];
  readonly run: RunData | null;
}

/** Reads all results; what is wrong with them is added to `problems`. */
export function readReport(paths: readonly string[], problems: ProblemList): ReportInput {
  const parts: ReportPart[] = [];
  const replays: ClusterReplay[] = [];
  let run: RunData | null = null;
  for (const given of new Set(paths)) {
    const isPiped = given === '-';
    const file = isPiped ? STDIN_NAME : resultFile(given, problems);
    if (file === null) continue;
    const data = isPiped ? parseJson(file, readStandardInput(BYTES_MAX), problems) : readJson(file, problems);
    if (data === undefined) continue;
    const companions = readCompanions(file, problems);
    parts.push(...partsOf(file, data, companions.curves, problems));
    replays.push(...companions.replays);
    if (paths.length === 1) run = companions.run;
  }
  return { title: titleOf(parts), parts, replays, run };
}

function resultFile(given: string, problems: ProblemList): string | null {
  const found = statPath(given);
  const file = found?.isDirectory() === true ? path.join(given, 'result.json') : given;
  const stat = statPath(file);
  if (stat?.isFile() === true && stat.size <= BYTES_MAX) return file;
  const what = stat?.isFile() === true ? `is larger than ${BYTES_MAX} bytes` : 'does not exist';
  const hint = found?.isDirectory() === true ? 'expected the folder of one run, results/<run>' : undefined;
  problems.error({ file }, CLI_CODES.noInput, what, hint === undefined ? {} : { hint });
  return null;
}

/** The parsed file; undefined after a problem. */
function readJson(file: string, problems: ProblemList): unknown {
  const text = readTextFile(file, problems, CLI_CODES.noInput, BYTES_MAX);
  return text === null ? undefined : parseJson(file, text, problems);
}

function parseJson(file: string, text: string, problems: ProblemList): unknown {
  const error = jsonError(text);
  if (error === '') return JSON.parse(text) as unknown;
  const offset = firstBadOffset(text);
  const before = text.slice(0, offset).split('\n');
  const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  const what = offset >= text.length ? 'the file is cut off: JSON ends too early' : `broken JSON: ${error}`;
  problems.error(place, CLI_CODES.badValue, what);
  return undefined;
}

/** What JSON.parse says; '' = nothing. */
function jsonError(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Where the text stops being the beginning of some JSON; its length when it only ends too early. The parser does not always say. */
function firstBadOffset(text: string): number {
  const isBeginning = (length: number): boolean => {
    const error = jsonError(text.slice(0, length));
    return /^$|end of JSON|Unterminated/.test(error) || Number(/position (\d+)/.exec(error)?.[1]) >= length;
  };
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBeginning(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

function readCompanions(file: string, problems: ProblemList): Companions {
  const beside = (name: string): string | null => {
    const companion = path.join(path.dirname(file), name);
    return path.basename(file) === 'result.json' && statPath(companion)?.isFile() === true ? companion : null;
  };
  const log = beside('latency.hlog');
  const replays = beside('replay.json');
  const run = beside('run.json');
  const replayData = replays === null ? undefined : readJson(replays, problems);
  const runData = run === null ? undefined : readJson(run, problems);
  return {
    curves: log === null ? [] : curvesOfLog(readFileSync(log, 'utf8')),
    replays:
      replayData === undefined ? [] : (checkShape(replays ?? '', replaysShape, replayData, problems)?.replays ?? []),
    run: runData === undefined ? null : checkShape(run ?? '', runShape, runData, problems),
  };
}
