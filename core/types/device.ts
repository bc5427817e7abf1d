/** Devices, what offers them and what claims them: the fields that are read. Source: Kubernetes 1.34, resource.k8s.io/v1. */
import type { KubeObject, ObjectMeta } from './object.ts';
import type { NodeSelector } from './pod.ts';

/** Keeps an allocated claim until its devices are free. */
export const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection';
/** Names the entry of a pod's spec that a generated claim stands for. */
export const POD_CLAIM_ANNOTATION = 'resource.kubernetes.io/pod-claim-name';

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

/** All devices of the named requests (of all, where none is named) have the same value of an attribute. */
export interface DeviceConstraint {
  readonly requests?: readonly string[] | undefined;
  readonly matchAttribute?: string | undefined;
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
}

/** Where a claim was allocated. */
export interface DeviceAllocation {
  readonly devices: { readonly results: readonly AllocatedDevice[] };
  /** Nodes it can be used from; absent = all. */
  readonly nodeSelector?: NodeSelector | undefined;
}

/** Who may use a claim. */
export interface ClaimConsumer {
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
      }
    | undefined;
}

/** A value of an attribute; exactly one is set. */
export interface DeviceAttribute {
  readonly string?: string | undefined;
  readonly int?: number | undefined;
  readonly bool?: boolean | undefined;
  readonly version?: string | undefined;
}

/** A device as its driver publishes it. */
export interface Device {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, DeviceAttribute>> | undefined;
  readonly capacity?: Readonly<Record<string, { readonly value: string }>> | undefined;
  readonly taints?: readonly { readonly key: string; readonly effect: string }[] | undefined;
  readonly consumesCounters?: readonly unknown[] | undefined;
  readonly bindingConditions?: readonly string[] | undefined;
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
      }
    | undefined;
}

/** The name by which a device is allocated once at most. */
export function deviceKey({ driver, pool, device }: Pick<AllocatedDevice, 'driver' | 'pool' | 'device'>): string {
  return `${driver}/${pool}/${device}`;
}
