/** Leases. Source: Kubernetes 1.34, coordination.k8s.io/v1 Lease. */
import type { KubeObject } from './object.ts';

/** coordination/v1 LeaseSpec; times are MicroTime strings. */
export interface LeaseSpec {
  readonly holderIdentity?: string | undefined;
  readonly leaseDurationSeconds?: number | undefined;
  readonly acquireTime?: string | undefined;
  readonly renewTime?: string | undefined;
  readonly leaseTransitions?: number | undefined;
}

/** coordination/v1 Lease. */
export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec | undefined;
}
