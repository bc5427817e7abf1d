/**
 * Claims of PodGroups that are made from templates, one for all pods of the group. Source: Kubernetes 1.37 pkg/controller/resourceclaim
 * (syncPodGroup), gate DRAWorkloadResourceClaims.
 *
 * The claim has the PodGroup as owner; its name is recorded in the group's status, and in that of each pod whose entry is the group's.
 */
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import type { Wait } from '../../sim/task.ts';
import type { ResourceClaim } from '../../types/device.ts';
import { type OwnerReference, uidOf } from '../../types/object.ts';
import type { Pod, PodResourceClaim } from '../../types/pod.ts';
import type { PodGroup } from '../../types/pod-group.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import type { ControllerScope } from '../controller-scope.ts';
import type { MadeClaims } from './made-claims.ts';

const WORKERS = 10;

/** What the group claims share with the controller of pods' claims. */
export interface GroupClaimParts {
  readonly scope: ControllerScope;
  readonly type: ResourceType;
  readonly made: MadeClaims;
  /** Makes a claim from a template for an owner. */
  readonly make: (owner: PodGroup, entry: string, template: string) => Generator<Wait, ResourceClaim, unknown>;
  /** A group is known now. */
  readonly came: (group: PodGroup) => void;
  /** … and gone. */
  readonly gone: (group: PodGroup) => void;
}

/** The claims of all PodGroups of a cluster. */
export class GroupClaims {
  readonly #parts: GroupClaimParts;
  readonly groups: Informer<PodGroup>;
  readonly #queue: WorkQueue;

  constructor(parts: GroupClaimParts) {
    const { scope, type } = parts;
    this.#parts = parts;
    this.groups = scope.informer<PodGroup>(type);
    this.#queue = scope.queue({
      name: 'resourceclaim-podgroup',
      type,
      workers: WORKERS,
      reconcile: (id) => this.#sync(id),
    });
    this.groups.addHandler({
      onAdd: (id, group) => {
        if (templatesOf(group).length > 0) this.#queue.add(id);
        parts.came(group);
      },
      onUpdate: (id, _old, group) => {
        if (templatesOf(group).length > 0) this.#queue.add(id);
      },
      onDelete: (_id, group) => {
        parts.made.ownerGone(uidOf(group));
        parts.gone(group);
      },
    });
  }

  /**
   * The name of the claim for a pod's entry that is its group's: `''` while there is none, or while the group is not known, so that the entry may be
   * its; `null` where the entry is the pod's own.
   */
  nameFor({ metadata, spec }: Pod, entry: PodResourceClaim): string | null {
    const name = spec.schedulingGroup?.podGroupName;
    if (name === undefined) return null;
    const group = this.groups.find(metadata.namespace ?? '', name);
    if (group === undefined) return '';
    const template = entry.resourceClaimTemplateName;
    const isSame = (own: PodResourceClaim): boolean =>
      own.name === entry.name && own.resourceClaimTemplateName === template;
    if (template === undefined || !templatesOf(group).some(isSame)) return null;
    return this.#parts.made.nameOf(uidOf(group), entry.name) ?? '';
  }

  /** A claim that was made for a group is gone: it gets another. Returns whether the group is there. */
  claimGone(namespace: string, owner: OwnerReference): boolean {
    const id = this.groups.keys.find(namespace, owner.name);
    if (id < 0 || this.groups.get(id)?.metadata.uid !== owner.uid) return false;
    this.#queue.add(id);
    return true;
  }

  *#sync(id: number): Generator<Wait, void, unknown> {
    const { scope, type, made, make } = this.#parts;
    const group = this.groups.get(id);
    if (group === undefined || group.metadata.deletionTimestamp !== undefined) return;
    const { namespace = '', name: groupName } = group.metadata;
    const recorded = group.status?.resourceClaimStatuses ?? [];
    const found: { name: string; resourceClaimName: string }[] = [];
    for (const { name, resourceClaimTemplateName = '' } of templatesOf(group)) {
      let claimName = made.nameOf(uidOf(group), name);
      if (claimName === undefined) {
        claimName = (yield* make(group, name, resourceClaimTemplateName)).metadata.name;
        made.add(uidOf(group), name, claimName);
      }
      found.push({ name, resourceClaimName: claimName });
    }
    const isRecorded = ({ name, resourceClaimName }: (typeof found)[number]): boolean =>
      recorded.some((each) => each.name === name && each.resourceClaimName === resourceClaimName);
    if (found.every(isRecorded)) return;
    const patch = { status: { resourceClaimStatuses: found } };
    yield* scope.client.patch<PodGroup>(type, namespace, groupName, patch, 'merge', 'status');
  }
}

function templatesOf({ spec }: PodGroup): readonly PodResourceClaim[] {
  return (spec?.resourceClaims ?? []).filter(
    ({ resourceClaimTemplateName }) => resourceClaimTemplateName !== undefined,
  );
}
