/**
 * Queueing hints (Kubernetes 1.34, EventsToRegister of each plugin): for each plugin that can reject a pod, which events may
 * change its mind.
 *
 * A hint may say yes too often (the pod is tried in vain). Where it says so too rarely a pod waits for the 5 minute flush:
 * upstream's does where a node that moves to another domain leaves only the anti-affinity of others behind, and so does this
 * one. Gaps of 1.34.1 of that kind are closed: the end of a pod whose anti-affinity kept the other out (kubernetes #135325,
 * #139161: any of several terms) and new labels of the waiting pod itself (#135394) as later versions close them; terms with
 * a namespaceSelector (#141953, open), a new node for a pod that others keep away, a node's new labels for a pod that only
 * the profile's added affinity keeps out.
 */
import type { DeviceGate } from '../../types/device-gates.ts';
import type { Node, Taint } from '../../types/node.ts';
import type { Pod } from '../../types/pod.ts';
import { amountOf } from '../../types/quantity.ts';
import { isTolerated } from '../../types/tolerations.ts';
import type { ClusterObjects } from '../framework/cluster-objects.ts';
import { hasDriverVolumes } from '../framework/plugins/node-volume-limits.ts';
import { PODS } from '../nodes/resource-names.ts';
import { requestOf } from '../nodes/resource-vector.ts';
import { firstUntolerated } from '../nodes/tolerated.ts';
import { portsConflict } from '../plugins/node-ports-plugin.ts';
import type { Snapshot } from '../plugins/plugin.ts';
import type { PodClass, SpreadTerm } from '../pods/pod-shape.ts';
import {
  type AssignedPodEvent,
  type ClusterEvent,
  differs,
  NODE_ADDED,
  NODE_ALLOCATABLE,
  NODE_LABELS,
  NODE_TAINTS,
  type NodeEvent,
  type NodeGoneEvent,
  type PodGoneEvent,
  type VolumeEvent,
} from './cluster-event.ts';
import {
  bringsClaim,
  freesVolume,
  hasItsClaims,
  helpsBinding,
  helpsDevices,
  helpsZone,
  raisesVolumeLimit,
} from './volume-hints.ts';

/** A pod in the queue that a plugin rejected. */
export interface Rejected {
  readonly pod: Pod;
  readonly podClass: PodClass;
  readonly snapshot: Snapshot;
  readonly objects: ClusterObjects;
}

/** A pod as it was when it was rejected. */
export type Before = Pick<Rejected, 'pod' | 'podClass'>;

type Hint<Event> = (rejected: Rejected, event: Event) => boolean;

/** What a plugin listens to, and when that helps a pod that it rejected. What is absent it does not listen to. */
interface Interests {
  /** Bits of the node changes that it registers for. */
  readonly nodeChanges?: number;
  /** Whether such a change helps; absent: always. */
  readonly node?: Hint<NodeEvent>;
  readonly 'node-gone'?: Hint<NodeGoneEvent>;
  readonly 'pod-assigned'?: Hint<AssignedPodEvent>;
  readonly 'pod-changed'?: Hint<AssignedPodEvent>;
  readonly 'pod-gone'?: Hint<PodGoneEvent>;
  readonly volume?: Hint<VolumeEvent>;
  /** The gate without which it does not listen to volumes. */
  readonly volumeGate?: DeviceGate;
  /** The rejected pod itself has changed. */
  readonly own?: Hint<Before>;
}

