/**
 * The device taint eviction controller: deletes pods that use a device with a NoExecute taint, from its driver or from a DeviceTaintRule, which the
 * request of their claim does not tolerate, at once or when its `tolerationSeconds` are over.
 *
 * Runs where the gate DRADeviceTaints is on. A toleration counts from the taint's `timeAdded`, which the server fills in. Cost: nothing but a look at
 * each pod with claims while no device has such a taint; a change of taints looks at every slice and claim. Source: Kubernetes 1.34
 * pkg/controller/devicetainteviction. Not simulated: the status of rules.
 */
import type { Informer } from '../client/informer.ts';
import { type InformerIndex, NO_KEY } from '../client/informer-index.ts';
import type { WorkQueue } from '../client/work-queue.ts';
import type { Wait } from '../sim/task.ts';
import { claimType, deviceTaintRuleType } from '../types/claim-types.ts';
import {
  type AllocatedDevice,
  claimNameOf,
  type DeviceTaintRule,
  deviceKey,
  generationOf,
  isReservedForPod,
  poolId,
  poolOf,
  type ResourceClaim,
  type ResourceSlice,
  ruleSelects,
} from '../types/device.ts';
import { ResourceKeys } from '../types/names.ts';
import type { Taint } from '../types/node.ts';
import type { Pod, Toleration } from '../types/pod.ts';
import { isPodTerminal } from '../types/pod-conditions.ts';
import { PODS, type ResourceTypes } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { parseTime } from '../types/time.ts';
import { toleratesTaint } from '../types/tolerations.ts';
import type { Controller } from './controller.ts';
import type { ControllerScope } from './controller-scope.ts';
import { markAndDelete, type PodMark } from './pod-deletion.ts';

const WORKERS = 10;
const MARK: PodMark = {
  disruption: {
    reason: 'DeletionByDeviceTaintManager',
    message: 'Device Taint manager: deleting due to NoExecute taint',
  },
};
const NONE: readonly Taint[] = [];

/** The device taint eviction controller. */
export const deviceTaintEvictionController: Controller = {
  name: 'device-taint-eviction-controller',
  register: (scope) => {
    const { types } = scope.manager.options;
    if (types !== undefined) new DeviceTaintEviction(scope, types);
  },
};

class DeviceTaintEviction {
  readonly #scope: ControllerScope;
  readonly #pods: Informer<Pod>;
  /** Names of PodGroups that pods name, whether or not there is one; and the pods by their ids. */
  readonly #groups = new ResourceKeys();
  readonly #byGroup: InformerIndex<Pod>;
  readonly #claims: Informer<ResourceClaim>;
  readonly #slices: Informer<ResourceSlice>;
  readonly #rules: Informer<DeviceTaintRule>;
  readonly #queue: WorkQueue;
  /** NoExecute taints of drivers by the device's key. */
  readonly #taints = new Map<string, Taint[]>();
  /** Rules with such a taint. */
  #ruled: readonly (Pick<DeviceTaintRule, 'spec'> & { readonly taint: Taint })[] = [];
  /** When a pod is to go, by its id, µs of wall time. */
  readonly #dueUs = new Map<number, number>();

