/** Whether a device is one that a request asks for: its selectors, its taints, its capacity. */
import { CelError, type CelNode } from '../../../types/cel-syntax.ts';
import { firstUntolerated } from '../../tolerated.ts';
import { deviceMatches } from './cel-evaluate.ts';
import type { NamedSelector, RequestAlternative } from './device-claims.ts';
import type { PooledDevice } from './pools.ts';
import { consumptionOf, coversRequest } from './shared-capacity.ts';

/** Ends the search on a node. */
export class Refusal extends Error {}

/** What selectors said of devices; both are the same objects from cycle to cycle. */
const answers = new WeakMap<CelNode, WeakMap<PooledDevice, boolean>>();

/** Whether a device is what an alternative asks for, in use or not. @throws Refusal when a selector fails on it */
export function matches({ selectors, tolerations, amounts }: RequestAlternative, pooled: PooledDevice): boolean {
  const { device, shared } = pooled;
  if (device.taints !== undefined && firstUntolerated(tolerations, device.taints) !== null) return false;
  if (amounts.size > 0 && !(shared ? consumptionOf(device, amounts) !== null : coversRequest(device, amounts)))
    return false;
  return selectorsMatch(selectors, pooled);
}

/** Whether a device has what all selectors ask for. @throws Refusal when one of them fails on it */
export function selectorsMatch(selectors: readonly NamedSelector[], pooled: PooledDevice): boolean {
  for (const { label, tree } of selectors) {
    let known = answers.get(tree);
    if (known === undefined) {
      known = new WeakMap();
      answers.set(tree, known);
    }
    try {
      const answer = known.get(pooled) ?? deviceMatches(tree, pooled.driver, pooled.device);
      known.set(pooled, answer);
      if (!answer) return false;
    } catch (error) {
      if (error instanceof CelError) throw new Refusal(`${label}: CEL runtime error: ${error.message}`);
      throw error;
    }
  }
  return true;
}
