/** A decision in the words of the recordings, so that both can be compared field by field. */
import { bestNodes, type Decision } from '../../../core/scheduler/framework/decide.ts';
import type { Verdict } from '../../../core/scheduler/framework/status.ts';
import type { RecordedPreemption, RecordedPreFilter, RecordedVerdict } from './recorded-case.ts';

/** Everything of a step that is compared; absent where the recordings leave it out. */
export interface ObservedStep {
  readonly prefilter: RecordedPreFilter | null;
  readonly filter: Readonly<Record<string, RecordedVerdict>>;
  readonly via: string | undefined;
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>> | undefined;
  readonly best: readonly string[] | undefined;
  readonly failure:
    | { readonly message: string; readonly error?: boolean; readonly postFilterError?: string }
    | undefined;
  readonly preemption: RecordedPreemption | undefined;
}

/** Translates a decision. `nominatedBefore` is the pod's nomination when the step began. */
export function observe(decision: Decision, nominatedBefore: string): ObservedStep {
  const { failure } = decision;
  const found = decision.via !== null;
  const errorEnded = failure?.error === true;
  return {
    prefilter: preFilterOf(decision),
    filter: errorEnded || decision.via === 'nominated' ? {} : verdictsOf(decision.verdicts),
    via: decision.via ?? undefined,
    scores: decision.scores === null ? undefined : scoresOf(decision),
    best: found
      ? bestNodes(decision)
          .map(({ name }) => name)
          .sort()
      : undefined,
    failure:
      failure === null
        ? undefined
        : {
            message: failure.message,
            ...(errorEnded ? { error: true } : {}),
            ...(failure.postFilterError === '' ? {} : { postFilterError: failure.postFilterError }),
          },
    preemption: preemptionOf(decision, nominatedBefore),
  };
}

function preFilterOf({ preFilter }: Decision): RecordedPreFilter | null {
  if (preFilter === null) return null;
  const { verdict, nodeNames, narrowedBy } = preFilter;
  if (verdict !== null) return { code: verdict.code, plugin: verdict.plugin, reason: verdict.reasons.join(', ') };
  if (nodeNames === null) return null;
  return { code: 'Success', nodeNames: [...nodeNames].sort(), plugins: narrowedBy };
}

function verdictsOf(verdicts: ReadonlyMap<string, Verdict>): Record<string, RecordedVerdict> {
  const result: Record<string, RecordedVerdict> = {};
  for (const [name, verdict] of verdicts) result[name] = verdictOf(verdict);
  return result;
}

function verdictOf({ plugin, code, reasons }: Verdict): RecordedVerdict {
  return plugin === '' ? { code, reasons } : { plugin, code, reasons };
}

function scoresOf({ feasible, scores, totals }: Decision): Record<string, Record<string, number>> {
  const result: Record<string, Record<string, number>> = {};
  for (const [i, { name }] of feasible.entries()) {
    const row: Record<string, number> = {};
    for (const { plugin, weighted } of scores ?? []) row[plugin] = weighted[i] as number;
    row['total'] = totals[i] as number;
    result[name] = row;
  }
  return result;
}

function preemptionOf({ preemption }: Decision, nominatedBefore: string): RecordedPreemption | undefined {
  if (preemption === null) return undefined;
  if (preemption.ineligible !== '') {
    return { eligible: false, reason: preemption.ineligible, nominated: nominatedBefore };
  }
  const potential = preemption.potentialNodes.map(({ name }) => name).sort();
  const candidates = preemption.candidates
    .map(({ nodeName, victims, pdbViolations }) => ({
      node: nodeName,
      victims: victims.map(({ key }) => key),
      pdbViolations,
    }))
    .sort((a, b) => (a.node < b.node ? -1 : 1));
  const best = preemption.best.map(({ nodeName }) => nodeName).sort();
  return {
    eligible: true,
    ...(potential.length === 0 ? {} : { potentialNodes: potential }),
    ...(candidates.length === 0 ? {} : { candidates, best }),
    ...(preemption.rejected.size === 0 ? {} : { rejected: verdictsOf(preemption.rejected) }),
    nominated: best[0] ?? '',
  };
}
