/** Which resources are extended ones. Source: Kubernetes 1.34, core/v1 helpers IsExtendedResourceName, IsScalarResourceName. */

const NATIVE_DOMAIN = 'kubernetes.io/';
const HUGE_PAGES = 'hugepages-';

/** A resource outside the kubernetes.io domain, such as `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  return name.includes('/') && !name.includes(NATIVE_DOMAIN) && !name.startsWith('requests.');
}

/** A resource that is kept under its name beside cpu, memory and ephemeral-storage. */
export function isScalarResource(name: string): boolean {
  return isExtendedResource(name) || name.startsWith(HUGE_PAGES) || name.includes(NATIVE_DOMAIN);
}
