/**
 * Queueing hints (Kubernetes 1.34): for each plugin that can reject a pod, which events may change its mind.
 *
 * A hint may say yes too often (the pod is tried in vain), never too rarely: then a pod would wait for the 5 minute flush.
 */
import type { ResourceClaim } from '../types/device.ts';
import type { DeviceGate } from '../types/device-gates.ts';
import type { Node } from '../types/node.ts';
import type { Pod } from '../types/pod.ts';
import type { ClusterEvent, NodeEvent, VolumeEvent } from './cluster-event.ts';
import { claimsOf } from './framework/pod-claims.ts';
import type { Snapshot } from './plugin.ts';
import { portsConflict } from './plugins/node-ports-plugin.ts';
import type { PodClass } from './pod-shape.ts';
import { PODS } from './resource-names.ts';
import { VOLUME_PLUGINS } from './settled-volumes.ts';
import { firstUntolerated } from './tolerated.ts';

type Hint = (podClass: PodClass, event: ClusterEvent, snapshot: Snapshot, pod: Pod) => boolean;

const HINTS: Readonly<Record<string, Hint>> = {
  NodeUnschedulable: (_pod, event) => event.kind === 'node' && event.node.spec?.unschedulable !== true,
  NodeName: (_pod, event) => event.kind === 'node' && event.old === null,
  TaintToleration: (pod, event) => event.kind === 'node' && becameTolerable(pod, event),
  NodeAffinity: (pod, event) => event.kind === 'node' && becameMatching(pod, event),
  NodePorts: (pod, event) =>
    (event.kind === 'node' && event.old === null) ||
    (event.kind === 'pod-gone' && portsConflict(pod.shape.hostPorts, event.podClass.shape.hostPorts)),
  NodeResourcesFit: (pod, event, snapshot) =>
    event.kind === 'pod-gone' ||
    (event.kind === 'node' && gainedResources(event) && fitsEmpty(pod, event, snapshot)) ||
    (event.kind === 'volume' && event.object.kind === 'DeviceClass'),
  PodTopologySpread: spreadHint,
  InterPodAffinity: affinityHint,
  VolumeRestrictions: (_class, event, _snapshot, pod) => {
    if (event.kind === 'pod-gone') return event.pod === undefined || sharesClaim(pod, event.pod);
    return event.kind !== 'volume' || event.object.kind === 'PersistentVolumeClaim';
  },
  NodeVolumeLimits: (_class, event) => {
    if (event.kind === 'pod-gone') return event.pod === undefined || claimsOf(event.pod).length > 0;
    if (event.kind === 'node') return event.old === null;
    return event.kind === 'volume' && event.object.kind !== 'PersistentVolume';
  },
  DynamicResources: (_class, event, _snapshot, pod) => {
    if (event.kind !== 'volume') return event.kind === 'node';
    const { kind } = event.object;
    return kind === 'ResourceClaim' ? claimHint(pod, event) : DEVICE_KINDS.includes(kind);
  },
};

/** A claim helps whoever names it, and everybody when its devices are free again. */
function claimHint(pod: Pod, { object, old, gone }: VolumeEvent): boolean {
  const allocated = (claim: ResourceClaim | undefined) => claim?.status?.allocation !== undefined;
  if (allocated(old as ResourceClaim | undefined) && (gone || !allocated(object as ResourceClaim))) return true;
  const { namespace, name } = object.metadata;
  if (gone || namespace !== pod.metadata.namespace || (old !== undefined && old.status === object.status)) return false;
  return (pod.spec.resourceClaims ?? []).some((entry) => {
    const given = pod.status?.resourceClaimStatuses?.find((status) => status.name === entry.name);
    return (entry.resourceClaimName ?? given?.resourceClaimName) === name;
  });
}

/** Kinds that devices hang on. */
const DEVICE_KINDS: readonly string[] = ['ResourceSlice', 'DeviceClass', 'DeviceTaintRule'];

/** Plugins that look at taints themselves. */
const HEED_TAINTS: readonly string[] = ['NodeUnschedulable', 'TaintToleration', 'PodTopologySpread'];

/** Plugins without pod terms that a pod's end can help. */
const HEED_DELETIONS: readonly string[] = ['NodePorts', 'NodeResourcesFit', 'VolumeRestrictions', 'NodeVolumeLimits'];

/** Cordoning counts as a taint. */
function taintsDiffer(old: Node, node: Node): boolean {
  if ((old.spec?.unschedulable === true) !== (node.spec?.unschedulable === true)) return true;
  return changed(old.spec?.taints, node.spec?.taints);
}

/** Bit set of the plugins (by index in `names`) that listen to an event of this kind at all, under these gates. */
export function listeners(
  names: readonly string[],
  kind: ClusterEvent['kind'],
  deviceGates: ReadonlySet<DeviceGate>,
): number {
  let mask = 0;
  // A class may stand for what a node does not have.
  const needsClasses = deviceGates.has('DRAExtendedResource');
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const podTerms = name === 'PodTopologySpread' || name === 'InterPodAffinity';
    const listens =
      kind === 'node' ||
      (kind === 'node-gone' && name === 'PodTopologySpread') ||
      (kind === 'volume' && (VOLUME_PLUGINS.includes(name) || (needsClasses && name === 'NodeResourcesFit'))) ||
      (kind === 'pod-gone' && (podTerms || HEED_DELETIONS.includes(name))) ||
      ((kind === 'pod-assigned' || kind === 'pod-changed') && podTerms);
    if (listens) mask |= 1 << i;
  }
  return mask;
}

