/**
 * The workload of Kubernetes objects: manifests on a cluster that is sized for them or given, or a dump that is placed anew.
 *
 * Pods of DaemonSets (and static ones of a dump) stand on their nodes from the beginning; so do all bound pods of a dump when
 * manifests are given as well. Everything else is placed by the policies.
 */
import { resolveCluster } from '../../core/cluster/description.ts';
import type { KubeObject, Node, Pod } from '../../core/cluster/vocabulary.ts';
import { OPENB_SPAN_S } from '../traces/lifetimes.ts';
import { type ClusterDump, isPinned } from '../trial/cluster-dump.ts';
import { replicasOf } from '../trial/replicas.ts';
import type { TrialCluster } from '../trial/sizing.ts';
import { templateOf } from '../trial/templates.ts';
import { RUNNABLE_KINDS } from '../trial/workload.ts';
import { PodKindTable } from './pod-kinds.ts';
import type { CompareWorkload } from './workload.ts';

/** What is assumed when objects say nothing of lifetimes. */
export const OBJECT_ASSUMPTIONS: readonly string[] = [
  'in the steady state lifetimes are drawn from the quantiles of the openb trace, since manifests name none',
  'pods of a kind arrive one by one; priorities, budgets and preemption play no part',
];

/** The workload of manifests on a cluster. */
export function manifestWorkload(name: string, objects: readonly KubeObject[], cluster: TrialCluster): CompareWorkload {
  const nodes = cluster.dump?.nodes ?? nodesOf(cluster);
  const table = new PodKindTable();
  const rows: number[] = [];
  const bound: number[] = [];
  for (const object of objects) {
    const template = (RUNNABLE_KINDS as readonly string[]).includes(object.kind) ? templateOf(object) : null;
    if (template === null) continue;
    const kind = table.intern(object.metadata.namespace ?? 'default', template.metadata?.labels, template.spec);
    const replicas = replicasOf(object);
    if (replicas < 0) {
      nodes.forEach((node, index) => {
        if (hasLabels(node, template.spec.nodeSelector)) bound.push(kind, index);
      });
    } else for (let i = 0; i < replicas; i++) rows.push(kind);
  }
  if (cluster.dump !== undefined) addDump(cluster.dump, nodes, table, rows, bound, () => true);
  return workloadOf(name, `${name} on ${cluster.text}`, nodes, table, rows, bound);
}

/** The workload of a dump alone: its movable pods are placed anew. */
export function dumpWorkload(name: string, dump: ClusterDump): CompareWorkload {
  const table = new PodKindTable();
  const rows: number[] = [];
  const bound: number[] = [];
  addDump(dump, dump.nodes, table, rows, bound, isPinned);
  return workloadOf(name, `dump ${name}, its pods placed anew`, dump.nodes, table, rows, bound);
}

function addDump(
  dump: ClusterDump,
  nodes: readonly Node[],
  table: PodKindTable,
  rows: number[],
  bound: number[],
  stays: (pod: Pod) => boolean,
): void {
  const indexes = new Map(nodes.map(({ metadata }, index) => [metadata.name, index]));
  for (const pod of dump.pods) {
    const kind = table.intern(pod.metadata.namespace ?? 'default', pod.metadata.labels, pod.spec);
    const node = indexes.get(pod.spec.nodeName ?? '');
    if (node !== undefined && stays(pod)) bound.push(kind, node);
    else rows.push(kind);
  }
}

function workloadOf(
  name: string,
  source: string,
  nodes: readonly Node[],
  { kinds }: PodKindTable,
  rows: readonly number[],
  bound: readonly number[],
): CompareWorkload {
  return {
    name,
    source,
    nodes: nodes.map(readNode),
    kinds,
    kindOf: Int32Array.from(rows),
    lifetimesS: null,
    spanS: OPENB_SPAN_S,
    bound: Int32Array.from(bound),
    orders: null,
    nodeOrders: null,
  };
}

/** The nodes of a cluster description as objects. */
function nodesOf({ description }: TrialCluster): Node[] {
  return resolveCluster(description).nodes.map(({ name, zone, allocatable, labels, taints }) => {
    const zoneLabel = zone === '' ? {} : { 'topology.kubernetes.io/zone': zone };
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name, ...zoneLabel, ...labels } },
      spec: { taints },
      status: { allocatable },
    } as Node;
  });
}

/** What the scheduler reads of a node; a dump's conditions, images and managed fields stay behind. */
function readNode({ metadata, spec, status }: Node): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: metadata.name, labels: metadata.labels ?? {} },
    spec: { taints: spec?.taints ?? [], unschedulable: spec?.unschedulable === true },
    status: { allocatable: status?.allocatable ?? status?.capacity ?? {} },
  } as Node;
}

function hasLabels(node: Node, selector: Readonly<Record<string, string>> | undefined): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => node.metadata.labels?.[key] === value);
}
