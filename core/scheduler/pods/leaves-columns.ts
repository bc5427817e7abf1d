/** Pods that the columns cannot answer for, whatever their profile: what matters of them no shape holds. */
import type { Pod } from '../../types/pod.ts';
import { holdsOtherAmounts } from '../framework/held-requests.ts';
import { needsFeatures } from '../framework/plugins/node-declared-features.ts';

/** Whether a pod needs declared features of its node, or is being resized in place. @throws QuantityError for a malformed amount. */
export function leavesColumns(pod: Pod): boolean {
  return needsFeatures(pod) || holdsOtherAmounts(pod);
}
