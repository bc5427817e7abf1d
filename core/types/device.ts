/** Devices, what offers them and what claims them: the fields that are read. Source: Kubernetes 1.34, resource.k8s.io/v1. */

import type { Taint } from './node.ts';
import type { KubeObject, ObjectMeta } from './object.ts';
import type { NodeSelector, Pod, PodResourceClaim, Toleration } from './pod.ts';
import type { PodGroup } from './pod-group.ts';

/** Keeps an allocated claim until its devices are free. */
export const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection';
/** Names the entry of a pod's spec that a generated claim stands for. */
export const POD_CLAIM_ANNOTATION = 'resource.kubernetes.io/pod-claim-name';
/** On the claim that a scheduler makes for extended resources of a pod. */
export const EXTENDED_CLAIM_ANNOTATION = 'resource.kubernetes.io/extended-resource-claim';

/** A CEL expression over `device`. */
export interface DeviceSelector {
  readonly cel?: { readonly expression?: string } | undefined;
}

/** What `exactly` says, and each alternative of `firstAvailable`. */
export interface ExactDeviceRequest {
  /** Of an alternative. */
  readonly name?: string | undefined;
  readonly deviceClassName?: string | undefined;
  readonly selectors?: readonly DeviceSelector[] | null | undefined;
  readonly allocationMode?: string | undefined;
  readonly count?: number | undefined;
  readonly adminAccess?: boolean | undefined;
  /** Of devices with taints (gate DRADeviceTaints). */
  readonly tolerations?: readonly Toleration[] | undefined;
  /** How much of what a device has (gate DRAConsumableCapacity). */
  readonly capacity?: { readonly requests?: Readonly<Record<string, string | number>> | undefined } | undefined;
}

/** One request of a claim. */
export interface DeviceRequest {
  readonly name: string;
  readonly exactly?: ExactDeviceRequest | undefined;
  readonly firstAvailable?: readonly ExactDeviceRequest[] | undefined;
}

/** `spec` of a claim. */
export interface ResourceClaimSpec {
  readonly devices?:
    | {
        readonly requests?: readonly DeviceRequest[] | undefined;
        readonly constraints?: readonly DeviceConstraint[] | null | undefined;
        readonly config?: readonly DeviceConfiguration[] | null | undefined;
      }
    | undefined;
}

/** Devices of the named requests (of all, where none is named) have all the same value of an attribute, or each another. */
export interface DeviceConstraint {
  readonly requests?: readonly string[] | undefined;
  readonly matchAttribute?: string | undefined;
  /** Gate DRAConsumableCapacity. */
  readonly distinctAttribute?: string | undefined;
}

/** What a driver is told about the devices of some requests (of all, where none is named); nobody here reads the parameters. */
export interface DeviceConfiguration {
  readonly requests?: readonly string[] | undefined;
  readonly opaque?: { readonly driver?: string | undefined; readonly parameters?: unknown } | undefined;
}

/** A device of a claim's allocation; `request` is `name` or `name/alternative`. */
export interface AllocatedDevice {
  readonly request: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly adminAccess?: boolean | undefined;
  readonly tolerations?: readonly Toleration[] | undefined;
  /** Of a device that others may have at the same time: a name for this share, and what it takes. */
  readonly shareID?: string | undefined;
  readonly consumedCapacity?: Readonly<Record<string, string>> | undefined;
  /** As its device has them. */
  readonly bindingConditions?: readonly string[] | undefined;
  readonly bindingFailureConditions?: readonly string[] | undefined;
}

/** Where a claim was allocated. */
export interface DeviceAllocation {
  readonly devices: { readonly results: readonly AllocatedDevice[] };
  /** Nodes it can be used from; absent = all. */
  readonly nodeSelector?: NodeSelector | undefined;
  /** When it was allocated (gate DRADeviceBindingConditions). */
  readonly allocationTimestamp?: string | undefined;
}