const CORDON: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** By plugin. One that is not here is taken to listen to everything. */
const INTERESTS: Readonly<Record<string, Interests>> = {
  NodeUnschedulable: {
    nodeChanges: NODE_ADDED | NODE_TAINTS,
    node: (_rejected, { old, node }) =>
      node.spec?.unschedulable !== true && (old === null || old.spec?.unschedulable === true),
    own: ({ pod }, before) => tolerationsDiffer(pod, before.pod) && isTolerated(pod.spec.tolerations, CORDON),
  },
  NodeName: { nodeChanges: NODE_ADDED },
  TaintToleration: {
    nodeChanges: NODE_ADDED | NODE_TAINTS,
    node: becameTolerable,
    own: ({ pod }, before) => tolerationsDiffer(pod, before.pod),
  },
  NodeAffinity: { nodeChanges: NODE_ADDED | NODE_LABELS, node: becameMatching },
  NodePorts: {
    nodeChanges: NODE_ADDED,
    'pod-gone': ({ podClass }, gone) => portsConflict(podClass.shape.hostPorts, gone.podClass.shape.hostPorts),
  },
  NodeResourcesFit: {
    nodeChanges: NODE_ADDED | NODE_ALLOCATABLE,
    node: (rejected, event) => fitsEmpty(rejected, event) && (event.old === null || hasMore(rejected, event)),
    'pod-gone': () => true,
    'pod-changed': ({ podClass }, { before, podClass: now }) =>
      before !== undefined && podClass.shape.vector.resources.some((resource) => shrank(before, now, resource)),
    // A class may stand for what a node does not have.
    volume: (_rejected, { object }) => object.kind === 'DeviceClass',
    volumeGate: 'DRAExtendedResource',
    own: ({ podClass }, before) => asksForLess(podClass, before.podClass),
  },
  VolumeRestrictions: {
    nodeChanges: NODE_ADDED,
    'pod-gone': ({ pod }, gone) => freesVolume(pod, gone),
    volume: ({ pod }, event) => bringsClaim(pod, event),
  },
  NodeVolumeLimits: {
    // Upstream waits for the node's CSINode, which here only nodes with limits have.
    nodeChanges: NODE_ADDED | NODE_TAINTS,
    node: (_rejected, { old }) => old === null,
    'pod-gone': (_rejected, { pod }) => hasDriverVolumes(pod),
    volume: ({ pod }, event) => raisesVolumeLimit(pod, event),
  },
  VolumeBinding: {
    nodeChanges: NODE_ADDED | NODE_LABELS,
    volume: ({ pod }, event) => helpsBinding(pod, event),
  },
  VolumeZone: { nodeChanges: NODE_ADDED | NODE_LABELS, volume: ({ pod }, event) => helpsZone(pod, event) },
  PodTopologySpread: {
    nodeChanges: NODE_ADDED | NODE_LABELS | NODE_TAINTS,
    node: domainsDiffer,
    'node-gone': ({ podClass }, { node }) => hasKeys(spreadOf(podClass), node),
    'pod-assigned': spreadCounts,
    'pod-changed': (rejected, event) =>
      event.before !== undefined && countedDiffers(rejected, event.before, event.podClass),
    'pod-gone': (rejected, gone) => hadNode(gone) && spreadCounts(rejected, gone),
    own: spreadsAnew,
  },
  InterPodAffinity: {
    nodeChanges: NODE_ADDED | NODE_LABELS,
    node: affinityDomainsDiffer,
    'pod-assigned': (rejected, { podClass }) => attracts(rejected, podClass),
    'pod-changed': (rejected, { before, podClass }) =>
      before !== undefined &&
      ((!attracts(rejected, before) && attracts(rejected, podClass)) ||
        (repels(rejected, before) && !repels(rejected, podClass))),
    'pod-gone': (rejected, gone) =>
      hadNode(gone) && (repels(rejected, gone.podClass) || keepsOut(rejected, gone.podClass)),
    own: ({ pod }, before) => differs(before.pod.metadata.labels, pod.metadata.labels),
  },
  DynamicResources: {
    nodeChanges: NODE_ADDED | NODE_LABELS | NODE_ALLOCATABLE,
    volume: ({ pod, objects }, event) => helpsDevices(pod, event, objects),
    own: ({ pod, objects }, before) =>
      differs(before.pod.status?.resourceClaimStatuses, pod.status?.resourceClaimStatuses) &&
      hasItsClaims(pod, objects),
  },
};

/**
 * Bit set of the plugins (by index in `names`) that listen to events of a kind at all, under these gates; for nodes, to one
 * of these changes.
 */
export function listeners(
  names: readonly string[],
  kind: ClusterEvent['kind'],
  deviceGates: ReadonlySet<DeviceGate>,
  nodeChanges = 0,
): number {
  let mask = 0;
  for (let i = 0; i < names.length; i++) {
    const interests = INTERESTS[names[i] as string];
    const listens =
      interests === undefined ||
      (kind === 'node' ? (heeded(interests) & nodeChanges) !== 0 : hintFor(interests, kind, deviceGates) !== undefined);
    if (listens) mask |= 1 << i;
  }
  return mask;
}

