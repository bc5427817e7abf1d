/**
 * The resource claim controller: makes the claims of pods from their templates, and frees claims whose pods are done.
 *
 * A claim made for a pod has the pod as owner; its name is recorded in the pod's status. A claim that nobody uses any more is
 * deallocated, one that was made for a pod that is done is deleted. Source: Kubernetes 1.34 pkg/controller/resourceclaim.
 */
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import type { Wait } from '../../sim/task.ts';
import { claimType } from '../../types/claim-types.ts';
import {
  claimNameOf,
  isReservedForPod,
  POD_CLAIM_ANNOTATION,
  type ResourceClaim,
  type ResourceClaimTemplate,
} from '../../types/device.ts';
import type { KubeObject, ObjectMeta } from '../../types/object.ts';
import { controllerOf, controllerReference } from '../../types/owner-references.ts';
import type { Pod, PodResourceClaim } from '../../types/pod.ts';
import { POD_GROUP_KIND, type PodGroup } from '../../types/pod-group.ts';
import { PODS, type ResourceType, type ResourceTypes } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { textSetting } from '../settings.ts';
import { type ClaimUsers, isPodDone, syncClaim } from './claim-sync.ts';
import { GroupClaims } from './group-claims.ts';
import { MadeClaims } from './made-claims.ts';

const WORKERS = 10;
/** Longest base of a generated name. */
const NAME_BASE_MAX = 57;
const CONSUMERS_MAX = 256;

export const resourceClaimController: Controller = {
  name: 'resourceclaim-controller',
  /** `podGroups`: the API version of PodGroups whose claims are made from templates, too; none without. */
  register(scope) {
    const { types } = scope.manager.options;
    const version = textSetting(scope, 'podGroups', '');
    const groups = version === '' ? undefined : types?.register(version, POD_GROUP_KIND);
    if (types !== undefined) new ResourceClaims(scope, types, groups);
  },
};

class ResourceClaims {
  readonly #scope: ControllerScope;
  readonly #type: ResourceType;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<ResourceClaim>;
  readonly #templates: Informer<ResourceClaimTemplate>;
  readonly #made: MadeClaims;
  readonly #podQueue: WorkQueue;
  readonly #claimQueue: WorkQueue;
  /** `null` where groups have no claims. */
  readonly #groups: GroupClaims | null;
  /** Pods that wait for the claim of their group, by the group's namespace and name. */
  readonly #waiting = new Map<string, Set<number>>();