/** What a driver says of a device that a claim has. */
export interface AllocatedDeviceStatus {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly conditions?:
    | readonly {
        readonly type: string;
        readonly status: string;
        readonly reason?: string | undefined;
        readonly message?: string | undefined;
      }[]
    | undefined;
}

/** Who may use a claim. */
export interface ClaimConsumer {
  /** Absent for pods, which belong to the core group. */
  readonly apiGroup?: string | undefined;
  readonly resource: string;
  readonly name: string;
  readonly uid: string;
}

/** resource.k8s.io/v1 ResourceClaim. */
export interface ResourceClaim extends KubeObject {
  readonly spec?: ResourceClaimSpec | undefined;
  readonly status?:
    | {
        readonly allocation?: DeviceAllocation | undefined;
        readonly reservedFor?: readonly ClaimConsumer[] | undefined;
        readonly devices?: readonly AllocatedDeviceStatus[] | null | undefined;
      }
    | undefined;
}

/** resource.k8s.io/v1 ResourceClaimTemplate. */
export interface ResourceClaimTemplate extends KubeObject {
  readonly spec?:
    | { readonly metadata?: Partial<ObjectMeta> | undefined; readonly spec?: ResourceClaimSpec | undefined }
    | undefined;
}

/** resource.k8s.io/v1 DeviceClass. */
export interface DeviceClass extends KubeObject {
  readonly spec?:
    | {
        readonly selectors?: readonly DeviceSelector[] | null | undefined;
        readonly config?: readonly DeviceConfiguration[] | null | undefined;
        /** The extended resource that devices of the class stand for (gate DRAExtendedResource). */
        readonly extendedResourceName?: string | undefined;
      }
    | undefined;
}

/** A value of an attribute, or (since 1.36) several; exactly one is set. */
export interface DeviceAttribute {
  readonly string?: string | undefined;
  readonly int?: number | undefined;
  readonly bool?: boolean | undefined;
  readonly version?: string | undefined;
  readonly strings?: readonly string[] | undefined;
  readonly ints?: readonly number[] | undefined;
  readonly bools?: readonly boolean[] | undefined;
  readonly versions?: readonly string[] | undefined;
}

/** What a device has of something, and in which amounts it is shared out (gate DRAConsumableCapacity). */
export interface DeviceCapacity {
  readonly value: string;
  readonly requestPolicy?:
    | {
        readonly default?: string | undefined;
        readonly validValues?: readonly string[] | undefined;
        readonly validRange?:
          | { readonly min?: string | undefined; readonly max?: string | undefined; readonly step?: string | undefined }
          | undefined;
      }
    | undefined;
}

/** What is there of one counter, or is taken of it. */
export type Counters = Readonly<Record<string, { readonly value: string }>>;

/** What a device takes of a set of counters (gate DRAPartitionableDevices). */
export interface CounterConsumption {
  readonly counterSet?: string | undefined;
  readonly counters?: Counters | undefined;
  /** Devices go together that have one in common (gate DRADeviceCompatibilityGroups). */
  readonly compatibilityGroups?: readonly string[] | null | undefined;
}

/** A device as its driver publishes it. */
export interface Device {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, DeviceAttribute>> | undefined;
  readonly capacity?: Readonly<Record<string, DeviceCapacity>> | undefined;
  readonly taints?: readonly Taint[] | undefined;
  readonly consumesCounters?: readonly CounterConsumption[] | undefined;
  readonly allowMultipleAllocations?: boolean | undefined;
  /** Gate DRADeviceBindingConditions, as are the next two: conditions of the device that pods wait for before they are bound. */
  readonly bindingConditions?: readonly string[] | undefined;
  /** Conditions with which it will never be ready. */
  readonly bindingFailureConditions?: readonly string[] | undefined;
  /** Whether a claim that has it can be used from its node alone. */
  readonly bindsToNode?: boolean | undefined;
  /** From which nodes it is to be had, as the next two, where its slice leaves that to its devices (gate DRAPartitionableDevices). */
  readonly nodeName?: string | undefined;
  readonly allNodes?: boolean | undefined;
  readonly nodeSelector?: NodeSelector | undefined;
}