/** Whether any plugin that rejected the pod sees a chance in the event. */
export function shouldQueue(
  rejectors: number,
  names: readonly string[],
  rejected: Rejected,
  event: ClusterEvent,
): boolean {
  for (let i = 0; i < names.length; i++) {
    if ((rejectors & (1 << i)) === 0) continue;
    const interests = INTERESTS[names[i] as string];
    if (interests === undefined) return true;
    if (event.kind === 'node') {
      if (nodeHelps(interests, rejected, event)) return true;
    } else if (hintFor(interests, event.kind, rejected.objects.deviceGates)?.(rejected, event) === true) return true;
  }
  return false;
}

/**
 * Whether a pending pod's new version may find what the version before did not: some plugin that rejected it looks at what has
 * changed. Nobody rejected it, or somebody unknown did: any change of its spec or labels will do.
 */
export function changeHelps(rejectors: number, names: readonly string[], rejected: Rejected, before: Before): boolean {
  const { spec, metadata } = rejected.pod;
  let unknown = rejectors;
  for (let i = 0; i < names.length; i++) {
    const interests = INTERESTS[names[i] as string];
    if ((rejectors & (1 << i)) === 0 || interests === undefined) continue;
    if (interests.own?.(rejected, before) === true) return true;
    unknown &= ~(1 << i);
  }
  if (rejectors !== 0 && unknown === 0) return false;
  return differs(before.pod.spec, spec) || differs(before.pod.metadata.labels, metadata.labels);
}

/** What a plugin says of events of a kind, if it listens to them under these gates. */
function hintFor(
  interests: Interests,
  kind: Exclude<ClusterEvent['kind'], 'node'>,
  gates: ReadonlySet<DeviceGate>,
): Hint<ClusterEvent> | undefined {
  const { volumeGate } = interests;
  if (kind === 'volume' && volumeGate !== undefined && !gates.has(volumeGate)) return undefined;
  return interests[kind] as Hint<ClusterEvent> | undefined;
}

/** Plugins that listen to new nodes but not to taints are woken by any change of taints (kubernetes #109437). */
function heeded({ nodeChanges = 0 }: Interests): number {
  return (nodeChanges & NODE_ADDED) !== 0 ? nodeChanges | NODE_TAINTS : nodeChanges;
}

function nodeHelps({ nodeChanges = 0, node }: Interests, rejected: Rejected, event: NodeEvent): boolean {
  const { changes } = event;
  const wokenByTaints = (nodeChanges & (NODE_ADDED | NODE_TAINTS)) === NODE_ADDED && (changes & NODE_TAINTS) !== 0;
  return wokenByTaints || ((nodeChanges & changes) !== 0 && (node === undefined || node(rejected, event)));
}

/** Tolerations can only be added. */
function tolerationsDiffer(a: Pod, b: Pod): boolean {
  return (a.spec.tolerations?.length ?? 0) !== (b.spec.tolerations?.length ?? 0);
}

function becameTolerable({ podClass }: Rejected, { old, node }: NodeEvent): boolean {
  const { tolerations } = podClass.shape;
  if (firstUntolerated(tolerations, node.spec?.taints ?? []) !== null) return false;
  return old === null || firstUntolerated(tolerations, old.spec?.taints ?? []) !== null;
}

function becameMatching({ podClass }: Rejected, { old, node }: NodeEvent): boolean {
  const { required } = podClass.shape;
  if (required === null) return true;
  if (!required.matches(node.metadata.name, node.metadata.labels ?? {})) return false;
  return old === null || !required.matches(old.metadata.name, old.metadata.labels ?? {});
}

function fitsEmpty({ podClass, snapshot: { nodes } }: Rejected, { slot }: NodeEvent): boolean {
  const { resources, amounts } = podClass.shape.vector;
  if (nodes.allocatableOf(slot, PODS) < 1) return false;
  for (let r = 0; r < amounts.length; r++) {
    const resource = resources[r] as number;
    const short = (amounts[r] as number) > nodes.allocatableOf(slot, resource);
    if (short && nodes.lacks(slot, resource, amounts[r] as number)) return false;
  }
  return true;
}