  constructor(scope: ControllerScope, types: ResourceTypes) {
    this.#scope = scope;
    this.#pods = scope.informer<Pod>(PODS);
    this.#byGroup = this.#pods.addIndex('pod-group', ({ metadata, spec }) => {
      const name = spec.schedulingGroup?.podGroupName;
      return name === undefined ? NO_KEY : this.#groups.intern(metadata.namespace ?? '', name);
    });
    this.#claims = scope.informer<ResourceClaim>(claimType(types, 'ResourceClaim'));
    this.#slices = scope.informer<ResourceSlice>(claimType(types, 'ResourceSlice'));
    this.#rules = scope.informer<DeviceTaintRule>(deviceTaintRuleType(types));
    const reconcile = (id: number) => this.#fire(id);
    this.#queue = scope.queue({ name: 'device-taint-eviction', type: PODS, workers: WORKERS, reconcile });
    this.#pods.addHandler({
      onAdd: (id, pod) => this.#judge(id, pod),
      onUpdate: (id, _old, pod) => this.#judge(id, pod),
      onDelete: (id) => {
        this.#dueUs.delete(id);
      },
    });
    const claimChanged = (_id: number, claim: ResourceClaim) => this.#judgeUsers(claim);
    this.#claims.addHandler({
      onAdd: claimChanged,
      onUpdate: (id, old, claim) => {
        // Who is no longer among its users may stay.
        claimChanged(id, old);
        claimChanged(id, claim);
      },
      onDelete: claimChanged,
    });
    const sliceChanged = (slice: ResourceSlice) => {
      if (this.#taints.size > 0 || taintsOf(slice).length > 0) this.#taintsChanged();
    };
    this.#slices.addHandler({
      onAdd: (_id, slice) => sliceChanged(slice),
      onUpdate: (_id, _old, slice) => sliceChanged(slice),
      onDelete: (_id, slice) => sliceChanged(slice),
    });
    const rulesChanged = () => this.#taintsChanged();
    this.#rules.addHandler({ onAdd: rulesChanged, onUpdate: rulesChanged, onDelete: rulesChanged });
  }

  /** Reads all taints anew, and judges the users of all claims. */
  #taintsChanged(): void {
    this.#taints.clear();
    const newest = this.#newestGenerations();
    this.#slices.forEach((slice) => {
      const pool = poolOf(slice);
      if (generationOf(slice) < (newest.get(poolId(pool)) ?? 0)) return;
      for (const { device, taint } of taintsOf(slice)) {
        const key = deviceKey({ ...pool, device });
        const known = this.#taints.get(key) ?? [];
        known.push(taint);
        this.#taints.set(key, known);
      }
    });
    const ruled: (Pick<DeviceTaintRule, 'spec'> & { readonly taint: Taint })[] = [];
    this.#rules.forEach(({ spec }) => {
      const { taint } = spec ?? {};
      if (taint?.effect === 'NoExecute') ruled.push({ spec, taint });
    });
    this.#ruled = ruled;
    this.#claims.forEach((claim) => this.#judgeUsers(claim));
  }

  #newestGenerations(): ReadonlyMap<string, number> {
    const newest = new Map<string, number>();
    this.#slices.forEach((slice) => {
      const generation = generationOf(slice);
      const id = poolId(poolOf(slice));
      newest.set(id, Math.max(generation, newest.get(id) ?? generation));
    });
    return newest;
  }

  /** Judges the pods that a claim is reserved for. */
  #judgeUsers({ metadata, status }: ResourceClaim): void {
    if (this.#taints.size + this.#ruled.length + this.#dueUs.size === 0) return;
    const { namespace = '' } = metadata;
    for (const { resource, name } of status?.reservedFor ?? []) {
      if (resource === 'podgroups') this.#judgeGroup(namespace, name);
      else {
        const id = this.#pods.keys.find(namespace, name);
        const pod = id < 0 ? undefined : this.#pods.get(id);
        if (pod !== undefined) this.#judge(id, pod);
      }
    }
  }

  #judgeGroup(namespace: string, name: string): void {
    const ids = this.#byGroup.ids(this.#groups.find(namespace, name));
    for (const id of ids.toSorted((a, b) => a - b)) this.#judge(id, this.#pods.get(id) as Pod);
  }

  /** Schedules the end of a pod, at another time where that has changed, or of none. */
  #judge(id: number, pod: Pod): void {
    const dueUs = this.#dueOf(pod);
    if (dueUs === Number.POSITIVE_INFINITY) this.#dueUs.delete(id);
    else if (this.#dueUs.get(id) !== dueUs) {
      this.#dueUs.set(id, dueUs);
      this.#queue.addAfter(id, Math.max(0, dueUs - this.#scope.ctx.wallUs()));
    }
  }

  /** When a pod is to go, µs of wall time; infinity for never. */
  #dueOf(pod: Pod): number {
    let dueUs = Number.POSITIVE_INFINITY;
    if (this.#taints.size + this.#ruled.length === 0) return dueUs;
    const { metadata, spec } = pod;
    if ((spec.nodeName ?? '') === '' || metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return dueUs;
    for (const name of claimNames(pod)) {
      const claim = this.#claims.find(metadata.namespace ?? '', name);
      if (claim === undefined || !isReservedForPod(claim, pod)) continue;
      for (const device of claim.status?.allocation?.devices.results ?? []) {
        for (const taint of this.#taintsOn(device)) {
          const sinceUs = parseTime(taint.timeAdded ?? '');
          dueUs = Math.min(dueUs, sinceUs + secondsTolerated(taint, device.tolerations) * 1_000_000);
        }
      }
    }
    return dueUs;
  }

  #taintsOn(allocated: AllocatedDevice): readonly Taint[] {
    const own = this.#taints.get(deviceKey(allocated)) ?? NONE;
    const ruled = this.#ruled.filter((rule) => ruleSelects(rule, allocated));
    return ruled.length === 0 ? own : [...own, ...ruled.map(({ taint }) => taint)];
  }

  *#fire(id: number): Generator<Wait, void, unknown> {
    const { client, ctx, recorder } = this.#scope;
    const cached = this.#pods.get(id);
    const dueUs = this.#dueUs.get(id);
    if (cached === undefined || dueUs === undefined) return;
    const leftUs = dueUs - ctx.wallUs();
    if (leftUs > 0) {
      this.#queue.addAfter(id, leftUs);
      return;
    }
    const { namespace = '', name, uid } = cached.metadata;
    try {
      const pod = yield* client.get<Pod>(PODS, namespace, name);
      if (pod.metadata.uid === uid && pod.metadata.deletionTimestamp === undefined) {
        recorder.event(pod, 'Normal', 'DeviceTaintManagerEviction', 'Marking for deletion');
        yield* markAndDelete(this.#scope, pod, MARK, { preconditions: { uid } });
      }
    } catch (error) {
      if (!(error instanceof StatusError) || !error.isNotFound) throw error;
    }
  }
}

/** The names of a pod's claims that exist. */
function claimNames(pod: Pod): readonly string[] {
  const named = (pod.spec.resourceClaims ?? []).map((entry) => claimNameOf(pod, entry));
  const all = [...named, pod.status?.extendedResourceClaimStatus?.resourceClaimName];
  return all.filter((name) => name !== undefined && name !== '') as string[];
}

function taintsOf({ spec }: ResourceSlice): { readonly device: string; readonly taint: Taint }[] {
  return (spec?.devices ?? []).flatMap(({ name, taints = [] }) =>
    taints.filter(({ effect }) => effect === 'NoExecute').map((taint) => ({ device: name, taint })),
  );
}

/** How long a taint is tolerated, s: the shortest of the tolerations for its effect, infinity for one that names no time. */
function secondsTolerated(taint: Taint, tolerations: readonly Toleration[] = []): number {
  const covering = tolerations.filter((each) => each.effect === 'NoExecute' && toleratesTaint(each, taint));
  if (covering.length === 0) return 0;
  if (covering.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(...covering.map(({ tolerationSeconds = 0 }) => tolerationSeconds)));
}
