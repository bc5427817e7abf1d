/**
 * From a target selector to processes and nodes, decided at the instant the fault begins.
 *
 * Draws come from a stateless draw keyed by the fault's id, so that removing one fault changes nobody else's targets.
 */
import { hashString, mix } from '../base/content-hash.ts';
import { drawUint32 } from '../base/random.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Pid } from '../sim/process.ts';
import type { Lease } from '../types/lease.ts';
import type { KubeObject } from '../types/object.ts';
import { controllerOf } from '../types/owner-references.ts';
import type { Pod } from '../types/pod.ts';
import type { Target } from './plan.ts';
import type { World } from './world.ts';

/** Components that a target may name, with the lease that elects their leader ('' = no election). */
export const COMPONENTS: Readonly<Record<string, string>> = {
  etcd: '',
  apiserver: '',
  scheduler: 'kube-scheduler',
  'controller-manager': 'kube-controller-manager',
  'cloud-controller-manager': 'cloud-controller-manager',
};

/** Indexes of the nodes a target names, ascending. */
export function targetNodes(cluster: Cluster, world: World, target: Target, faultId: string): number[] {
  const nodes = cluster.description.nodes;
  const all = nodes.map((_, index) => index);
  let found: number[] = [];
  if (target.node !== undefined) found = all.filter((index) => nodes[index]?.name === target.node);
  else if (target.hosting !== undefined) found = hosts(cluster, world, target.hosting);
  else if (target.zone !== undefined) found = all.filter((index) => nodes[index]?.zone === target.zone);
  else if (target.anyNode === true) found = all;
  const wanted =
    target.count ?? (target.percent === undefined ? found.length : Math.ceil((found.length * target.percent) / 100));
  return wanted >= found.length ? found : drawSome(cluster, found, wanted, faultId);
}

/** Process ids a target names: a component's instances, or the kubelets of nodes. */
export function targetProcesses(cluster: Cluster, world: World, target: Target, faultId: string): Pid[] {
  if (target.component === undefined)
    return targetNodes(cluster, world, target, faultId).map((node) => cluster.kubelets[node] as Pid);
  const instances = cluster.instancesOf(target.component);
  const instance = target.instance ?? 0;
  if (instance === 'all') return [...instances];
  if (instance === 'leader' && target.component === 'etcd') {
    const leader = cluster.storeLeader();
    return leader === undefined ? [] : [leader];
  }
  if (instance === 'leader')
    return instances.filter(
      (pid) => cluster.sim.processes.names[pid] === leaderName(world, target.component as string),
    );
  const pid = instances[instance];
  return pid === undefined ? [] : [pid];
}

/** The process name of the component's leader by its committed lease; '' if nobody holds it. */
export function leaderName(world: World, component: string): string {
  const lease = COMPONENTS[component] ?? component;
  for (const object of world.of('Lease').values()) {
    if (object.metadata.namespace === 'kube-system' && object.metadata.name === lease) return holderOf(object);
  }
  return '';
}

/** The process that a lease names: its holder's identity without the random part; '' for none. */
export function holderOf(lease: KubeObject | null): string {
  return ((lease as Lease | null)?.spec?.holderIdentity ?? '').split('_')[0] ?? '';
}

function hosts(cluster: Cluster, world: World, workload: string): number[] {
  const [kind, namespace, name] = workload.split('/');
  const found = new Set<number>();
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (pod.metadata.namespace !== namespace || !pod.spec.nodeName || !belongsTo(world, pod, kind ?? '', name ?? ''))
      continue;
    const index = cluster.nodeIndex(pod.spec.nodeName);
    if (index >= 0) found.add(index);
  }
  return [...found].sort((left, right) => left - right);
}

/** true if the pod's controller, or that one's controller, is the workload. */
function belongsTo(world: World, pod: Pod, kind: string, name: string): boolean {
  const owner = controllerOf(pod);
  if (owner === undefined) return kind === 'Pod' && pod.metadata.name === name;
  if (owner.kind === kind) return owner.name === name;
  for (const object of world.of(owner.kind).values()) {
    if (object.metadata.uid !== owner.uid) continue;
    return (
      object.metadata.ownerReferences?.some((reference) => reference.kind === kind && reference.name === name) === true
    );
  }
  return false;
}

function drawSome(cluster: Cluster, found: readonly number[], wanted: number, faultId: string): number[] {
  const rank = (index: number): number => {
    const name = cluster.description.nodes[index]?.name ?? '';
    return drawUint32(cluster.sim.seed, mix(hashString(faultId), hashString(name)), 0x7a46e7);
  };
  return [...found]
    .sort((left, right) => rank(left) - rank(right) || left - right)
    .slice(0, wanted)
    .sort((left, right) => left - right);
}
