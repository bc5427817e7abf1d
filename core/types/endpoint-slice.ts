/** EndpointSlices. Source: Kubernetes 1.34, discovery.k8s.io/v1 EndpointSlice. */
import type { KubeObject, ObjectReference } from './object.ts';

/** discovery/v1 EndpointConditions. */
export interface EndpointConditions {
  readonly ready?: boolean | undefined;
  readonly serving?: boolean | undefined;
  readonly terminating?: boolean | undefined;
}

/** discovery/v1 Endpoint. */
export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: EndpointConditions | undefined;
  readonly hostname?: string | undefined;
  readonly targetRef?: ObjectReference | undefined;
  readonly nodeName?: string | undefined;
  readonly zone?: string | undefined;
  readonly hints?:
    | {
        readonly forZones?: readonly { readonly name: string }[] | undefined;
        readonly forNodes?: readonly { readonly name: string }[] | undefined;
      }
    | undefined;
}

/** discovery/v1 EndpointPort. */
export interface EndpointPort {
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly port?: number | undefined;
  readonly appProtocol?: string | undefined;
}

/** discovery/v1 EndpointSlice. */
export interface EndpointSlice extends KubeObject {
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints: readonly Endpoint[];
  readonly ports?: readonly EndpointPort[] | undefined;
}
