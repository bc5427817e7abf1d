/** Whether a device is one that a request asks for: its selectors, its taints, its capacity. */
import { CelError, type CelNode } from '../../../types/cel-syntax.ts';
import { isTolerated } from '../../../types/tolerations.ts';
import { deviceMatches } from './cel-evaluate.ts';
import type { NamedSelector, RequestAlternative } from './device-claims.ts';
import type { DevicePool, PooledDevice } from './pools.ts';
import { consumptionOf, coversRequest } from './shared-capacity.ts';

/** Ends the search on a node. */
export class Refusal extends Error {}

/** Selectors whose answers a pool keeps; classes and templates have a handful. */
const SELECTORS_MAX = 256;
const YES = 1;
const NO = 2;

/** What selectors said of the devices of pools, by index; pools and selectors are the same objects from cycle to cycle. */
const answers = new WeakMap<DevicePool, Map<CelNode, Uint8Array>>();

/**
 * Whether a pool's device is what an alternative asks for, in use and tainted or not (isSelectable and CmpRequestOverCapacity).
 * @throws Refusal when a selector fails on it
 */
export function matches({ selectors, amounts }: RequestAlternative, pool: DevicePool, i: number): boolean {
  if (!selectorsMatch(selectors, pool, i)) return false;
  if (amounts.size === 0) return true;
  const { device, shared } = pool.devices[i] as PooledDevice;
  return shared ? consumptionOf(device, amounts) !== null : coversRequest(device, amounts);
}

/** Whether the taints of a device keep an alternative off it; those with another effect than these two do not (taintPreventsAllocation). */
export function isKeptOff({ tolerations }: RequestAlternative, { device }: PooledDevice): boolean {
  return (device.taints ?? []).some(
    (taint) => (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !isTolerated(tolerations, taint),
  );
}

/** Whether a pool's device has what all selectors ask for. @throws Refusal when one of them fails on it */
export function selectorsMatch(selectors: readonly NamedSelector[], pool: DevicePool, i: number): boolean {
  for (const { label, tree } of selectors) {
    const known = answersOf(pool, tree);
    if (known[i] === 0) known[i] = ask(label, tree, pool.devices[i] as PooledDevice) ? YES : NO;
    if (known[i] === NO) return false;
  }
  return true;
}

function answersOf(pool: DevicePool, tree: CelNode): Uint8Array {
  let ofPool = answers.get(pool);
  if (ofPool === undefined) {
    ofPool = new Map();
    answers.set(pool, ofPool);
  }
  let known = ofPool.get(tree);
  if (known === undefined) {
    if (ofPool.size >= SELECTORS_MAX) ofPool.clear();
    known = new Uint8Array(pool.devices.length);
    ofPool.set(tree, known);
  }
  return known;
}

function ask(label: string, tree: CelNode, { driver, device }: PooledDevice): boolean {
  try {
    return deviceMatches(tree, driver, device);
  } catch (error) {
    if (error instanceof CelError) throw new Refusal(`${label}: CEL runtime error: ${error.message}`);
    throw error;
  }
}
