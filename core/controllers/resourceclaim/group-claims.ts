/**
 * Claims of PodGroups that are made from templates, one for all pods of the group. Source: Kubernetes 1.37 pkg/controller/resourceclaim
 * (syncPodGroup), gate DRAWorkloadResourceClaims.
 *
 * The claim has the PodGroup as owner; its name is recorded in the group's status, and in that of each pod whose entry is the group's.
 */
import type { Informer } from '../../client/informer.ts';
import type { Wait } from '../../sim/task.ts';
import { POD_CLAIM_ANNOTATION, type ResourceClaim } from '../../types/device.ts';
import type { Pod, PodResourceClaim } from '../../types/pod.ts';
import type { PodGroup } from '../../types/pod-group.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import type { ControllerScope } from '../controller-scope.ts';
import type { OwnerIndex } from '../owner-index.ts';

const WORKERS = 10;

/** What the group claims share with the controller of pods' claims. */
export interface GroupClaimParts {
  readonly scope: ControllerScope;
  readonly type: ResourceType;
  readonly claims: Informer<ResourceClaim>;
  readonly byOwner: OwnerIndex<ResourceClaim>;
  /** Makes a claim from a template for an owner. */
  readonly make: (owner: PodGroup, entry: string, template: string) => Generator<Wait, ResourceClaim, unknown>;
  /** A group is known now. */
  readonly came: (group: PodGroup) => void;
}

/** The claims of all PodGroups of a cluster. */
export class GroupClaims {
  readonly #parts: GroupClaimParts;
  readonly #groups: Informer<PodGroup>;
  /** Names of claims that were made and that the informer may not show yet, by the group's uid and the entry. */
  readonly #made = new Map<string, string>();

  constructor(parts: GroupClaimParts) {
    const { scope, type } = parts;
    this.#parts = parts;
    this.#groups = scope.informer<PodGroup>(type);
    const queue = scope.queue({
      name: 'resourceclaim-podgroup',
      type,
      workers: WORKERS,
      reconcile: (id) => this.#sync(id),
    });
    this.#groups.addHandler({
      onAdd: (id, group) => {
        if (templatesOf(group).length > 0) queue.add(id);
        parts.came(group);
      },
      onUpdate: (id, _old, group) => {
        if (templatesOf(group).length > 0) queue.add(id);
      },
      onDelete: (_id, group) => {
        for (const { name } of templatesOf(group)) this.#made.delete(keyOf(group, name));
      },
    });
  }

  /** Whether a pod's entry is its group's, or may be, as the group is not known yet: then nothing is made for the pod. */
  has(pod: Pod, entry: PodResourceClaim): boolean {
    const name = pod.spec.schedulingGroup?.podGroupName;
    if (name === undefined) return false;
    const isUnknown = this.#groups.find(pod.metadata.namespace ?? '', name) === undefined;
    return isUnknown || this.#groupWith(pod, entry) !== undefined;
  }

  /** The name of the claim for a pod's entry that is its group's; undefined while there is none. */
  nameFor(pod: Pod, entry: PodResourceClaim): string | undefined {
    const group = this.#groupWith(pod, entry);
    return group === undefined ? undefined : this.#nameOf(group, entry.name);
  }

  #groupWith({ metadata, spec }: Pod, entry: PodResourceClaim): PodGroup | undefined {
    const group = this.#groups.find(metadata.namespace ?? '', spec.schedulingGroup?.podGroupName ?? '');
    const template = entry.resourceClaimTemplateName;
    const isSame = (own: PodResourceClaim): boolean =>
      own.name === entry.name && own.resourceClaimTemplateName === template;
    return group !== undefined && template !== undefined && templatesOf(group).some(isSame) ? group : undefined;
  }

  *#sync(id: number): Generator<Wait, void, unknown> {
    const { scope, type, make } = this.#parts;
    const group = this.#groups.get(id);
    if (group === undefined || group.metadata.deletionTimestamp !== undefined) return;
    const { namespace = '', name: groupName } = group.metadata;
    const recorded = group.status?.resourceClaimStatuses ?? [];
    const found: { name: string; resourceClaimName: string }[] = [];
    for (const { name, resourceClaimTemplateName = '' } of templatesOf(group)) {
      let claimName = this.#nameOf(group, name);
      if (claimName === undefined) {
        claimName = (yield* make(group, name, resourceClaimTemplateName)).metadata.name;
        this.#made.set(keyOf(group, name), claimName);
      }
      found.push({ name, resourceClaimName: claimName });
    }
    const isRecorded = ({ name, resourceClaimName }: (typeof found)[number]): boolean =>
      recorded.some((each) => each.name === name && each.resourceClaimName === resourceClaimName);
    if (found.every(isRecorded)) return;
    const patch = { status: { resourceClaimStatuses: found } };
    yield* scope.client.patch<PodGroup>(type, namespace, groupName, patch, 'merge', 'status');
  }

  #nameOf(group: PodGroup, entry: string): string | undefined {
    const { byOwner, claims } = this.#parts;
    for (const id of byOwner.owned(group.metadata.uid ?? '')) {
      const { metadata } = claims.get(id) as ResourceClaim;
      if (metadata.annotations?.[POD_CLAIM_ANNOTATION] === entry) return metadata.name;
    }
    return this.#made.get(keyOf(group, entry));
  }
}

function templatesOf({ spec }: PodGroup): readonly PodResourceClaim[] {
  return (spec?.resourceClaims ?? []).filter(
    ({ resourceClaimTemplateName }) => resourceClaimTemplateName !== undefined,
  );
}

function keyOf({ metadata }: PodGroup, entry: string): string {
  return `${metadata.uid ?? ''}/${entry}`;
}
