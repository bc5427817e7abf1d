/**
 * Claims of pods in a placement: made from their templates when a pod is to be placed, satisfied where it goes, gone with it.
 *
 * What the claims' controllers, the binder and the provisioner do over time in a cluster happens here at once, by the same rules: the
 * scheduler's own allocator and volume matching. Always: a claim made for a pod lives as long as the pod; one that pods name keeps its volume
 * once bound, and its devices until nobody uses them; so does one of a PodGroup that its pods share (gate DRAWorkloadResourceClaims).
 */
import { provisionedVolume } from '../controllers/volume/volume-provisioner.ts';
import type { SchedulingCore } from '../scheduler/choice/scheduling-core.ts';
import {
  claimingGroupOf,
  claimKey,
  claimObjectsOf,
  consumerOf,
  isReservedFor,
} from '../scheduler/framework/devices/device-claims.ts';
import { asksForDevices } from '../scheduler/framework/devices/extended-resources.ts';
import { chooseDevices } from '../scheduler/framework/plugins/dynamic-resources.ts';
import { claimsOf, waitingClaims } from '../scheduler/framework/pod-claims.ts';
import { chooseVolumes } from '../scheduler/framework/volume-matching.ts';
import {
  type ClaimConsumer,
  type DeviceAllocation,
  POD_CLAIM_ANNOTATION,
  type ResourceClaim,
  type ResourceClaimTemplate,
} from '../types/device.ts';
import type { DeviceGate } from '../types/device-gates.ts';
import type { KubeObject, OwnerReference } from '../types/object.ts';
import type { Pod, PodResourceClaimStatus } from '../types/pod.ts';
import type { PodGroup } from '../types/pod-group.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../types/storage.ts';
import { storageClassNameOf } from '../types/storage-class-name.ts';
import { BIND_COMPLETED, reserveFor } from '../types/volume-match.ts';

const ZONE = 'topology.kubernetes.io/zone';

/** Whether pods claim anything, or devices may stand for what they request: the gate DRAExtendedResource is on and there is a class that can. */
export function mayClaim(pods: readonly Pod[], objects: readonly KubeObject[], gates: readonly DeviceGate[]): boolean {
  const standsFor = gates.includes('DRAExtendedResource') && objects.some(({ kind }) => kind === 'DeviceClass');
  return standsFor || pods.some(claimsAnything);
}

/** Whether a pod claims devices or volumes by name or from a template. */
function claimsAnything(pod: Pod): boolean {
  return (pod.spec.resourceClaims ?? []).length > 0 || claimsOf(pod).length > 0;
}

/** The claims of the pods of one placement, among the objects of its core. */
export class PlacementClaims {
  readonly #core: SchedulingCore;
  /** Pods that use a claim which is reserved for their group, by {@link useKey}. */
  readonly #usersOfGroups = new Map<string, Set<string>>();
  /** Volumes made by hand that a claim of a pod took, as they were. */
  readonly #taken = new Map<string, PersistentVolume>();
  #serial = 0;

  constructor(core: SchedulingCore) {
    this.#core = core;
  }

