/**
 * From run folders and result files to what a page shows.
 *
 * Always: all problems of all files at once, each with its place; nothing half-read is shown.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ProblemList } from '../../../scenarios/problem.ts';
import { inputName } from '../../cli/standard-input.ts';
import { statPath } from '../../cli/stat-path.ts';
import { CLI_CODES } from '../../cli/user-error.ts';
import type { ClusterReplay } from '../../replay/cluster-replay.ts';
import { readJsonFile } from '../json-file.ts';
import { curvesOfLog, type LatencyCurve } from './curve.ts';
import type { ReportInput, ReportPart } from './report-input.ts';
import { checkShape, partsOf } from './report-parts.ts';
import { titleOf } from './report-title.ts';
import { type RunData, replaysShape, runShape } from './result-shapes.ts';

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
    const source = given === '-' ? given : resultFile(given, problems);
    const data = source === null ? undefined : readJson(source, problems);
    if (source === null || data === undefined) continue;
    const file = inputName(source);
    const companions = readCompanions(file, problems);
    parts.push(...partsOf(file, data, companions.curves, problems));
    replays.push(...companions.replays);
    if (paths.length === 1) run = companions.run;
  }
  return { title: titleOf(parts), parts, replays, run };
}

function resultFile(given: string, problems: ProblemList): string | null {
  const isFolder = statPath(given)?.isDirectory() === true;
  const file = isFolder ? path.join(given, 'result.json') : given;
  if (statPath(file) !== undefined) return file;
  const hint = isFolder ? 'expected the folder of one run, results/<run>' : undefined;
  problems.error({ file }, CLI_CODES.noInput, 'does not exist', { hint });
  return null;
}

/** The parsed file; undefined after a problem. */
function readJson(file: string, problems: ProblemList): unknown {
  return readJsonFile(file, problems, { code: CLI_CODES.badValue, absent: 'problem' });
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
