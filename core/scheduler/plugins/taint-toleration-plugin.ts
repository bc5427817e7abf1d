/**
 * TaintToleration (Kubernetes 1.34): rejects nodes with a NoSchedule or NoExecute taint that the pod does not tolerate, and
 * scores nodes by how few PreferNoSchedule taints are left over.
 */
import type { Taint } from '../../types/node.ts';
import { type Diagnosis, UNRESOLVABLE } from '../choice/diagnosis.ts';
import { NO_TAINTS } from '../nodes/taint-sets.ts';
import { firstUntolerated, preferredUntolerated } from '../nodes/tolerated.ts';
import type { FilterPlugin, Normalizer, PodRequest, ScorePlugin, Snapshot } from './plugin.ts';

/** Filter and score on taints. */
export class TaintTolerationPlugin implements FilterPlugin, ScorePlugin {
  readonly name = 'TaintToleration';
  readonly normalizer: Normalizer = 'reverse';
  readonly #namesTaint: boolean;

  /** `reasonNamesTaint`: up to 1.35 the reason says which taint it was. */
  constructor(reasonNamesTaint: boolean) {
    this.#namesTaint = reasonNamesTaint;
  }

  prepare(): boolean {
    return true;
  }

  filter(
    request: PodRequest,
    { nodes }: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const taintSet = nodes.taintSet;
    const tolerations = request.podClass.shape.tolerations;
    const untolerated: (Taint | null)[] = [];
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const set = taintSet[slot] as number;
      let taint = set === NO_TAINTS ? null : untolerated[set];
      if (taint === undefined) {
        taint = firstUntolerated(tolerations, nodes.taints.listOf(set));
        untolerated[set] = taint;
      }
      if (taint === null) slots[kept++] = slot;
      else if (!diagnosis.silent) {
        const reason = this.#namesTaint
          ? `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
          : 'node(s) had untolerated taint(s)';
        diagnosis.reject(slot, index, UNRESOLVABLE, diagnosis.reasonSet([reason]));
      }
    }
    return kept;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const taintSet = nodes.taintSet;
    const tolerations = request.podClass.shape.tolerations;
    const counts: number[] = [];
    for (let i = 0; i < count; i++) {
      const set = taintSet[slots[i] as number] as number;
      if (set !== NO_TAINTS) counts[set] ??= preferredUntolerated(tolerations, nodes.taints.listOf(set));
      out[i] = set === NO_TAINTS ? 0 : (counts[set] as number);
    }
  }
}