/** Whether the node has more room for pods, or more of anything that the pod asks for, than before. */
function hasMore({ podClass, snapshot: { nodes } }: Rejected, { slot, old }: NodeEvent): boolean {
  const before = old?.status?.allocatable ?? {};
  const grew = (resource: number) => {
    const name = nodes.resources.nameOf(resource);
    return nodes.allocatableOf(slot, resource) > amountOf(name, before[name] ?? 0);
  };
  const { resources } = podClass.shape.vector;
  return grew(PODS) || resources.some((resource) => grew(resource) || nodes.allocatableOf(slot, resource) === 0);
}

function asksForLess(now: PodClass, before: PodClass): boolean {
  return before.shape.vector.resources.some((resource) => shrank(before, now, resource));
}

/** Whether a pod requests less of a resource than before. */
function shrank({ shape: before }: PodClass, { shape: now }: PodClass, resource: number): boolean {
  return requestOf(now.vector, resource) < requestOf(before.vector, resource);
}

/** Whether the pod was on a node, and not only nominated to one, where it keeps nobody away. */
function hadNode({ maxPriority }: PodGoneEvent): boolean {
  return maxPriority === undefined;
}

function spreadOf({ terms }: PodClass): readonly SpreadTerm[] {
  return terms?.spread ?? [];
}

function hasKeys(spread: readonly SpreadTerm[], { metadata }: Node): boolean {
  return spread.every(({ key }) => metadata.labels?.[key] !== undefined);
}

function domainsDiffer({ podClass }: Rejected, { old, node }: NodeEvent): boolean {
  const spread = spreadOf(podClass);
  const matches = hasKeys(spread, node);
  if (old === null || matches !== hasKeys(spread, old)) return matches || old !== null;
  const moved = ({ key }: SpreadTerm) => old.metadata.labels?.[key] !== node.metadata.labels?.[key];
  return matches && (spread.some(moved) || differs(old.spec?.taints, node.spec?.taints));
}

function spreadCounts({ podClass, snapshot }: Rejected, { podClass: other }: { readonly podClass: PodClass }): boolean {
  const isNear = other.group.namespace === podClass.group.namespace;
  return spreadOf(podClass).some(
    ({ counter, matchesAll }) => (matchesAll && isNear) || snapshot.counts.selects(counter, other.group),
  );
}

/** Whether some constraint counts only one of two versions of a pod. */
function countedDiffers({ podClass, snapshot: { counts } }: Rejected, before: PodClass, now: PodClass): boolean {
  return spreadOf(podClass).some(
    ({ counter }) => counts.selects(counter, before.group) !== counts.selects(counter, now.group),
  );
}

function spreadsAnew(rejected: Rejected, before: Before): boolean {
  const { pod, podClass } = rejected;
  if (countedDiffers(rejected, before.podClass, podClass)) return true;
  return tolerationsDiffer(pod, before.pod) && spreadOf(podClass).some(({ honorTaints }) => honorTaints);
}

/** Whether the pod's affinity looks for the other. */
function attracts({ podClass: { terms }, snapshot }: Rejected, other: PodClass): boolean {
  return terms !== null && terms.affinityCounter >= 0 && snapshot.counts.selects(terms.affinityCounter, other.group);
}

/** Whether the pod's anti-affinity keeps away from the other. */
function repels({ podClass: { terms }, snapshot }: Rejected, other: PodClass): boolean {
  return terms?.antiCounters.some((counter) => snapshot.counts.selects(counter, other.group)) === true;
}

/** Whether the other's anti-affinity keeps the pod away. */
function keepsOut({ podClass, snapshot }: Rejected, { terms }: PodClass): boolean {
  return terms?.carried.some((id) => snapshot.carried.selects(id, podClass.group)) === true;
}

function affinityDomainsDiffer({ podClass: { terms } }: Rejected, { old, node }: NodeEvent): boolean {
  const { affinityKeys = [], antiKeys = [] } = terms ?? {};
  const now = node.metadata.labels ?? {};
  // A new node is a place for whoever keeps away from others, or is kept away.
  if (old === null) return affinityKeys.length === 0 || antiKeys.length > 0 || affinityKeys.some((key) => key in now);
  const before = old.metadata.labels ?? {};
  return (
    affinityKeys.some((key) => now[key] !== undefined && now[key] !== before[key]) ||
    antiKeys.some((key) => before[key] !== undefined && now[key] !== before[key])
  );
}
