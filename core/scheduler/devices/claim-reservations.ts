/**
 * Devices between the choice of a node and the binding: an allocation is decided at once, written to the claim together with the pod that
 * it is reserved for before the pod is bound, and taken back when the binding fails. Source: Kubernetes 1.34,
 * plugins/dynamicresources (Reserve, PreBind, Unreserve, PostFilter).
 *
 * Devices with binding conditions are then waited for. That they were waited for in vain is known to this scheduler alone: one that takes over finds
 * it by the claim's time with an attempt of its own.
 *
 * While an allocation is in flight nobody else gets its devices or allocates its claim. A conflict is tried again on the claim's newest
 * version, {@link TRIES} times in all.
 */

import type { Client } from '../../client/client.ts';
import type { SeriesRecorder } from '../../client/series-recorder.ts';
import type { Context } from '../../sim/context.ts';
import type { Wait } from '../../sim/task.ts';
import { CLAIM_FINALIZER, type ClaimConsumer, type DeviceAllocation, type ResourceClaim } from '../../types/device.ts';
import { copyWith } from '../../types/json-value.ts';
import type { Pod } from '../../types/pod.ts';
import { PODS, type ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { formatTime, parseTime } from '../../types/time.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import type { Lookups } from '../cycle/lookups.ts';
import type { Reserver } from '../cycle/reserver.ts';
import { hasBindingConditions, readinessOf } from '../framework/devices/binding-conditions.ts';
import {
  claimKey,
  claimObjectsOf,
  consumerOf,
  isReservedFor,
  type RequestMapping,
  sharedInFlight,
} from '../framework/devices/device-claims.ts';
import { asksForDevices } from '../framework/devices/extended-resources.ts';
import { chooseDevices } from '../framework/plugins/dynamic-resources.ts';
import { podKey } from '../pods/pod-key.ts';
import { BUG_FORGETS_ALLOCATIONS } from '../points.ts';

const TRIES = 5;
/** How often conditions of devices are looked at, µs. */
const POLL_US = 5_000_000;

/** A claim that a pod waits for. */
interface Held {
  claim: ResourceClaim;
  /** Under which name its allocation is in flight. */
  readonly key: string;
  /** What is to be written; `null` for a claim that has its devices. */
  readonly allocation: DeviceAllocation | null;
  /** Of a claim for extended resources, which the scheduler makes: what the pod's status says of it. `null` of others. */
  readonly mappings: readonly RequestMapping[] | null;
  /** Another pod of the group decided the allocation, and takes it back. */
  readonly follows: boolean;
  /** The claim says that it is reserved for the pod. */
  written: boolean;
  readonly consumer: ClaimConsumer;
}

/** What it needs of its scheduler. */
export interface ClaimParts {
  readonly client: Client;
  readonly core: SchedulingCore;
  readonly recorder: SeriesRecorder;
  /** The scheduler's own write is known to it before its informer tells. */
  readonly lookups: Lookups;
  readonly claims: ResourceType;
  /** How long devices have to be ready in, from their allocation on. */
  readonly bindingTimeoutUs: number;
}

/** The claims of one scheduler's pods. */
export class ClaimReservations implements Reserver {
  readonly name = 'DynamicResources';
  readonly #ctx: Context;
  readonly #client: Client;
  readonly #core: SchedulingCore;
  readonly #type: ResourceType;
  readonly #parts: ClaimParts;
  readonly #held = new Map<string, readonly Held[]>();

  constructor(ctx: Context, parts: ClaimParts) {
    this.#ctx = ctx;
    this.#client = parts.client;
    this.#core = parts.core;
    this.#type = parts.claims;
    this.#parts = parts;
  }

  reserve(pod: Pod, nodeName: string): boolean {
    const { objects, nodes } = this.#core;
    if ((pod.spec.resourceClaims ?? []).length === 0 && !asksForDevices(pod, objects)) return true;
    const slot = nodes.find(nodeName);
    const has = (resource: string) => nodes.has(slot, resource);
    const chosen = slot < 0 ? null : chooseDevices(pod, nodes.identityOf(slot), objects, has);
    const claims = claimObjectsOf(pod, objects);
    if (chosen === null || typeof claims === 'string') return false;
    const shared = claims.map((claim) => (claim.status?.allocation ? null : sharedInFlight(pod, claim, objects)));
    for (const { claim, allocation } of chosen) {
      if (!this.#ctx.bug(BUG_FORGETS_ALLOCATIONS)) objects.devices.decide(claim.key, allocation);
    }
    const held = claims.map((claim, i): Held => {
      const follows = shared[i] !== null;
      const allocation = chosen.find((one) => one.claim.claim === claim)?.allocation ?? shared[i] ?? null;
      const consumer = consumerOf(pod, claim, objects);
      const written = isReservedFor(claim, consumer);
      return { claim, key: claimKey(claim), allocation, mappings: null, follows, written, consumer };
    });
    for (const { claim: made, allocation } of chosen) {
      const { claim, key, mappings } = made;
      if (mappings === null) continue;
      const consumer = consumerOf(pod, claim, objects);
      held.push({ claim, key, allocation, mappings, follows: false, written: false, consumer });
    }
    this.#held.set(podKey(pod), held);
    return true;
  }

  holds(pod: Pod): boolean {
    return this.#held.size > 0 && this.#held.has(podKey(pod));
  }

  *preBind(pod: Pod, nodeName: string): Generator<Wait, void, unknown> {
    const all = this.#held.get(podKey(pod)) ?? [];
    for (const held of all) {
      if (held.written) continue;
      if (held.mappings !== null) held.claim = yield* this.#client.create<ResourceClaim>(this.#type, held.claim);
      held.claim = yield* this.#record(held);
      held.written = true;
      this.#parts.lookups.assume(held.claim);
      this.#core.objects.devices.settle(held.key);
      if (held.mappings !== null) yield* this.#tellPod(pod, held.claim.metadata.name, held.mappings);
    }
    if (this.#bindsByCondition && all.some(({ claim }) => hasBindingConditions(claim.status?.allocation)))
      yield* this.#awaitDevices(pod, nodeName, all);
  }

  get #bindsByCondition(): boolean {
    return this.#core.objects.deviceGates.has('DRADeviceBindingConditions');
  }

  /** Waits until drivers have made all devices ready. @throws StatusError when one never will be, or not in time */
  *#awaitDevices(pod: Pod, nodeName: string, all: readonly Held[]): Generator<Wait, void, unknown> {
    const { recorder, bindingTimeoutUs } = this.#parts;
    const message = `waiting for binding conditions for device on node ${nodeName}`;
    recorder.event(pod, 'Normal', { reason: 'BindingConditionsPending', action: 'Scheduling', message });
    for (let leftUs = bindingTimeoutUs; ; leftUs -= POLL_US) {
      const late = all.find((held) => !this.#isReady(held));
      if (late === undefined) return;
      yield* this.#ctx.sleep(Math.min(POLL_US, leftUs));
      if (leftUs > POLL_US) continue;
      this.#core.objects.devices.setOverdue(late.claim);
      throw failure('device binding timeout');
    }
  }

  /** Whether the devices of a claim are ready, as it is now. */
  #isReady(held: Held): boolean {
    const { namespace = '', name } = held.claim.metadata;
    const { objects } = this.#core;
    const claim = objects.get<ResourceClaim>('ResourceClaim', namespace, name);
    if (claim === undefined) throw failure(`resourceclaim "${name}" not found`);
    held.claim = claim;
    const found = readinessOf(claim);
    if (found.failure !== '') throw failure(found.failure);
    const { allocation } = claim.status ?? {};
    if (!found.ready && hasBindingConditions(allocation)) {
      const sinceUs = parseTime(allocation?.allocationTimestamp ?? '');
      if (this.#ctx.wallUs() > sinceUs + this.#parts.bindingTimeoutUs) {
        objects.devices.setOverdue(claim);
        throw failure(`claim ${name} binding timeout`);
      }
    }
    return found.ready;
  }

  unreserve(pod: Pod): void {
    for (const { claim, key, allocation, mappings, follows, written, consumer } of this.#held.get(podKey(pod)) ?? []) {
      if (allocation !== null && !written && !follows) this.#core.objects.devices.settle(key);
      if (mappings !== null) {
        if (claim.metadata.name === '') continue;
        this.#core.objects.devices.giveUp(claim);
        this.#ctx.startTask('claim-removal', claimKey(claim), this.#remove(claim));
      } else if (written && consumer.uid === pod.metadata.uid)
        this.#ctx.startTask('claim-release', claimKey(claim), this.#release(claim, pod));
    }
    this.#held.delete(podKey(pod));
  }

  bound(pod: Pod): void {
    this.#held.delete(podKey(pod));
  }

  /** Takes the devices of a claim back that holds a pod to nodes it cannot use. */
  deallocate(claim: ResourceClaim): void {
    this.#ctx.startTask('claim-deallocation', claimKey(claim), this.#clear(claim));
  }

  *#record({ claim, allocation, consumer }: Held): Generator<Wait, ResourceClaim, unknown> {
    const { namespace = '', name } = claim.metadata;
    let current = claim;
    for (let tries = 1; ; tries++) {
      try {
        if (tries > 1) current = yield* this.#client.get<ResourceClaim>(this.#type, namespace, name);
        if (isReservedFor(current, consumer)) return current;
        return yield* this.#write(consumer, current, allocation);
      } catch (error) {
        if (!(error instanceof StatusError) || !error.isConflict || tries === TRIES) throw error;
      }
    }
  }

  *#write(
    consumer: ClaimConsumer,
    claim: ResourceClaim,
    allocation: DeviceAllocation | null,
  ): Generator<Wait, ResourceClaim, unknown> {
    const name = claimKey(claim);
    if (claim.metadata.deletionTimestamp !== undefined) throw failure(`claim ${name} got deleted in the meantime`);
    let current = claim;
    if (allocation !== null) {
      if (current.status?.allocation !== undefined)
        throw failure(`claim ${name} got allocated elsewhere in the meantime`);
      const finalizers = current.metadata.finalizers ?? [];
      if (!finalizers.includes(CLAIM_FINALIZER)) {
        const metadata = { ...current.metadata, finalizers: [...finalizers, CLAIM_FINALIZER] };
        current = yield* this.#client.update<ResourceClaim>(this.#type, { ...current, metadata });
      }
    }
    const allocated = allocation ?? current.status?.allocation;
    const status = {
      ...current.status,
      ...(allocated === undefined ? {} : { allocation: this.#stamped(allocated) }),
      reservedFor: [...(current.status?.reservedFor ?? []), consumer],
    };
    return yield* this.#client.updateStatus<ResourceClaim>(this.#type, { ...current, status });
  }

  /** An allocation with its time, where that counts. */
  #stamped(allocation: DeviceAllocation): DeviceAllocation {
    if (!this.#bindsByCondition || allocation.allocationTimestamp !== undefined) return allocation;
    return copyWith(allocation, { allocationTimestamp: formatTime(this.#ctx.wallUs()) });
  }

  /** The pod's status names the claim that stands for its extended resources. */
  *#tellPod(
    pod: Pod,
    resourceClaimName: string,
    requestMappings: readonly RequestMapping[],
  ): Generator<Wait, void, unknown> {
    const { namespace = '', name } = pod.metadata;
    const status = { extendedResourceClaimStatus: { requestMappings, resourceClaimName } };
    yield* this.#client.patch<Pod>(PODS, namespace, name, { status }, 'strategic', 'status');
  }

  /** A claim that was made for a pod which is not bound is of no use. */
  *#remove(claim: ResourceClaim): Generator<Wait, void, unknown> {
    const { namespace = '', name } = claim.metadata;
    try {
      const { metadata, ...rest } = yield* this.#client.get<ResourceClaim>(this.#type, namespace, name);
      yield* this.#client.update<ResourceClaim>(this.#type, { ...rest, metadata: { ...metadata, finalizers: [] } });
      yield* this.#client.delete(this.#type, namespace, name);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  /** The claim is no longer reserved for the pod; a failure is made good by the claims' controller. */
  *#release(claim: ResourceClaim, pod: Pod): Generator<Wait, void, unknown> {
    const { namespace = '', name } = claim.metadata;
    try {
      const current = yield* this.#client.get<ResourceClaim>(this.#type, namespace, name);
      const reservedFor = (current.status?.reservedFor ?? []).filter(({ uid }) => uid !== pod.metadata.uid);
      yield* this.#client.updateStatus<ResourceClaim>(this.#type, {
        ...current,
        status: { ...current.status, reservedFor },
      });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  *#clear(claim: ResourceClaim): Generator<Wait, void, unknown> {
    try {
      yield* this.#client.updateStatus<ResourceClaim>(this.#type, { ...claim, status: {} });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }
}

function failure(message: string): StatusError {
  return new StatusError(500, '', message);
}