  constructor(scope: ControllerScope, types: ResourceTypes, groups: ResourceType | undefined) {
    this.#scope = scope;
    this.#type = claimType(types, 'ResourceClaim');
    this.#pods = scope.informer<Pod>(PODS);
    this.#claims = scope.informer<ResourceClaim>(this.#type);
    this.#templates = scope.informer<ResourceClaimTemplate>(claimType(types, 'ResourceClaimTemplate'));
    this.#made = new MadeClaims(this.#claims);
    const common = { workers: WORKERS };
    this.#podQueue = scope.queue({
      ...common,
      name: 'resourceclaim-pod',
      type: PODS,
      reconcile: (id) => this.#syncPod(id),
    });
    this.#claimQueue = scope.queue({
      ...common,
      name: 'resourceclaim',
      type: this.#type,
      reconcile: (id) => syncClaim(scope, this.#type, this.#users(), this.#claims.get(id)),
    });
    const make = (owner: KubeObject, entry: string, template: string) => this.#make(owner, entry, template);
    const came = (group: PodGroup) => this.#groupCame(group.metadata);
    const gone = (group: PodGroup) => this.#enqueueUsedBy(group);
    const parts = { scope, made: this.#made, make, came, gone };
    this.#groups = groups === undefined ? null : new GroupClaims({ ...parts, type: groups });
    this.#listen();
  }

  #users(): ClaimUsers {
    return { pods: this.#pods, podgroups: this.#groups?.groups };
  }

  #listen(): void {
    this.#pods.addHandler({
      onAdd: (id, pod) => this.#podSeen(id, pod),
      onUpdate: (id, _old, pod) => this.#podSeen(id, pod),
      onDelete: (id, pod) => this.#podGone(id, pod),
    });
    this.#claims.addHandler({
      onAdd: (id, claim) => {
        this.#claimQueue.add(id);
        const owner = controllerOf(claim);
        if (owner?.kind === POD_GROUP_KIND) this.#groupCame({ ...owner, namespace: claim.metadata.namespace });
      },
      onUpdate: (id) => this.#claimQueue.add(id),
      onDelete: (_id, claim) => this.#claimGone(claim),
    });
  }

  #podSeen(id: number, pod: Pod): void {
    if (!hasClaims(pod)) return;
    if (isPodDone(pod)) this.#enqueueClaimsOf(pod);
    else if (this.#needsSync(pod)) this.#podQueue.add(id);
  }

  /** Whether a claim of a pod is to be made, recorded or reserved (podNeedsWork, 1.34). */
  #needsSync(pod: Pod): boolean {
    const { namespace = '', deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) return false;
    const placed = (pod.spec.nodeName ?? '') !== '';
    return (pod.spec.resourceClaims ?? []).some((entry) => {
      const name = claimNameOf(pod, entry);
      const claim = name === undefined ? undefined : this.#claims.find(namespace, name);
      if (claim === undefined) return entry.resourceClaimTemplateName !== undefined;
      return placed && wantsReservation(claim, pod);
    });
  }

  #podGone(id: number, pod: Pod): void {
    if (!hasClaims(pod)) return;
    this.#made.ownerGone(pod.metadata.uid ?? '');
    this.#waiting.get(groupKeyOf(pod))?.delete(id);
    this.#enqueueClaimsOf(pod);
  }

  /** A group, or a claim for it: pods that waited for that are looked at again. */
  #groupCame({ namespace = '', name }: Pick<ObjectMeta, 'name' | 'namespace'>): void {
    const key = `${namespace}/${name}`;
    for (const id of this.#waiting.get(key) ?? []) this.#podQueue.add(id);
    this.#waiting.delete(key);
  }

  /** A pod, or a group with its pods, may need the claim again. */
  #claimGone(claim: ResourceClaim): void {
    const owner = controllerOf(claim);
    if (owner === undefined) return;
    const { namespace = '' } = claim.metadata;
    this.#made.claimGone(owner.uid, claim);
    if (owner.kind === 'Pod') {
      const id = this.#pods.keys.find(namespace, owner.name);
      if (id >= 0 && this.#pods.get(id)?.metadata.uid === owner.uid) this.#podQueue.add(id);
    } else if (owner.kind === POD_GROUP_KIND && this.#groups?.claimGone(namespace, owner) === true) {
      const key = `${namespace}/${owner.name}`;
      this.#pods.forEach((pod, id) => {
        if (groupKeyOf(pod) === key) this.#podQueue.add(id);
      });
    }
  }

  #enqueueUsedBy(user: Pod | PodGroup): void {
    for (const entry of user.spec?.resourceClaims ?? []) {
      const name = claimNameOf(user, entry);
      const id = name === undefined ? -1 : this.#claims.keys.find(user.metadata.namespace ?? '', name);
      if (id >= 0) this.#claimQueue.add(id);
    }
  }

  #enqueueClaimsOf(pod: Pod): void {
    this.#enqueueUsedBy(pod);
    for (const id of this.#made.owned(pod.metadata.uid ?? '')) this.#claimQueue.add(id);
  }

  *#syncPod(id: number): Generator<Wait, void, unknown> {
    const pod = this.#pods.get(id);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isPodDone(pod)) return;
    const statuses: { name: string; resourceClaimName: string }[] = [];
    for (const entry of pod.spec.resourceClaims ?? []) {
      const name = yield* this.#claimOf(pod, entry);
      if (name !== undefined && name !== claimNameOf(pod, entry))
        statuses.push({ name: entry.name, resourceClaimName: name });
    }
    if (statuses.length > 0) {
      const { namespace = '', name } = pod.metadata;
      const patch = { status: { resourceClaimStatuses: statuses } };
      yield* this.#scope.client.patch<Pod>(PODS, namespace, name, patch, 'strategic', 'status');
    }
    if ((pod.spec.nodeName ?? '') !== '') yield* this.#reserve(pod);
  }

  /** The name of the claim for an entry, which is made where it has to be; undefined where a user has to. */
  *#claimOf(pod: Pod, entry: PodResourceClaim): Generator<Wait, string | undefined, unknown> {
    const template = entry.resourceClaimTemplateName;
    if (template === undefined) return undefined;
    const { namespace = '', uid = '' } = pod.metadata;
    const recorded = claimNameOf(pod, entry);
    if (recorded !== undefined && this.#claims.find(namespace, recorded) !== undefined) return recorded;
    const ofGroup = this.#groups?.nameFor(pod, entry) ?? null;
    if (ofGroup === '') this.#waitForGroup(pod);
    if (ofGroup !== null) return ofGroup === '' ? undefined : ofGroup;
    const known = this.#made.nameOf(uid, entry.name);
    if (known !== undefined) return known;
    try {
      const made = yield* this.#make(pod, entry.name, template);
      this.#made.add(uid, entry.name, made.metadata.name);
      return made.metadata.name;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const what = `PodResourceClaim ${entry.name}: ${error.message}`;
      this.#scope.recorder.event(pod, 'Warning', 'FailedResourceClaimCreation', what);
      throw error;
    }
  }

  /** A pod is looked at again when its group, or the claim of that, is there. */
  #waitForGroup(pod: Pod): void {
    const { namespace = '', name } = pod.metadata;
    const waiting = this.#waiting.get(groupKeyOf(pod)) ?? new Set();
    this.#waiting.set(groupKeyOf(pod), waiting.add(this.#pods.keys.find(namespace, name)));
  }

  #make(owner: KubeObject, entry: string, templateName: string): Generator<Wait, ResourceClaim, unknown> {
    const { namespace = '', name } = owner.metadata;
    const template = this.#templates.find(namespace, templateName);
    if (template === undefined) {
      const what = `resource claim template "${templateName}": resourceclaimtemplate.resource.k8s.io "${templateName}" not found`;
      throw StatusError.internalError(what);
    }
    const { labels, annotations } = template.spec?.metadata ?? {};
    return this.#scope.client.create<ResourceClaim>(this.#type, {
      apiVersion: this.#type.apiVersion,
      kind: this.#type.kind,
      metadata: {
        name: '',
        generateName: baseName(name, entry),
        namespace,
        labels,
        annotations: { ...annotations, [POD_CLAIM_ANNOTATION]: entry },
        ownerReferences: [controllerReference(owner)],
      },
      spec: template.spec?.spec,
    });
  }

  /** A pod that got its node without the scheduler is entered as a user of its allocated claims. */
  *#reserve(pod: Pod): Generator<Wait, void, unknown> {
    const { namespace = '', name, uid = '' } = pod.metadata;
    for (const entry of pod.spec.resourceClaims ?? []) {
      const claim = this.#claims.find(namespace, claimNameOf(pod, entry) ?? '');
      const users = claim?.status?.reservedFor ?? [];
      if (claim === undefined || !wantsReservation(claim, pod) || users.length >= CONSUMERS_MAX) continue;
      const status = { ...claim.status, reservedFor: [...users, { resource: 'pods', name, uid }] };
      yield* this.#scope.client.updateStatus(this.#type, { ...claim, status });
    }
  }
}

/** Whether a pod has claims, of its own accord or made by a scheduler. */
function hasClaims({ spec, status }: Pod): boolean {
  return (spec.resourceClaims ?? []).length > 0 || status?.extendedResourceClaimStatus !== undefined;
}

/** Whether a claim that a placed pod uses has devices, and is not reserved for the pod. */
function wantsReservation(claim: ResourceClaim, pod: Pod): boolean {
  return claim.status?.allocation !== undefined && !isReservedForPod(claim, pod);
}

/** Namespace and name of a pod's group. */
function groupKeyOf({ metadata, spec }: Pod): string {
  return `${metadata.namespace ?? ''}/${spec.schedulingGroup?.podGroupName ?? ''}`;
}

/** `pod-entry-`, with both parts shortened in proportion where that is too long. */
function baseName(pod: string, entry: string): string {
  const whole = `${pod}-${entry}-`;
  if (whole.length <= NAME_BASE_MAX) return whole;
  const share = (text: string) => text.slice(0, Math.floor((text.length * NAME_BASE_MAX) / whole.length));
  return `${share(pod)}-${share(entry)}`;
}
