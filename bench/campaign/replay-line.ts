/**
 * The lines that run one case again or explain a pod of it: file, seed, twin, interleaving, and the build it was seen with.
 */
import type { PendingPods } from '../../core/chaos/pending-pods.ts';
import { formatDuration } from '../../scenarios/duration.ts';
import { pathWord, shellLine } from '../cli/shell-line.ts';
import { buildDigest } from './build-digest.ts';
import { replayMarks } from './replay-marks.ts';

/** What a replay needs. */
export interface ReplayCase {
  readonly file: string;
  readonly twin: boolean;
  readonly seed: number;
  readonly interleaving?: number | undefined;
  readonly inputs?: string | undefined;
}

/** `seatrial replay FILE --seed N …`, quoted for a shell. */
export function replayLine(replay: ReplayCase): string {
  return caseLine(['replay'], replay);
}

/** `seatrial explain NAMESPACE/POD FILE --seed N …`: why the pod has no node, at the end or at an instant, µs. */
export function explainLine(pod: string, replay: ReplayCase, atUs?: number): string {
  return caseLine(['explain', pod], replay, atUs === undefined ? [] : ['--at', formatDuration(atUs)]);
}

/** `v/a, v/b and 3 more: seatrial explain v/a …`; null when every pod has a node. */
export function pendingLine({ count, names }: PendingPods, replay: ReplayCase): string | null {
  const [first] = names;
  if (first === undefined) return null;
  const more = count > names.length ? ` and ${count - names.length} more` : '';
  return `${names.join(', ')}${more}: ${explainLine(first, replay)}`;
}

function caseLine(command: readonly string[], replay: ReplayCase, flags: readonly string[] = []): string {
  return shellLine([
    'seatrial',
    ...command,
    pathWord(replay.file),
    '--seed',
    `${replay.seed}`,
    ...(replay.twin ? ['--twin'] : []),
    ...(replay.interleaving === undefined ? [] : ['--interleaving', `${replay.interleaving}`]),
    ...flags,
    ...(replay.inputs === undefined ? ['--build', buildDigest()] : replayMarks(replay.inputs)),
  ]);
}
