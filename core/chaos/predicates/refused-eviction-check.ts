/**
 * P2: a drain ends where it can: no eviction is refused for long by a budget that has healthy pods to spare.
 *
 * Healthy pods are counted plainly, without those whose eviction is recorded in the budget; a record counts for two minutes. A pod that is refused again and again although at
 * each refusal the budget that selects it has more healthy pods than it wants, for three minutes in which no fault acts, is a drain that does not end. Source: Kubernetes 1.34, eviction
 * subresource and pkg/controller/disruption.
 */
import { compileSelector } from '../../types/label-selector.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import { type Judge, keyOf, listenLater, type Predicate } from '../predicate.ts';

const REFUSED_US_MAX = 180_000_000;
/** Without a refusal for so long, nobody asks any more, µs. */
const FORGOTTEN_US = 30_000_000;

interface CallEnd {
  readonly request: { readonly subresource: string; readonly namespace: string; readonly name: string };
  readonly error: { readonly code: number } | null;
}

export function drainsEnd(judge: Judge): Predicate {
  /** Since when, and until when, each pod is refused without a reason, µs. */
  const refused = new Map<string, { readonly sinceUs: number; lastUs: number }>();
  const predicate: Predicate = {
    id: 'P2',
    about: 'no eviction is refused for minutes by a budget with healthy pods to spare',
    evaluations: 0,
    commitKinds: ['PodDisruptionBudget'],
    onCommit: listenLater(judge, 'client.call-ended', (_pid, subject) => heard(subject), ['Pod']),
  };
  const heard = (subject: unknown): void => {
    const { request, error } = subject as CallEnd;
    if (request.subresource !== 'eviction') return;
    const key = `${request.namespace}/${request.name}`;
    const budget = error?.code === 429 ? sparingBudget(judge, key) : null;
    const { now } = judge.sim;
    if (error?.code === 429) predicate.evaluations++;
    if (budget === null) {
      refused.delete(key);
      return;
    }
    let streak = refused.get(key);
    if (streak === undefined || now - streak.lastUs > FORGOTTEN_US) {
      streak = { sinceUs: now, lastUs: now };
      refused.set(key, streak);
    }
    streak.lastUs = now;
    const lastsUs = now - Math.max(streak.sinceUs, judge.calmSinceUs);
    if (lastsUs <= REFUSED_US_MAX) return;
    refused.delete(key);
    judge.violate(
      predicate,
      `the eviction of pod ${key} is refused for ${Math.round(lastsUs / 1_000_000)} s, and budget ${keyOf(budget)} has healthy pods to spare`,
    );
  };
  return predicate;
}

/** The budget of the pod if that has more healthy pods than it wants; null where there is none, more than one, or none to spare. */
function sparingBudget({ world }: Judge, key: string): PodDisruptionBudget | null {
  const pods = [...world.of('Pod').values()] as Pod[];
  const pod = pods.find((candidate) => keyOf(candidate) === key);
  if (pod === undefined) return null;
  const { namespace, labels } = pod.metadata;
  const budgets = ([...world.of('PodDisruptionBudget').values()] as PodDisruptionBudget[]).filter(
    ({ metadata, spec }) => metadata.namespace === namespace && compileSelector(spec?.selector).matches(labels),
  );
  const [budget] = budgets;
  if (budget === undefined || budgets.length > 1) return null;
  const selector = compileSelector(budget.spec?.selector);
  const recorded = budget.status?.disruptedPods ?? {};
  const healthy = pods.filter(
    (other) =>
      other.metadata.namespace === namespace &&
      other.metadata.deletionTimestamp === undefined &&
      selector.matches(other.metadata.labels) &&
      isPodReady(other) &&
      !(other.metadata.name in recorded),
  );
  return healthy.length > (budget.status?.desiredHealthy ?? 0) ? budget : null;
}
