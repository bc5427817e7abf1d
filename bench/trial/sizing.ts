/**
 * Chooses the cluster of a trial: so many equal nodes in so many zones that everything fits, also when one zone is gone.
 *
 * What was chosen, and why, is part of the report: a mark means nothing without the cluster it was earned on.
 */
import { type ClusterDescription, DEFAULT_CAPACITY, type NodeGroup } from '../../core/cluster/description.ts';
import type { KubeObject } from '../../core/cluster/vocabulary.ts';
import { countOf } from '../report/counted.ts';
import type { ClusterDump } from './cluster-dump.ts';
import { type Amounts, type Demand, demandOf, withHeadroom } from './demand.ts';

/** The cluster of a trial with the reasons for it. */
export interface TrialCluster {
  readonly description: ClusterDescription;
  /** One line: `9 nodes in 3 zones, each 4 cpu, 16Gi memory`. */
  readonly text: string;
  /** Why, one sentence each. */
  readonly reasons: readonly string[];
  /** What `--cluster` gave besides the nodes, when it was a dump. */
  readonly dump?: ClusterDump | undefined;
}

const DEFAULT_ZONES = 3;
const DEFAULT_NODES = 9;
/** Highly available, as a managed control plane is; one store member. */
const CONTROL_PLANE = { storeMembers: 1, apiServers: 2, schedulers: 2, controllerManagers: 2 } as const;
/** Room beyond the sum of requests, so that whole pods fit between others, %. */
const HEADROOM_PERCENT = 25;
const CPU_SIZES = [4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const MEMORY_SIZES_GI = [16, 32, 64, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096];
const STORAGE_SIZES_GI = [100, 200, 500, 1000, 2000, 5000, 10_000];
const GI = 1024 ** 3;
/** Above this many pods a node gets crowded: more nodes are better. */
const PODS_A_NODE_MAX = 100;
/** The largest node that is chosen while more nodes can be had. */
const CPU_COMFORTABLE_MILLI = 64_000;
const NODES_MAX = 3000;

/** Sizes a cluster for `objects`; `nodes` and `zones` as asked for, undefined = chosen here. */
export function sizeCluster(
  objects: readonly KubeObject[],
  nodes: number | undefined,
  zones: number | undefined,
): TrialCluster {
  const demand = demandOf(objects);
  const zoneCount = zones ?? Math.min(DEFAULT_ZONES, nodes ?? DEFAULT_ZONES);
  const nodeCount = nodes ?? chosenNodes(demand, zoneCount);
  const left = nodeCount - Math.ceil(nodeCount / zoneCount);
  const usable = zoneCount > 1 && left > 0 ? left : nodeCount;
  const capacity = capacityFor(demand, usable);
  const zoneNames = Array.from({ length: zoneCount }, (_, index) => `zone-${zoneLetter(index)}`);
  const labels = demand.labels;
  const group: NodeGroup = {
    count: nodeCount,
    zones: zoneNames,
    capacity,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  const extras = Object.keys(capacity).filter((name) => !(name in DEFAULT_CAPACITY));
  const each = [
    `${capacity['cpu']} cpu`,
    `${capacity['memory']} memory`,
    ...extras.map((name) => `${capacity[name]} ${name}`),
  ];
  return {
    description: { nodes: group, controlPlane: CONTROL_PLANE },
    text: `${countOf(nodeCount, 'node')} in ${countOf(zoneCount, 'zone')}, each ${each.join(', ')}`,
    reasons: reasonsOf(demand, { nodes, zones, nodeCount, zoneCount, usable }),
  };
}

function chosenNodes(demand: Demand, zoneCount: number): number {
  let nodeCount = Math.max(DEFAULT_NODES, zoneCount);
  nodeCount += (zoneCount - (nodeCount % zoneCount)) % zoneCount;
  // More nodes make the share of each smaller, never its largest pod.
  const cpuMax = Math.max(
    CPU_COMFORTABLE_MILLI,
    2 * (demand.largest.get('cpu') ?? 0) + (demand.perNode.get('cpu') ?? 0),
  );
  while (nodeCount < NODES_MAX) {
    const usable = zoneCount > 1 ? nodeCount - nodeCount / zoneCount : nodeCount;
    if (perNode(demand, 'pods', usable) <= PODS_A_NODE_MAX && perNode(demand, 'cpu', usable) <= cpuMax) break;
    nodeCount += zoneCount;
  }
  return nodeCount;
}

/**
 * What one of `usable` nodes must hold beside the pods of every node: an even share with headroom, and at least an even share and one largest pod, so that
 * pods fit in whatever order they come (a node without room for a pod would hold more than an even share).
 */
function perNode(demand: Demand, name: string, usable: number): number {
  const shared = (demand.total.get(name) ?? 0) + (demand.surge.get(name) ?? 0);
  const every = demand.perNode.get(name) ?? 0;
  const roomy = Math.ceil(withHeadroom(shared, HEADROOM_PERCENT) / usable);
  const whole = Math.ceil(shared / usable) + (demand.largest.get(name) ?? 0);
  return every + Math.max(roomy, whole);
}

function capacityFor(demand: Demand, usable: number): Record<string, string> {
  const capacity: Record<string, string> = {
    cpu: String(sizeFrom(CPU_SIZES, Math.ceil(perNode(demand, 'cpu', usable) / 1000))),
    memory: `${sizeFrom(MEMORY_SIZES_GI, Math.ceil(perNode(demand, 'memory', usable) / GI))}Gi`,
    'ephemeral-storage': `${sizeFrom(STORAGE_SIZES_GI, Math.ceil(perNode(demand, 'ephemeral-storage', usable) / GI))}Gi`,
    pods: String(Math.max(110, perNode(demand, 'pods', usable))),
  };
  for (const name of new Set([...demand.total.keys(), ...demand.perNode.keys()])) {
    if (!(name in capacity)) capacity[name] = String(perNode(demand, name, usable));
  }
  return capacity;
}

function sizeFrom(sizes: readonly number[], needed: number): number {
  return sizes.find((size) => size >= needed) ?? needed;
}

interface Choice {
  readonly nodes: number | undefined;
  readonly zones: number | undefined;
  readonly nodeCount: number;
  readonly zoneCount: number;
  readonly usable: number;
}

/** `5.8 cpu`, `32m cpu`: what is less than one has no tenths to lose. */
function cpuText(milli: number): string {
  if (milli === 0) return 'no cpu';
  return milli < 950 ? `${milli}m cpu` : `${(milli / 1000).toFixed(1)} cpu`;
}

function memoryText(bytes: number): string {
  if (bytes === 0) return 'no memory';
  return bytes < 0.95 * GI ? `${Math.ceil((bytes / GI) * 1024)}Mi` : `${(bytes / GI).toFixed(1)}Gi`;
}

/** `12 pods request 5.8 cpu and 8.8Gi, 1 more on every node requests 100m cpu and no memory`. */
function requestsText({ total, perNode }: Demand): string {
  const amounts = (of: Amounts): string => {
    const [cpu, memory] = [of.get('cpu') ?? 0, of.get('memory') ?? 0];
    return cpu + memory === 0 ? 'neither cpu nor memory' : `${cpuText(cpu)} and ${memoryText(memory)}`;
  };
  const pods = total.get('pods') ?? 0;
  const every = perNode.get('pods') ?? 0;
  const verb = (of: number): string => (of === 1 ? 'requests' : 'request');
  if (pods === 0) return `${countOf(every, 'pod')} on every node ${verb(every)} ${amounts(perNode)}`;
  const onEvery = every === 0 ? '' : `, ${every} more on every node ${verb(every)} ${amounts(perNode)}`;
  return `${countOf(pods, 'pod')} ${verb(pods)} ${amounts(total)}${onEvery}`;
}

function reasonsOf(demand: Demand, choice: Choice): string[] {
  const reasons = [`${requestsText(demand)}; a quarter more, and the largest rolling update's extra pods, fit`];
  const largest = (demand.largest.get('cpu') ?? 0) / 1000;
  if (largest > (CPU_SIZES.at(-1) as number)) {
    reasons.push(`no machine is that large: a pod requests ${largest.toFixed(0)} cpu (1000m is one)`);
  }
  if (choice.zoneCount > 1) reasons.push(`they fit on ${countOf(choice.usable, 'node')}: one zone can be lost`);
  if (choice.nodes !== undefined) reasons.push(`--nodes ${choice.nodes}`);
  if (choice.zones !== undefined) reasons.push(`--zones ${choice.zones}`);
  const labels = Object.entries(demand.labels).map(([key, value]) => `${key}=${value}`);
  if (labels.length > 0) reasons.push(`all nodes carry the labels that node selectors ask for: ${labels.join(', ')}`);
  if (demand.conflicts.length > 0)
    reasons.push(`no node carries ${demand.conflicts.join(', ')}: describe the nodes with --cluster FILE`);
  return reasons;
}

function zoneLetter(index: number): string {
  return index < 26 ? String.fromCharCode(97 + index) : `z${index}`;
}
