/**
 * TaintToleration: no NoSchedule or NoExecute taint without a toleration; fewer untolerated PreferNoSchedule taints score
 * higher. Source: Kubernetes 1.34; from 1.36 the reason does not name the taint.
 */
import { findUntolerated, isTolerated } from '../../../types/tolerations.ts';
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { normalizeByMaximum, type Plugin } from '../plugin.ts';
import { type Rejection, unresolvable } from '../status.ts';

/** The plugin. */
export class TaintToleration implements Plugin {
  readonly name = 'TaintToleration';
  readonly #namesTaint: boolean;

  constructor(reasonNamesTaint: boolean) {
    this.#namesTaint = reasonNamesTaint;
  }

  filter(cycle: Cycle, { node }: NodeInfo): Rejection | null {
    const { tolerations } = cycle.info.pod.spec;
    const taint = findUntolerated(node.spec?.taints, tolerations, (effect) => effect !== 'PreferNoSchedule');
    if (taint === undefined) return null;
    if (!this.#namesTaint) return unresolvable('node(s) had untolerated taint(s)');
    return unresolvable(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  }

  score(cycle: Cycle, { node }: NodeInfo): number {
    const tolerations = (cycle.info.pod.spec.tolerations ?? []).filter(
      ({ effect }) => effect === undefined || effect === '' || effect === 'PreferNoSchedule',
    );
    let untolerated = 0;
    for (const taint of node.spec?.taints ?? []) {
      if (taint.effect === 'PreferNoSchedule' && !isTolerated(tolerations, taint)) untolerated++;
    }
    return untolerated;
  }

  normalize(_cycle: Cycle, _nodes: readonly NodeInfo[], scores: Float64Array): void {
    normalizeByMaximum(scores, true);
  }
}
