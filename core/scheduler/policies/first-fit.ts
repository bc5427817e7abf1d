/**
 * First fit: the first node in search order that fits. All nodes score the same; the profile takes the first of equals.
 */
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';

/** Scores 0 everywhere. */
export class FirstFitPolicy implements ScorePlugin {
  readonly name = 'FirstFit';
  readonly normalizer: Normalizer = 'none';

  prepare(): boolean {
    return true;
  }

  score(_request: PodRequest, _snapshot: Snapshot, _slots: Int32Array, count: number, out: Float64Array): void {
    out.fill(0, 0, count);
  }
}