/** Whether any plugin that rejected the pod sees a chance in the event. */
export function shouldQueue(
  rejectors: number,
  names: readonly string[],
  podClass: PodClass,
  event: ClusterEvent,
  snapshot: Snapshot,
  pod: Pod,
): boolean {
  const taintsChanged = event.kind === 'node' && event.old !== null && taintsDiffer(event.old, event.node);
  for (let i = 0; i < names.length; i++) {
    if ((rejectors & (1 << i)) === 0) continue;
    // Plugins that listen to new nodes but not to taints are woken by any change of taints (kubernetes #109437).
    if (taintsChanged && !HEED_TAINTS.includes(names[i] as string)) return true;
    const hint = HINTS[names[i] as string];
    if (hint === undefined || hint(podClass, event, snapshot, pod)) return true;
  }
  return false;
}

function becameTolerable(pod: PodClass, { old, node }: NodeEvent): boolean {
  const { tolerations } = pod.shape;
  if (firstUntolerated(tolerations, node.spec?.taints ?? []) !== null) return false;
  return old === null || firstUntolerated(tolerations, old.spec?.taints ?? []) !== null;
}

function becameMatching(pod: PodClass, { old, node }: NodeEvent): boolean {
  const required = pod.shape.required;
  if (required === null) return true;
  if (!required.matches(node.metadata.name, node.metadata.labels ?? {})) return false;
  return old === null || !required.matches(old.metadata.name, old.metadata.labels ?? {});
}

/** A node event matters to the fit when the node is new or its allocatable or labels or taints changed. */
function gainedResources({ old, node }: NodeEvent): boolean {
  return old === null || changed(old.status?.allocatable, node.status?.allocatable);
}

function fitsEmpty(pod: PodClass, { slot }: NodeEvent, { nodes }: Snapshot): boolean {
  const { resources, amounts } = pod.shape.vector;
  if (nodes.allocatableOf(slot, PODS) < 1) return false;
  for (let r = 0; r < amounts.length; r++) {
    const resource = resources[r] as number;
    const short = (amounts[r] as number) > nodes.allocatableOf(slot, resource);
    if (short && nodes.lacks(slot, resource, amounts[r] as number)) return false;
  }
  return true;
}

function spreadHint(pod: PodClass, event: ClusterEvent, { counts }: Snapshot): boolean {
  if (event.kind === 'volume') return false;
  const spread = pod.terms?.spread ?? [];
  if (event.kind === 'node' || event.kind === 'node-gone') {
    const hasKeys = (node: Node | null) =>
      node !== null && spread.every(({ key }) => node.metadata.labels?.[key] !== undefined);
    if (event.kind === 'node-gone') return hasKeys(event.node);
    const before = hasKeys(event.old);
    if (!before && !hasKeys(event.node)) return false;
    return (
      event.old === null ||
      changed(event.old.metadata.labels, event.node.metadata.labels) ||
      changed(event.old.spec, event.node.spec)
    );
  }
  const selected = (podClass: PodClass) => spread.some(({ counter }) => counts.selects(counter, podClass.group));
  if (event.before !== undefined) return selected(event.before) !== selected(event.podClass);
  return selected(event.podClass);
}

function affinityHint(pod: PodClass, event: ClusterEvent, { counts }: Snapshot): boolean {
  const terms = pod.terms;
  if (event.kind === 'node')
    return event.old === null || changed(event.old.metadata.labels, event.node.metadata.labels);
  if (event.kind === 'node-gone' || event.kind === 'volume') return false;
  const attracts = ({ group }: PodClass) =>
    terms !== null && terms.affinityCounter >= 0 && counts.selects(terms.affinityCounter, group);
  const repels = ({ group }: PodClass) =>
    terms?.antiCounters.some((counter) => counts.selects(counter, group)) === true;
  if (event.before !== undefined) {
    const { before, podClass } = event;
    return (!attracts(before) && attracts(podClass)) || (repels(before) && !repels(podClass));
  }
  if (event.kind === 'pod-assigned') return attracts(event.podClass);
  return repels(event.podClass) || (event.podClass.terms?.carried.length ?? 0) > 0;
}

/** Whether two pods of one namespace name the same claim. */
function sharesClaim(pod: Pod, gone: Pod): boolean {
  if (pod.metadata.namespace !== gone.metadata.namespace) return false;
  const names = claimsOf(gone).map(({ name }) => name);
  return claimsOf(pod).some(({ name }) => names.includes(name));
}

function changed(a: object | undefined, b: object | undefined): boolean {
  return a !== b && JSON.stringify(a ?? {}) !== JSON.stringify(b ?? {});
}
