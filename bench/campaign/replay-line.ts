/**
 * The lines that run one case again or explain a pod of it: file, seed, twin, interleaving, and the build it was seen with.
 */
import { shellLine } from '../cli/shell-line.ts';
import { buildDigest } from './build-digest.ts';

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

/** `seatrial explain NAMESPACE/POD FILE --seed N …`: why the pod has no node. */
export function explainLine(pod: string, replay: ReplayCase): string {
  return caseLine(['explain', pod], replay);
}

function caseLine(command: readonly string[], replay: ReplayCase): string {
  return shellLine([
    'seatrial',
    ...command,
    replay.file,
    '--seed',
    `${replay.seed}`,
    ...(replay.twin ? ['--twin'] : []),
    ...(replay.interleaving === undefined ? [] : ['--interleaving', `${replay.interleaving}`]),
    '--build',
    buildDigest(),
    ...(replay.inputs === undefined ? [] : ['--inputs', replay.inputs]),
  ]);
}
