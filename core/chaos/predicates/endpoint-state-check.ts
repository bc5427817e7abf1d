/**
 * E1: an endpoint has its pod's own address, and is not said to be ready when its pod is on the way out.
 *
 * The address is compared with what the pod has or had: a slice may be late, never wrong. Slices that nobody made for a Service's pods are left alone, and those of
 * a Service that publishes addresses that are not ready, or did once: the controller's copy of it may be older.
 * Source: Kubernetes documentation, EndpointSlices, "Conditions".
 */
import type { EndpointSlice } from '../../types/endpoint-slice.ts';
import type { Pod } from '../../types/pod.ts';
import type { Service } from '../../types/service.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';
import { publishesAll } from './endpoint-removal-check.ts';

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SERVICE = 'kubernetes.io/service-name';

export function endpointStates(judge: Judge): Predicate {
  /** Addresses that each pod has had, by uid. */
  const addresses = new Map<string, Set<string>>();
  /** Services that publish all addresses, or did. */
  const published = new Set<string>();
  const predicate: Predicate = {
    id: 'E1',
    about: 'every endpoint has an address of its own pod, and none is ready whose pod is being deleted',
    evaluations: 0,
    commitKinds: ['Pod', 'EndpointSlice', 'Service'],
    onCommit({ kind, object, previous }: Commit) {
      if (object === null) return;
      if (kind === 'Service') {
        if ((object as Service).spec.publishNotReadyAddresses === true) published.add(keyOf(object));
        return;
      }
      if (kind === 'Pod') {
        if (hasNewAddress(previous as Pod | null, object as Pod)) note(addresses, object as Pod);
        return;
      }
      const slice = object as EndpointSlice;
      const { labels } = slice.metadata;
      if (labels?.[MANAGED_BY] !== 'endpointslice-controller.k8s.io') return;
      predicate.evaluations++;
      const { namespace } = slice.metadata;
      const name = labels[SERVICE];
      const fault = wrongEndpoint(
        slice,
        addresses,
        () => published.has(`${namespace}/${name}`) || publishesAll(judge.world, namespace, name),
      );
      if (fault !== null) judge.violate(predicate, `EndpointSlice ${keyOf(slice)}: ${fault}`);
    },
  };
  return predicate;
}

function hasNewAddress(before: Pod | null, { status }: Pod): boolean {
  return status?.podIP !== before?.status?.podIP || status?.podIPs !== before?.status?.podIPs;
}

function note(addresses: Map<string, Set<string>>, { metadata, status }: Pod): void {
  const ips = [status?.podIP ?? '', ...(status?.podIPs ?? []).map(({ ip }) => ip)].filter((ip) => ip !== '');
  if (ips.length === 0) return;
  const known = addresses.get(metadata.uid ?? '');
  if (known === undefined) addresses.set(metadata.uid ?? '', new Set(ips));
  else for (const ip of ips) known.add(ip);
}

/** What is wrong with the first wrong endpoint, or null. `publishesAll`: its Service wants every address as ready. */
function wrongEndpoint(
  slice: EndpointSlice,
  known: ReadonlyMap<string, ReadonlySet<string>>,
  publishesAll: () => boolean,
): string | null {
  for (const { addresses, conditions, targetRef } of slice.endpoints ?? []) {
    const own = known.get(targetRef?.uid ?? '');
    const foreign = own === undefined ? undefined : addresses.find((address) => !own.has(address));
    if (foreign !== undefined) return `${foreign} is no address of pod ${targetRef?.name}`;
    if (conditions?.ready === true && conditions.terminating === true && !publishesAll())
      return `pod ${targetRef?.name} is said to be ready and terminating`;
  }
  return null;
}
