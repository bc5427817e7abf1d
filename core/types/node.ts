/** Nodes. Source: Kubernetes 1.34, core/v1 Node. */
import type { Condition, KubeObject, ResourceList } from './object.ts';

export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

/** core/v1 Taint. `timeAdded` is kept for NoExecute taints. */
export interface Taint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: TaintEffect;
  readonly timeAdded?: string | undefined;
}

/** core/v1 NodeSpec. */
export interface NodeSpec {
  readonly podCIDR?: string | undefined;
  readonly podCIDRs?: readonly string[] | undefined;
  readonly providerID?: string | undefined;
  readonly unschedulable?: boolean | undefined;
  readonly taints?: readonly Taint[] | undefined;
}

/** core/v1 NodeAddress. */
export interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

/** core/v1 NodeSystemInfo. */
export interface NodeSystemInfo {
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly containerRuntimeVersion: string;
  readonly kubeletVersion: string;
  readonly kubeProxyVersion: string;
  readonly operatingSystem: string;
  readonly architecture: string;
}

/** core/v1 NodeStatus. */
export interface NodeStatus {
  readonly capacity?: ResourceList | undefined;
  readonly allocatable?: ResourceList | undefined;
  readonly phase?: string | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly addresses?: readonly NodeAddress[] | undefined;
  readonly daemonEndpoints?: { readonly kubeletEndpoint?: { readonly Port: number } | undefined } | undefined;
  readonly nodeInfo?: NodeSystemInfo | undefined;
  /** Features that pods may need (since 1.35). */
  readonly declaredFeatures?: readonly string[] | undefined;
  readonly images?:
    | readonly { readonly names?: readonly string[] | undefined; readonly sizeBytes?: number | undefined }[]
    | undefined;
}

/** core/v1 Node. */
export interface Node extends KubeObject {
  readonly spec?: NodeSpec | undefined;
  readonly status?: NodeStatus | undefined;
}
