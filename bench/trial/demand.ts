/**
 * What the pods of the manifests ask for in sum: the input of sizing a cluster.
 */

import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import { podRequests, scaledValue } from '../../core/cluster/vocabulary.ts';
import { replicasOf, rolloutLimits } from './replicas.ts';
import { templateOf } from './templates.ts';
import { RUNNABLE_KINDS } from './workload.ts';

/** Amounts by resource name: `cpu` in thousandths of a core, all others in plain units; `pods` counts pods. */
export type Amounts = Map<string, number>;

/** Requests of all pods. */
export interface Demand {
  /** Pods that run once in the cluster. */
  readonly total: Amounts;
  /** Pods that a rolling update adds at most: those of the workload with the largest surge. */
  readonly surge: Amounts;
  /** Pods that run on every node. */
  readonly perNode: Amounts;
  /** Largest single pod, by resource. */
  readonly largest: Amounts;
  /** Labels that node selectors ask for; the first value of each key. */
  readonly labels: Readonly<Record<string, string>>;
  /** Node selectors that ask for another value of the same label: `disk=ssd`. */
  readonly conflicts: readonly string[];
}

/** Sums up the runnable objects. */
export function demandOf(objects: readonly KubeObject[]): Demand {
  const total: Amounts = new Map();
  const perNode: Amounts = new Map();
  const largest: Amounts = new Map();
  const labels: Record<string, string> = {};
  const conflicts: string[] = [];
  let surge: Amounts = new Map();
  for (const object of objects) {
    const template = (RUNNABLE_KINDS as readonly string[]).includes(object.kind) ? templateOf(object) : null;
    if (template === null) continue;
    const pod = amountsOf(podRequests(template.spec));
    const replicas = replicasOf(object);
    if (replicas < 0) add(perNode, pod, 1);
    else add(total, pod, replicas);
    for (const [name, amount] of pod) largest.set(name, Math.max(largest.get(name) ?? 0, amount));
    const extra = times(pod, replicas < 0 ? 0 : rolloutLimits(object, replicas).maxSurge);
    if ((extra.get('pods') ?? 0) > (surge.get('pods') ?? 0)) surge = extra;
    for (const [key, value] of Object.entries(template.spec.nodeSelector ?? {})) {
      if (labels[key] === undefined) labels[key] = value;
      else if (labels[key] !== value) conflicts.push(`${key}=${value}`);
    }
  }
  return { total, surge, perNode, largest, labels, conflicts };
}

function amountsOf(requests: ReturnType<typeof podRequests>): Amounts {
  const amounts: Amounts = new Map([
    ['cpu', requests.cpuMilli],
    ['memory', requests.memoryBytes],
    ['ephemeral-storage', requests.ephemeralStorageBytes],
    ['pods', 1],
  ]);
  for (const { name, amount } of requests.extended) amounts.set(name, amount);
  return amounts;
}

function add(sum: Amounts, amounts: Amounts, count: number): void {
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0) + amount * count);
}

function times(amounts: Amounts, count: number): Amounts {
  const product: Amounts = new Map();
  add(product, amounts, count);
  return product;
}

/** `amount` in percent of itself more, rounded up: headroom. */
export function withHeadroom(amount: number, percent: number): number {
  return amount + scaledValue(`${percent}%`, amount, true);
}
