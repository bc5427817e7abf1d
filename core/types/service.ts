/** Services. Source: Kubernetes 1.34, core/v1 Service. */
import type { Condition, IntOrString, KubeObject, StringMap } from './object.ts';

/** core/v1 ServicePort. */
export interface ServicePort {
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly appProtocol?: string | undefined;
  readonly port: number;
  readonly targetPort?: IntOrString | undefined;
  readonly nodePort?: number | undefined;
}

/** core/v1 ServiceSpec. `clusterIP: None` makes a headless service. */
export interface ServiceSpec {
  readonly ports?: readonly ServicePort[] | undefined;
  readonly selector?: StringMap | undefined;
  readonly clusterIP?: string | undefined;
  readonly clusterIPs?: readonly string[] | undefined;
  readonly type?: string | undefined;
  readonly externalIPs?: readonly string[] | undefined;
  readonly sessionAffinity?: string | undefined;
  readonly sessionAffinityConfig?:
    | { readonly clientIP?: { readonly timeoutSeconds?: number | undefined } | undefined }
    | undefined;
  readonly externalName?: string | undefined;
  readonly externalTrafficPolicy?: string | undefined;
  readonly internalTrafficPolicy?: string | undefined;
  readonly healthCheckNodePort?: number | undefined;
  readonly publishNotReadyAddresses?: boolean | undefined;
  readonly ipFamilies?: readonly string[] | undefined;
  readonly ipFamilyPolicy?: string | undefined;
  readonly loadBalancerClass?: string | undefined;
  readonly loadBalancerSourceRanges?: readonly string[] | undefined;
  readonly allocateLoadBalancerNodePorts?: boolean | undefined;
  readonly trafficDistribution?: string | undefined;
}

/** core/v1 ServiceStatus. */
export interface ServiceStatus {
  readonly loadBalancer?:
    | {
        readonly ingress?:
          | readonly { readonly ip?: string | undefined; readonly hostname?: string | undefined }[]
          | undefined;
      }
    | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}

/** core/v1 Service. */
export interface Service extends KubeObject {
  readonly spec: ServiceSpec;
  readonly status?: ServiceStatus | undefined;
}
