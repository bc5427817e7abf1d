/**
 * What makes two failures the same one: the broken predicate and the kind of object it speaks of.
 *
 * A smaller plan that fails in another way is not a smaller version of the failure, so every candidate is held against this.
 */
import type { Outcome } from '../run-plan.ts';

/** `RS1 ReplicaSet`, `SC1 pod`; null for a run that did not fail. */
export function signatureOf(outcome: Outcome): string | null {
  if (outcome.kind === 'over-budget') return 'over-budget';
  if (outcome.kind !== 'fail') return null;
  const [kind = ''] = outcome.message.split(' ', 1);
  return `${outcome.predicate} ${/^[A-Za-z]+$/.test(kind) ? kind : ''}`.trim();
}
