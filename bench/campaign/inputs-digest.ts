/**
 * What a run was made of besides the build: a digest over the scenario with its manifests, or a trial's manifests and cluster.
 *
 * Replay lines carry it, so that a line pasted after an edit says that it no longer shows the same case.
 */
import { createHash } from 'node:crypto';

const DIGITS = 8;

/** Eight hex digits; equal for equal content, wherever it was read from. `content` is plain data. */
export function inputsDigest(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, DIGITS);
}
