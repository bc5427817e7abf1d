/**
 * What a node lacks for a pod, in figures: resources that are short, and devices for the claims that are not allocated.
 *
 * Devices are counted for each request alone; what several requests take from each other is not.
 */

import type { ClusterObjects } from '../scheduler/framework/cluster-objects.ts';
import { deviceMatches } from '../scheduler/framework/devices/cel-evaluate.ts';
import { claimsOfPod, type RequestAlternative } from '../scheduler/framework/devices/device-claims.ts';
import { type PooledDevice, poolsOf } from '../scheduler/framework/devices/pools.ts';
import type { NodeInfo } from '../scheduler/framework/node-info.ts';
import { podResources } from '../scheduler/framework/pod-resources.ts';
import { CelError } from '../types/cel-syntax.ts';
import type { Pod } from '../types/pod.ts';

const MEBI = 1_048_576;

/** `cpu: asks 1, free 0.5`; `''` for plugins whose reasons hold no quantity. */
export function shortfallOf(plugin: string, pod: Pod, node: NodeInfo, objects: ClusterObjects): string {
  if (plugin === 'NodeResourcesFit') return resourcesShort(pod, node);
  return plugin === 'DynamicResources' ? devicesShort(pod, node, objects) : '';
}

function resourcesShort(pod: Pod, node: NodeInfo): string {
  const short: string[] = [];
  for (const [name, amount] of podResources(pod.spec).requests) {
    const free = node.allocatableOf(name) - node.requestedOf(name);
    if (amount > 0 && amount > free)
      short.push(`${name}: asks ${amountText(name, amount)}, free ${amountText(name, free)}`);
  }
  return short.join('; ');
}

/** CPU in cores, memory and storage in Mi. */
function amountText(name: string, amount: number): string {
  if (name === 'cpu') return String(amount / 1000);
  const isBytes = name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-');
  return isBytes ? `${Math.round((amount / MEBI) * 10) / 10}Mi` : String(amount);
}

function devicesShort(pod: Pod, node: NodeInfo, objects: ClusterObjects): string {
  const claims = claimsOfPod(pod, objects);
  if (typeof claims === 'string') return '';
  const pools = poolsOf(objects, node);
  const reached = pools.flatMap(({ devices }) => devices);
  const withheld = pools.reduce((sum, pool) => sum + pool.withheld, 0);
  const others = withheld === 0 ? '' : `, withheld by feature gates that are off ${withheld}`;
  const lines: string[] = [];
  for (const { key, allocation, requests } of claims) {
    if (allocation !== null) continue;
    for (const alternative of requests.flatMap(({ alternatives }) => alternatives)) {
      const { name, count } = alternative;
      const problems = new Set<string>();
      const matching = reached.filter((device) => matches(alternative, device, problems));
      const held = matching.filter((device) => objects.devices.has(device.key)).length;
      const wants = count < 0 ? 'all that match' : String(count);
      lines.push(
        `${key} ${name}: wants ${wants}, of the devices here match ${matching.length} of ${reached.length}, held ${held}${others}`,
        ...problems,
      );
    }
  }
  return lines.join('; ');
}

/** Whether a device matches; where a selector fails on it, what it says is added to the problems. */
function matches({ selectors }: RequestAlternative, { driver, device }: PooledDevice, problems: Set<string>): boolean {
  return selectors.every(({ label, tree }) => {
    try {
      return deviceMatches(tree, driver, device);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      problems.add(`${label}: CEL runtime error: ${error.message}`);
      return false;
    }
  });
}
