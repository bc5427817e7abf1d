/**
 * What else a slice says besides addresses and conditions: which pod an endpoint is and on which node, whom it is for, and the ports.
 *
 * Source: Kubernetes documentation, EndpointSlices; Traffic distribution (PreferSameZone, its older name PreferClose, and PreferSameNode); Kubernetes 1.34
 * staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go: hints are for ready endpoints.
 */
import type { Endpoint, EndpointSlice } from '../../types/endpoint-slice.ts';
import type { Pod } from '../../types/pod.ts';
import type { Service } from '../../types/service.ts';

const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';

/** The first thing that the slice says otherwise than it is, or null. `podsByUid` are those that live. A recording tells of no pods in slices. */
export function wrongDetail(
  slice: EndpointSlice,
  service: Service,
  podsByUid: ReadonlyMap<string, Pod>,
): string | null {
  for (const endpoint of slice.endpoints ?? []) {
    const { targetRef, nodeName } = endpoint;
    const pod = podsByUid.get(targetRef?.uid ?? '');
    if (targetRef === undefined || pod === undefined) continue;
    const { podIP, podIPs } = pod.status ?? {};
    const addresses = [podIP, ...(podIPs ?? []).map(({ ip }) => ip)];
    const [address] = endpoint.addresses;
    if (!addresses.includes(address)) return `lists ${address} as pod ${targetRef.name}, which has ${podIP}`;
    if (targetRef.name !== pod.metadata.name) return `calls pod ${pod.metadata.name} ${targetRef.name}`;
    if (nodeName !== pod.spec.nodeName)
      return `has pod ${targetRef.name} on ${nodeName}, it is on ${pod.spec.nodeName}`;
    const [hints, wanted] = [hintsText(endpoint.hints), hintsText(wantedHints(endpoint, service))];
    if (hints !== wanted) return `has ${address} for (${hints}), by the service it is for (${wanted})`;
  }
  return wrongPorts(slice, service);
}

/** For whom an endpoint is by its service's traffic distribution; of the older topology mode nothing is said here. */
function wantedHints(endpoint: Endpoint, { metadata, spec }: Service): Endpoint['hints'] {
  if (metadata.annotations?.[TOPOLOGY_MODE] !== undefined) return endpoint.hints;
  const { conditions, zone, nodeName } = endpoint;
  const wish = spec?.trafficDistribution ?? '';
  const isNear = ['PreferClose', 'PreferSameZone', 'PreferSameNode'].includes(wish);
  if (!isNear || conditions?.ready === false) return undefined;
  const forNodes = wish === 'PreferSameNode' && nodeName !== undefined ? [{ name: nodeName }] : undefined;
  return { forZones: zone === undefined ? undefined : [{ name: zone }], forNodes };
}

function hintsText(hints: Endpoint['hints']): string {
  const zones = (hints?.forZones ?? []).map(({ name }) => `zone ${name}`);
  return [...zones, ...(hints?.forNodes ?? []).map(({ name }) => `node ${name}`)].join();
}

/** A slice with endpoints has the ports of its service; those that pods name differently, and those of a service without any, are not looked at. */
function wrongPorts({ endpoints, ports }: EndpointSlice, { spec }: Service): string | null {
  const declared = spec?.ports ?? [];
  const isPlain = declared.every(({ targetPort }) => targetPort === undefined || typeof targetPort === 'number');
  if (!isPlain || declared.length === 0 || (endpoints ?? []).length === 0) return null;
  const wanted = declared.map(({ name = '', protocol = 'TCP', port, targetPort }) =>
    portText(name, protocol, Number(targetPort ?? port)),
  );
  const listed = (ports ?? []).map(({ name = '', protocol = 'TCP', port }) => portText(name, protocol, port));
  const [has, wants] = [listed.sort().join(), wanted.sort().join()];
  return has === wants ? null : `has the ports (${has}), the service (${wants})`;
}

function portText(name: string, protocol: string, port: number | undefined): string {
  return `${name === '' ? '' : `${name} `}${port}/${protocol}`;
}
