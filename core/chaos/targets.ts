/**
 * From a target selector to processes and nodes, decided at the instant the fault begins.
 *
 * Draws are stateless and keyed by the fault's id and how often it has begun, so that removing one fault changes nobody else's targets.
 */
import { assertNever } from '../base/assert.ts';
import { hashString, mix } from '../base/content-hash.ts';
import { drawUint32, scaleDraw } from '../base/random.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { NodeDescription } from '../cluster/description.ts';
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

/** Indexes of the nodes a target names, ascending. `drawKey` decides the draws of its mode. */
export function targetNodes(cluster: Cluster, world: World, target: Target, drawKey: string): number[] {
  const { nodes } = cluster.description;
  const all = nodes.map((_, index) => index);
  const nameOf = (index: number): string => nodes[index]?.name ?? '';
  if (target.topologyKey !== undefined) {
    const key = target.topologyKey;
    const domainOf = (index: number): string => labelOf(nodes[index] as NodeDescription, key) ?? '';
    const domains = [...new Set(all.map(domainOf))].filter((domain) => domain !== '').sort();
    const chosen = chooseSome(cluster, domains, target, drawKey, (domain) => domain);
    return all.filter((index) => chosen.includes(domainOf(index)));
  }
  let found: number[] = [];
  if (target.node !== undefined) found = all.filter((index) => nameOf(index) === target.node);
  else if (target.hosting !== undefined) found = hosts(cluster, world, target.hosting);
  else if (target.zone !== undefined) found = all.filter((index) => nodes[index]?.zone === target.zone);
  else if (target.nodeSelector !== undefined)
    found = all.filter((index) => hasLabels(nodes[index], target.nodeSelector));
  else if (target.anyNode === true) found = all;
  return chooseSome(cluster, found, target, drawKey, nameOf);
}

/** Process ids a target names: a component's instances, or the kubelets of nodes. */
export function targetProcesses(cluster: Cluster, world: World, target: Target, drawKey: string): Pid[] {
  const { component, mode } = target;
  if (component === undefined)
    return targetNodes(cluster, world, target, drawKey).map((node) => cluster.kubelets[node] as Pid);
  const { names } = cluster.sim.processes;
  const instances = cluster.instancesOf(component);
  if (mode !== undefined) return chooseSome(cluster, instances, target, drawKey, (pid) => names[pid] as string);
  const instance = target.instance ?? 0;
  if (instance === 'all') return [...instances];
  if (instance === 'leader' && component === 'etcd') {
    const leader = cluster.storeLeader();
    return leader === undefined ? [] : [leader];
  }
  if (instance === 'leader') return instances.filter((pid) => names[pid] === leaderName(world, component));
  const pid = instances[instance];
  return pid === undefined ? [] : [pid];
}

/** Value of a node's label; of the well-known ones those that name it and its zone. */
export function labelOf(
  { name, zone, labels }: Pick<NodeDescription, 'name' | 'zone' | 'labels'>,
  key: string,
): string | undefined {
  if (key === 'kubernetes.io/hostname') return name;
  return key === 'topology.kubernetes.io/zone' && zone !== '' ? zone : labels[key];
}

function hasLabels(node: NodeDescription | undefined, wanted: Readonly<Record<string, string>> = {}): boolean {
  return node !== undefined && Object.entries(wanted).every(([key, value]) => labelOf(node, key) === value);
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

/** Whether a pod belongs to a workload, `Kind/namespace/name`. */
export function isPodOf(world: World, pod: Pod, workload: string): boolean {
  const [kind = '', namespace, name = ''] = workload.split('/');
  return pod.metadata.namespace === namespace && belongsTo(world, pod, kind, name);
}

function hosts(cluster: Cluster, world: World, workload: string): number[] {
  const found = new Set<number>();
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (!pod.spec.nodeName || !isPodOf(world, pod, workload)) continue;
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

/** What the mode takes of `found`, in the order they are given. */
function chooseSome<T>(
  cluster: Cluster,
  found: readonly T[],
  target: Target,
  drawKey: string,
  nameOf: (each: T) => string,
): T[] {
  const wanted = wantedOf(cluster, found.length, target, drawKey);
  if (wanted >= found.length) return [...found];
  const draw = (each: T): number =>
    drawUint32(cluster.sim.seed, mix(hashString(drawKey), hashString(nameOf(each))), DRAW_TARGET);
  const ranked = found.map((each, place) => ({ place, rank: draw(each) }));
  ranked.sort((left, right) => left.rank - right.rank || left.place - right.place);
  const places = new Set(ranked.slice(0, wanted).map(({ place }) => place));
  return found.filter((_, place) => places.has(place));
}

const DRAW_TARGET = 0x7a46e7;
const DRAW_COUNT = 0xc0_047;

/** How many of `count` a target's mode means. */
function wantedOf(cluster: Cluster, count: number, { mode = 'all', value = 0 }: Target, drawKey: string): number {
  const share = Math.ceil((count * value) / 100);
  switch (mode) {
    case 'one':
      return 1;
    case 'all':
      return count;
    case 'fixed':
      return value;
    case 'fixed-percent':
      return share;
    case 'random-max-percent':
      return share === 0 ? 0 : 1 + scaleDraw(drawUint32(cluster.sim.seed, hashString(drawKey), DRAW_COUNT), share);
    default:
      return assertNever(mode, 'mode of a target');
  }
}
