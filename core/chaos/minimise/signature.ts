/**
 * What makes two failures the same one: the broken predicate and the kind of object it speaks of.
 *
 * A smaller plan that fails in another way is not a smaller version of the failure, so every candidate is held against this.
 */
import { BUILT_IN_TYPES } from '../../types/resource-type.ts';
import type { Outcome } from '../run-plan.ts';

/** `RS1 ReplicaSet`, `SC1 pod`; null for a run that did not fail. */
export function signatureOf(outcome: Outcome): string | null {
  if (outcome.kind === 'over-budget') return 'over-budget';
  if (outcome.kind !== 'fail') return null;
  const [word = ''] = outcome.message.split(' ', 1);
  return isKind(word) ? `${outcome.predicate} ${word}` : outcome.predicate;
}

/** Whether a message begins with the kind of what it speaks of: `ReplicaSet`, `pod`; other first words say nothing. */
function isKind(word: string): boolean {
  if (!/^[A-Za-z]+$/.test(word)) return false;
  return /^[A-Z]/.test(word) || BUILT_IN_TYPES.some(({ singular }) => singular === word);
}