/** resource.k8s.io/v1 ResourceSlice. */
export interface ResourceSlice extends KubeObject {
  readonly spec?:
    | {
        readonly driver: string;
        readonly pool?:
          | { readonly name?: string; readonly generation?: number; readonly resourceSliceCount?: number }
          | undefined;
        readonly nodeName?: string | undefined;
        readonly allNodes?: boolean | undefined;
        readonly nodeSelector?: NodeSelector | undefined;
        readonly perDeviceNodeSelection?: boolean | undefined;
        readonly devices?: readonly Device[] | undefined;
        readonly sharedCounters?:
          | readonly { readonly name: string; readonly counters?: Counters | undefined }[]
          | undefined;
      }
    | undefined;
}

/** resource.k8s.io DeviceTaintRule: a taint on devices that no driver put there (gate DRADeviceTaints). */
export interface DeviceTaintRule extends KubeObject {
  readonly spec?:
    | {
        readonly deviceSelector?:
          | {
              readonly deviceClassName?: string | undefined;
              readonly driver?: string | undefined;
              readonly pool?: string | undefined;
              readonly device?: string | undefined;
              readonly selectors?: readonly DeviceSelector[] | null | undefined;
            }
          | null
          | undefined;
        readonly taint?: Taint | undefined;
      }
    | undefined;
}

/** The name by which a device is allocated once at most. */
export function deviceKey({ driver, pool, device }: Pick<AllocatedDevice, 'driver' | 'pool' | 'device'>): string {
  return `${driver}/${pool}/${device}`;
}

/** The pool that a slice is part of. */
export function poolOf({ spec }: ResourceSlice): Pick<AllocatedDevice, 'driver' | 'pool'> {
  return { driver: spec?.driver ?? '', pool: spec?.pool?.name ?? '' };
}

/** The name of a driver's pool. */
export function poolId({ driver, pool }: Pick<AllocatedDevice, 'driver' | 'pool'>): string {
  return `${driver}/${pool}`;
}

/** Of a pool's slices only those of the newest generation count. */
export function generationOf({ spec }: ResourceSlice): number {
  return spec?.pool?.generation ?? 0;
}

/**
 * Whether a rule taints a device. Of a selector, any value will do for a field that is not there; a rule without selector selects none.
 * Source: Kubernetes 1.34, resource.k8s.io/v1alpha3 DeviceTaintRuleSpec.
 */
export function ruleSelects(
  { spec }: Pick<DeviceTaintRule, 'spec'>,
  { driver, pool, device }: Pick<AllocatedDevice, 'driver' | 'pool' | 'device'>,
): boolean {
  const { deviceSelector } = spec ?? {};
  if (deviceSelector === undefined || deviceSelector === null) return false;
  const is = (wanted: string | undefined, value: string): boolean => (wanted ?? value) === value;
  return is(deviceSelector.driver, driver) && is(deviceSelector.pool, pool) && is(deviceSelector.device, device);
}

/** The name of the claim that an entry of `spec.resourceClaims` of a pod or PodGroup stands for: given, or of the one made for it; undefined while there is none. */
export function claimNameOf({ status }: Pod | PodGroup, entry: PodResourceClaim): string | undefined {
  if (entry.resourceClaimName !== undefined) return entry.resourceClaimName;
  return status?.resourceClaimStatuses?.find(({ name }) => name === entry.name)?.resourceClaimName;
}

/**
 * Whether a pod may use a claim: it is reserved for the pod, or for its PodGroup (Kubernetes 1.37, gate DRAWorkloadResourceClaims). The group goes by
 * its name, as whoever asks need not know it.
 */
export function isReservedForPod({ status }: ResourceClaim, { metadata, spec }: Pod): boolean {
  const group = spec.schedulingGroup?.podGroupName;
  return (status?.reservedFor ?? []).some(({ resource, name, uid }) =>
    resource === 'podgroups' ? name === group : uid === metadata.uid,
  );
}