  /** Whether a pod has claims, or extended resources that devices may stand for (gate DRAExtendedResource). */
  concern(pod: Pod): boolean {
    return claimsAnything(pod) || asksForDevices(pod, this.#core.objects);
  }

  /** A pod of its own like `kind`, with the claims that are made for it. */
  pod(kind: Pod): Pod {
    const name = `${kind.metadata.name}-${this.#serial++}`;
    const pod: Pod = { ...kind, metadata: { ...kind.metadata, name, uid: name } };
    for (const volume of kind.spec.volumes ?? [])
      if (volume['ephemeral'] !== undefined) this.#makeVolumeClaim(pod, volume);
    const resourceClaimStatuses = (kind.spec.resourceClaims ?? []).flatMap((entry) =>
      this.#makeDeviceClaim(pod, entry),
    );
    return { ...pod, status: { ...pod.status, resourceClaimStatuses } };
  }

  /** The pod has its node, which has passed the filters: its claims get what they ask for there. */
  satisfy(pod: Pod, slot: number): void {
    this.#bindVolumes(pod, slot);
    this.#allocateDevices(pod, slot);
  }

  /** The pod is not placed, or goes. */
  release(pod: Pod): void {
    const { objects } = this.#core;
    const found = claimObjectsOf(pod, objects);
    for (const claim of typeof found === 'string' ? [] : found) {
      if (isMadeFor(claim, pod)) this.#delete(claim);
      else this.#stopUsing(claim, pod);
    }
    for (const { name, ephemeral } of claimsOf(pod)) {
      const claim = objects.get<PersistentVolumeClaim>('PersistentVolumeClaim', namespaceOf(pod), name);
      if (ephemeral && claim !== undefined) this.#deleteWithVolume(claim);
    }
  }

  #makeVolumeClaim(pod: Pod, volume: NonNullable<Pod['spec']['volumes']>[number]): void {
    const { volumeClaimTemplate } = volume['ephemeral'] as {
      readonly volumeClaimTemplate?: Pick<PersistentVolumeClaim, 'metadata' | 'spec'>;
    };
    const name = `${pod.metadata.name}-${volume.name}`;
    const metadata = { ...volumeClaimTemplate?.metadata, ...ownedBy(pod, name) };
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: volumeClaimTemplate?.spec };
    this.#core.putObject(claim as PersistentVolumeClaim);
  }

  /** The entry's claim as the pod's status names it; nothing where its template is not there. */
  #makeDeviceClaim(
    pod: Pod,
    { name, resourceClaimTemplateName }: NonNullable<Pod['spec']['resourceClaims']>[number],
  ): PodResourceClaimStatus[] {
    if (resourceClaimTemplateName === undefined) return [];
    const { objects } = this.#core;
    const group = claimingGroupOf(pod, objects);
    const isOfGroup = group?.spec?.resourceClaims?.some(
      (own) => own.name === name && own.resourceClaimTemplateName === resourceClaimTemplateName,
    );
    const owner = isOfGroup === true ? (group as PodGroup) : pod;
    const known = group?.status?.resourceClaimStatuses?.find((each) => each.name === name)?.resourceClaimName;
    const resourceClaimName = (owner === pod ? undefined : known) ?? `${owner.metadata.name}-${name}`;
    const status = [{ name, resourceClaimName }];
    if (owner !== pod && objects.get('ResourceClaim', namespaceOf(pod), resourceClaimName) !== undefined) return status;
    const template = objects.get<ResourceClaimTemplate>(
      'ResourceClaimTemplate',
      namespaceOf(pod),
      resourceClaimTemplateName,
    );
    if (template === undefined) return [];
    const metadata = { ...ownedBy(owner, resourceClaimName), annotations: { [POD_CLAIM_ANNOTATION]: name } };
    const claim = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata, spec: template.spec?.spec };
    this.#core.putObject(claim as ResourceClaim);
    return status;
  }

  #allocateDevices(pod: Pod, slot: number): void {
    const { objects, nodes } = this.#core;
    const chosen = chooseDevices(pod, nodes.identityOf(slot), objects, (resource) => nodes.has(slot, resource));
    const claims = claimObjectsOf(pod, objects);
    if (chosen === null || typeof claims === 'string') return;
    for (const claim of claims) {
      const allocation = chosen.find((each) => each.claim.claim === claim)?.allocation ?? claim.status?.allocation;
      const consumer = consumerOf(pod, claim, objects);
      const isNew = !isReservedFor(claim, consumer);
      if (consumer.resource !== 'pods') this.#useWithGroup(useKey(claim, consumer), pod, isNew);
      if (!isNew) continue;
      const reservedFor = [...(claim.status?.reservedFor ?? []), consumer];
      this.#core.putObject({ ...claim, status: { ...claim.status, allocation, reservedFor } } as ResourceClaim);
    }
    for (const { claim, allocation } of chosen) {
      if (claim.mappings !== null) this.#makeExtendedClaim(pod, claim.claim, allocation);
    }
  }

  /** The claim that stands for the pod's extended resources, as the scheduler makes it. */
  #makeExtendedClaim(pod: Pod, made: ResourceClaim, allocation: DeviceAllocation): void {
    const name = `${pod.metadata.name}-extended-resources`;
    const metadata = { ...made.metadata, name, uid: name };
    const reservedFor = [consumerOf(pod, made, this.#core.objects)];
    this.#core.putObject({ ...made, metadata, status: { allocation, reservedFor } } as ResourceClaim);
  }

  /** A pod uses a claim that is reserved for its group: from now on (`isNew`), or others of the group use it, too. */
  #useWithGroup(key: string, { metadata }: Pod, isNew: boolean): void {
    if (isNew) this.#usersOfGroups.set(key, new Set());
    this.#usersOfGroups.get(key)?.add(metadata.uid ?? '');
  }

  #bindVolumes(pod: Pod, slot: number): void {
    const { objects, nodes } = this.#core;
    const { name, labels } = nodes.identityOf(slot);
    const waiting = waitingClaims(objects, pod);
    if (waiting.length === 0) return;
    const chosen = chooseVolumes(objects, [...waiting], name, labels);
    for (const { volume, claim } of chosen?.bindings ?? []) {
      this.#taken.set(volume.metadata.name, volume);
      this.#bind(claim, reserveFor(volume, claim));
    }
    for (const claim of chosen?.provisions ?? []) {
      const storageClass = objects.get<StorageClass>('StorageClass', '', storageClassNameOf(claim));
      if (storageClass === undefined) continue;
      const uid = claim.metadata.uid ?? `${namespaceOf(pod)}-${claim.metadata.name}`;
      const known = { ...claim, metadata: { ...claim.metadata, uid } };
      this.#bind(known, provisionedVolume(known, storageClass, labels[ZONE] ?? ''));
    }
  }

  #bind(claim: PersistentVolumeClaim, volume: PersistentVolume): void {
    const annotations = { ...claim.metadata.annotations, [BIND_COMPLETED]: 'yes' };
    this.#core.putObject({ ...volume, status: { ...volume.status, phase: 'Bound' } } as PersistentVolume);
    this.#core.putObject({
      ...claim,
      metadata: { ...claim.metadata, annotations },
      spec: { ...claim.spec, volumeName: volume.metadata.name },
      status: { ...claim.status, phase: 'Bound' },
    } as PersistentVolumeClaim);
  }

  #stopUsing(claim: ResourceClaim, pod: Pod): void {
    const consumer = consumerOf(pod, claim, this.#core.objects);
    const ofGroup = this.#usersOfGroups.get(useKey(claim, consumer));
    ofGroup?.delete(pod.metadata.uid ?? '');
    if (consumer.resource !== 'pods' && ofGroup?.size !== 0) return;
    const users = claim.status?.reservedFor ?? [];
    const reservedFor = users.filter(({ uid }) => uid !== consumer.uid);
    if (reservedFor.length === users.length) return;
    const status = reservedFor.length === 0 ? {} : { ...claim.status, reservedFor };
    this.#core.putObject({ ...claim, status } as ResourceClaim);
  }

  /** A volume that was made for the claim goes with it, one made by hand can be had again. */
  #deleteWithVolume(claim: PersistentVolumeClaim): void {
    const volumeName = claim.spec?.volumeName ?? '';
    const before = this.#taken.get(volumeName);
    if (before !== undefined) this.#core.putObject(before);
    else if (volumeName !== '') this.#core.deleteObject('PersistentVolume', '', volumeName);
    this.#taken.delete(volumeName);
    this.#delete(claim);
  }

  #delete({ kind, metadata }: ResourceClaim | PersistentVolumeClaim): void {
    this.#core.deleteObject(kind, metadata.namespace ?? '', metadata.name);
  }
}

function namespaceOf({ metadata }: Pod): string {
  return metadata.namespace ?? '';
}

function ownedBy({ apiVersion, kind, metadata }: Pod | PodGroup, name: string) {
  const { namespace = '', name: ownerName, uid = '' } = metadata;
  const owner: OwnerReference = { apiVersion, kind, name: ownerName, uid, controller: true };
  return { namespace, name, uid: name, ownerReferences: [owner] };
}

function isMadeFor({ metadata }: ResourceClaim, pod: Pod): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid) === true;
}

function useKey(claim: ResourceClaim, { uid }: ClaimConsumer): string {
  return `${claimKey(claim)} ${uid}`;
}
