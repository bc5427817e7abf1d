/**
 * Where a PodGroup with a topology constraint may go: on nodes that share a value of its label, all of its pods on the same. Source: Kubernetes 1.37,
 * plugins topologyaware, podgrouppodscount and noderesources (gate TopologyAwareWorkloadScheduling).
 */

import type { Pod } from '../../types/pod.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import type { ResourceWeight } from '../configuration/plugin-arguments.ts';
import { CAPACITY, NON_ZERO_CPU, type NodeTable, ROW } from '../nodes/node-table.ts';
import { MEMORY } from '../nodes/resource-names.ts';
import { NOT_SELECTED } from '../plugins/node-affinity-plugin.ts';

const MAX_SCORE = 100;

/** Nodes that a group may go to together. */
export interface Placement {
  /** Of the label. */
  readonly domain: string;
  readonly slots: readonly number[];
}

/** Why a pod got no node in the cycle of its group. */
export interface Rejection {
  readonly message: string;
  /** Plugins that rejected it, as a Diagnosis has them. */
  readonly rejectors: number;
  /** It was not rejected: the attempt went wrong. */
  readonly isError: boolean;
}

/** The placements of a label, in search order of their first nodes; only that of `required`, where pods of the group are already. */
export function placementsOf(nodes: NodeTable, key: string, required: string | null): readonly Placement[] {
  const found = new Map<string, number[]>();
  const { list } = nodes.order;
  for (let i = 0; i < nodes.nodeCount; i++) {
    const slot = list[i] as number;
    const domain = nodes.labels[slot]?.[key];
    if (domain === undefined || (required !== null && required !== domain)) continue;
    const slots = found.get(domain);
    if (slots === undefined) found.set(domain, [slot]);
    else slots.push(slot);
  }
  return [...found].map(([domain, slots]) => ({ domain, slots }));
}

/** A pod as it is tried on the nodes of a placement; `null` when it asks for others. */
export function confined(pod: Pod, key: string, domain: string): Pod | null {
  const wanted = pod.spec.nodeSelector?.[key];
  if (wanted !== undefined) return wanted === domain ? pod : null;
  return { ...pod, spec: { ...pod.spec, nodeSelector: { ...pod.spec.nodeSelector, [key]: domain } } };
}

/** Why a pod has no node of a placement when it asks for other nodes: as its node selector says on all of them. */
export function asksElsewhere(core: SchedulingCore, profile: number): Rejection {
  const { nodeCount } = core.nodes;
  const plugin = core.filterNames(profile).indexOf('NodeAffinity');
  const message = `0/${nodeCount} nodes are available: ${nodeCount} ${NOT_SELECTED}.`;
  return { message, rejectors: plugin < 0 ? 0 : 1 << plugin, isError: false };
}

/** How full the nodes of a placement are with all pods on them, 0 … 100, the fuller the better (MostAllocated). */
export function fullness(nodes: NodeTable, slots: readonly number[], resources: readonly ResourceWeight[]): number {
  let sum = 0;
  let weights = 0;
  for (const { name, weight } of resources) {
    const id = nodes.resources.intern(name);
    let requested = 0;
    let allocatable = 0;
    for (const slot of slots) {
      allocatable += id <= MEMORY ? (nodes.rows[slot * ROW + CAPACITY + id] as number) : nodes.allocatableOf(slot, id);
      requested += id <= MEMORY ? (nodes.rows[slot * ROW + NON_ZERO_CPU + id] as number) : nodes.requestedOf(slot, id);
    }
    if (allocatable === 0) continue;
    sum += weight * Math.floor((MAX_SCORE * Math.min(requested, allocatable)) / allocatable);
    weights += weight;
  }
  return weights === 0 ? 0 : Math.floor(sum / weights);
}

/** The number of the best trial, the first of equal ones; −1 of none. `count`: pods of the group that have nodes with it; `full`: {@link fullness}. */
export function bestPlacement(trials: readonly { readonly count: number; readonly full: number }[]): number {
  const most = Math.max(...trials.map(({ count }) => count));
  const scores = trials.map(({ count, full }) => Math.floor((MAX_SCORE * count) / most) + full);
  return scores.indexOf(Math.max(...scores));
}
