/** Which resources the scheduler keeps, and how. Source: Kubernetes 1.34, pkg/scheduler/util IsScalarResourceName. */
import { isExtendedResource } from '../../types/dns-names.ts';

const NATIVE_DOMAIN = 'kubernetes.io/';
const HUGE_PAGES = 'hugepages-';
const ATTACHABLE_VOLUMES = 'attachable-volumes-';
const NAMED: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

/** A resource that is kept under its name beside cpu, memory and ephemeral-storage. */
export function isScalarResource(name: string): boolean {
  const isNative = name.startsWith(HUGE_PAGES) || name.startsWith(ATTACHABLE_VOLUMES) || name.includes(NATIVE_DOMAIN);
  return isNative || isExtendedResource(name);
}

/** A resource that scoring finds on a node: pods and unknown names are none (calculateResourceAllocatableRequest). */
export function isSummedResource(name: string): boolean {
  return NAMED.includes(name) || isScalarResource(name);
}
