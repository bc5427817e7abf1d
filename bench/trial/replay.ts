/**
 * The line that runs one trial with one seed again: paths, and every flag that differs from its default.
 */
import { formatDuration } from '../../scenarios/duration.ts';
import { replayMarks } from '../campaign/replay-marks.ts';
import { shellLine } from '../cli/shell-line.ts';
import type { TrialName } from './battery.ts';
import { DEFAULT_TOLERATE_US } from './prepare.ts';

export interface ReplayRequest {
  readonly paths: readonly string[];
  readonly trial: TrialName;
  readonly seed: number;
  readonly nodes?: number | undefined;
  readonly zones?: number | undefined;
  readonly clusterFile?: string | undefined;
  readonly tolerateUs: number;
  /** Digest of manifests and cluster. */
  readonly inputs: string;
}

/** `seatrial trial PATH --only NAME --seed N …`, quoted for a shell. */
export function replayLine(request: ReplayRequest): string {
  const { paths, trial, seed, nodes, zones, clusterFile, tolerateUs, inputs } = request;
  return shellLine([
    'seatrial',
    'trial',
    ...paths,
    '--only',
    trial,
    '--seed',
    `${seed}`,
    ...(nodes === undefined ? [] : ['--nodes', `${nodes}`]),
    ...(zones === undefined ? [] : ['--zones', `${zones}`]),
    ...(clusterFile === undefined ? [] : ['--cluster', clusterFile]),
    ...(tolerateUs === DEFAULT_TOLERATE_US ? [] : ['--tolerate', formatDuration(tolerateUs)]),
    ...replayMarks(inputs),
  ]);
}
