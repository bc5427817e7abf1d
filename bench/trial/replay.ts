/**
 * The line that runs a trial again, one row's or the whole: paths, and every flag that differs from its default.
 */
import { formatDuration } from '../../scenarios/duration.ts';
import { replayMarks } from '../campaign/replay-marks.ts';
import { formatSeeds } from '../cli/seeds.ts';
import { pathWord, shellLine } from '../cli/shell-line.ts';
import type { TrialName } from './battery.ts';
import { DEFAULT_TOLERATE_US } from './prepare.ts';

export interface ReplayRequest {
  readonly paths: readonly string[];
  /** undefined = the whole battery. */
  readonly only: readonly TrialName[] | undefined;
  readonly seeds: readonly number[];
  readonly nodes?: number | undefined;
  readonly zones?: number | undefined;
  readonly clusterFile?: string | undefined;
  readonly tolerateUs: number;
  readonly failOn: 'degraded' | 'failed';
  readonly strict: boolean;
  readonly assume?: readonly string[] | undefined;
  /** Digest of manifests and cluster. */
  readonly inputs: string;
}

/** `seatrial trial PATH --only NAME --seed N …`, quoted for a shell. */
export function replayLine(request: ReplayRequest): string {
  const { paths, only, seeds, nodes, zones, clusterFile, tolerateUs, failOn, strict, assume = [], inputs } = request;
  return shellLine([
    'seatrial',
    'trial',
    ...paths.map(pathWord),
    ...(only === undefined ? [] : ['--only', only.join(',')]),
    '--seed',
    formatSeeds(seeds),
    ...(nodes === undefined ? [] : ['--nodes', `${nodes}`]),
    ...(zones === undefined ? [] : ['--zones', `${zones}`]),
    ...(clusterFile === undefined ? [] : ['--cluster', pathWord(clusterFile)]),
    ...(tolerateUs === DEFAULT_TOLERATE_US ? [] : ['--tolerate', formatDuration(tolerateUs)]),
    ...(failOn === 'failed' ? [] : ['--fail-on', failOn]),
    ...(strict ? ['--strict'] : []),
    ...(assume.length === 0 ? [] : ['--assume', assume.join(',')]),
    ...replayMarks(inputs),
  ]);
}
