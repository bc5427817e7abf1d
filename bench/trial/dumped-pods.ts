/**
 * What a dump means for a trial: pods that are not of the manifests keep their place, budgets and priorities are taken over.
 *
 * Pods of the dump do not run in the simulation: what they ask for is taken off their node's allocatable. Pods of a workload
 * that the manifests hold are the manifests' and take nothing.
 */
import type { ClusterDescription, NodeGroup } from '../../core/cluster/description.ts';
import {
  amountOf,
  controllerOf,
  type KubeObject,
  type LabelSelector,
  type Pod,
  podRequests,
} from '../../core/cluster/vocabulary.ts';
import { appliedNamespace } from '../../scenarios/manifests.ts';
import type { ClusterDump } from './cluster-dump.ts';
import { selects, templateOf } from './templates.ts';

/** A cluster without the room that the dump's own pods take, and how many these are. */
export function withoutDumpedPods(
  description: ClusterDescription,
  dump: ClusterDump,
  objects: readonly KubeObject[],
): { readonly description: ClusterDescription; readonly kept: number } {
  const taken = new Map<string, Map<string, number>>();
  let kept = 0;
  for (const pod of dump.pods) {
    const { nodeName } = pod.spec;
    if (nodeName === undefined || nodeName === '' || isOfManifests(pod, objects)) continue;
    kept++;
    const sums = taken.get(nodeName) ?? new Map<string, number>();
    taken.set(nodeName, sums);
    for (const [name, amount] of amountsOf(pod)) sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  const groups = 'count' in description.nodes ? [description.nodes] : description.nodes;
  const nodes = groups.map((group) => less(group, taken.get(group.names?.[0] ?? '')));
  return { description: { ...description, nodes }, kept };
}

/** Priority classes of the dump, and budgets that select pods of the manifests, unless the manifests have them. */
export function takenOver(dump: ClusterDump, objects: readonly KubeObject[]): KubeObject[] {
  const known = new Set(objects.map(idOf));
  const fresh = (object: KubeObject): boolean => !known.has(idOf(object));
  const classes = dump.priorityClasses.filter((each) => fresh(each) && !each.metadata.name.startsWith('system-'));
  const budgets = dump.budgets.filter((budget) => {
    const { selector } = (budget.spec ?? {}) as { selector?: LabelSelector };
    const selected = objects.some((object) => {
      const template = templateOf(object);
      return sameNamespace(object, budget) && template !== null && selects(selector, template);
    });
    return selected && fresh(budget);
  });
  return [...classes, ...budgets].map(bare);
}

function idOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${appliedNamespace(metadata)} ${metadata.name}`;
}

function sameNamespace(a: KubeObject, b: KubeObject): boolean {
  return appliedNamespace(a.metadata) === appliedNamespace(b.metadata);
}

/** The object as a user would write it: without what the server put there. */
function bare(object: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = object.metadata;
  const { status: _status, ...rest } = object;
  const metadata = {
    name,
    ...(namespace && { namespace }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  };
  return { ...rest, metadata } as KubeObject;
}

/** A pod of a Deployment is owned by a ReplicaSet with its name and a hash. */
function isOfManifests(pod: Pod, objects: readonly KubeObject[]): boolean {
  const { metadata } = pod;
  const owner = controllerOf(pod);
  return objects.some((object) => {
    if (!sameNamespace(object, pod)) return false;
    const {
      kind,
      metadata: { name },
    } = object;
    if (kind === 'Pod') return name === metadata.name;
    if (owner?.kind === kind) return owner.name === name;
    return kind === 'Deployment' && owner?.kind === 'ReplicaSet' && owner.name.replace(/-[a-z0-9]+$/, '') === name;
  });
}

function amountsOf({ spec }: Pod): (readonly [string, number])[] {
  const requests = podRequests(spec);
  return [
    ['cpu', requests.cpuMilli],
    ['memory', requests.memoryBytes],
    ['ephemeral-storage', requests.ephemeralStorageBytes],
    ['pods', 1],
    ...requests.extended.map(({ name, amount }) => [name, amount] as const),
  ];
}

function less(group: NodeGroup, taken: ReadonlyMap<string, number> | undefined): NodeGroup {
  if (taken === undefined) return group;
  const left: Record<string, string> = {};
  for (const [name, quantity] of Object.entries({ pods: '110', ...group.capacity, ...group.allocatable })) {
    const amount = Math.max(0, amountOf(name, quantity) - (taken.get(name) ?? 0));
    left[name] = name === 'cpu' ? `${amount}m` : String(amount);
  }
  return { ...group, allocatable: left };
}
