/**
 * Which resources are extended ones. Source: Kubernetes 1.34, core/v1 helpers IsExtendedResourceName, and
 * pkg/scheduler/util IsScalarResourceName.
 */

const NATIVE_DOMAIN = 'kubernetes.io/';
const HUGE_PAGES = 'hugepages-';
const ATTACHABLE_VOLUMES = 'attachable-volumes-';
const NAMED: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

/** A resource outside the kubernetes.io domain, such as `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  return name.includes('/') && !name.includes(NATIVE_DOMAIN) && !name.startsWith('requests.');
}

/** A resource that is kept under its name beside cpu, memory and ephemeral-storage. */
export function isScalarResource(name: string): boolean {
  const isNative = name.startsWith(HUGE_PAGES) || name.startsWith(ATTACHABLE_VOLUMES) || name.includes(NATIVE_DOMAIN);
  return isNative || isExtendedResource(name);
}

/** A resource that scoring finds on a node: pods and unknown names are none (calculateResourceAllocatableRequest). */
export function isSummedResource(name: string): boolean {
  return NAMED.includes(name) || isScalarResource(name);
}
