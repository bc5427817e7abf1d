/**
 * The message of a cycle that found no node, as it ends up in the pod's PodScheduled condition. Source: Kubernetes 1.34,
 * framework FitError.
 */
import type { Verdict } from './status.ts';

/** The message where the cluster has no node. Source: Kubernetes 1.34, schedule_one.go, ErrNoNodesAvailable. */
export const NO_NODES = 'no nodes available to schedule pods';

/**
 * Reason of the nodes that PreFilter plugins leave out. `refusing` is the plugin that refused the pod's nominated node, which was asked first: it
 * is named along, since upstream keeps it in the same set. Source: Kubernetes 1.34, schedule_one.go, findNodesThatFitPod.
 */
export function leftOutReason(narrowing: readonly string[], refusing = ''): string {
  const named = refusing === '' || narrowing.includes(refusing) ? narrowing : [...narrowing, refusing].sort();
  return `node(s) didn't satisfy plugin(s) [${named.join(' ')}]`;
}

/** Why nodes were rejected: verdicts of nodes that were looked at, one text for all the others. */
export interface FitDiagnosis {
  readonly nodeCount: number;
  readonly verdicts: Iterable<Pick<Verdict, 'reasons'>>;
  readonly verdictCount: number;
  /** Reason of the nodes that were not looked at; `''` when there are none. */
  readonly absentReason: string;
  /** A refusal at PreFilter replaces the nodes' reasons; `''` without one. */
  readonly preFilterReason: string;
}

/** The message without what PostFilter adds. Reasons are counted and sorted as texts, count first. */
export function fitMessage(diagnosis: FitDiagnosis): string {
  const head = `0/${diagnosis.nodeCount} nodes are available:`;
  if (diagnosis.preFilterReason !== '') return `${head} ${diagnosis.preFilterReason}.`;
  const counts = new Map<string, number>();
  const add = (reason: string, count: number) => counts.set(reason, (counts.get(reason) ?? 0) + count);
  for (const { reasons } of diagnosis.verdicts) for (const reason of reasons) add(reason, 1);
  const absent = diagnosis.nodeCount - diagnosis.verdictCount;
  if (absent > 0 && diagnosis.absentReason !== '') add(diagnosis.absentReason, absent);
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort(byBytes);
  return texts.length === 0 ? head : `${head} ${texts.join(', ')}.`;
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
