/**
 * A pod as an endpoint of a service: which pods count, their conditions, ports and hints. Pure.
 *
 * Source: Kubernetes 1.34 staging/src/k8s.io/endpointslice (utils.go, util/controller_utils.go, trafficdist).
 */
import type { Endpoint, EndpointPort } from '../../types/endpoint-slice.ts';
import type { Node } from '../../types/node.ts';
import type { ContainerPort, Pod } from '../../types/pod.ts';
import { isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import { isSidecar } from '../../types/pod-requests.ts';
import type { Service, ServicePort } from '../../types/service.ts';

const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** Address families of slices. */
export type Family = 'IPv4' | 'IPv6';

/** The families a service has slices for; IPv4 where it does not say. */
export function familiesOf(service: Service): readonly Family[] {
  const families = (service.spec.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  return families.length === 0 ? ['IPv4'] : families;
}

/** Whether a pod may be an endpoint at all: it has an address and has not ended. */
export function mayBeEndpoint(pod: Pod): boolean {
  return !isPodTerminal(pod) && (pod.status?.podIP ?? '') !== '';
}

/** Whether a change of a pod can change its endpoints. */
export function endpointsChanged(old: Pod, pod: Pod): boolean {
  if (old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp) return true;
  const before = old.status;
  const after = pod.status;
  if (before === after) return false;
  if (before?.podIP !== after?.podIP || mayBeEndpoint(old) !== mayBeEndpoint(pod)) return true;
  return before?.conditions !== after?.conditions && isPodReady(old) !== isPodReady(pod);
}

/** The pod's address of a family, undefined when it has none. */
function addressOf(pod: Pod, family: Family): string | undefined {
  const { podIP, podIPs } = pod.status ?? {};
  const fits = (ip: string): boolean => (family === 'IPv6') === ip.includes(':');
  const found = podIPs?.find(({ ip }) => fits(ip))?.ip;
  if (found !== undefined) return found;
  return podIP !== undefined && podIP !== '' && fits(podIP) ? podIP : undefined;
}

/** The endpoint a pod is, undefined when it has no address of the family. `node` may be absent. */
export function endpointOf(pod: Pod, node: Node | undefined, service: Service, family: Family): Endpoint | undefined {
  const address = addressOf(pod, family);
  if (address === undefined) return undefined;
  const { namespace, name, uid } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    hostname: hostname !== undefined && subdomain === service.metadata.name ? hostname : undefined,
    targetRef: { kind: 'Pod', namespace, name, uid },
    nodeName: nodeName === '' ? undefined : nodeName,
    zone,
    hints: ready ? hintsOf(service, nodeName, zone) : undefined,
  };
}

function hintsOf(service: Service, nodeName: string | undefined, zone: string | undefined): Endpoint['hints'] {
  const wish = service.spec.trafficDistribution;
  const sameNode = wish === 'PreferSameNode';
  if (!sameNode && wish !== 'PreferClose' && wish !== 'PreferSameZone') return undefined;
  const forZones = zone === undefined ? undefined : [{ name: zone }];
  const forNodes = sameNode && nodeName !== undefined ? [{ name: nodeName }] : undefined;
  return forZones === undefined && forNodes === undefined ? undefined : { forZones, forNodes };
}

/** Whether two endpoints are the same one: address, host name, pod. */
export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.addresses[0] === b.addresses[0] && a.hostname === b.hostname && a.targetRef?.name === b.targetRef?.name;
}

/** Whether two endpoints that are the same one say the same. */
export function saysSame(a: Endpoint, b: Endpoint): boolean {
  const x = a.conditions;
  const y = b.conditions;
  return (
    x?.ready === y?.ready &&
    x?.serving === y?.serving &&
    x?.terminating === y?.terminating &&
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.targetRef?.uid === b.targetRef?.uid &&
    a.hints?.forZones?.[0]?.name === b.hints?.forZones?.[0]?.name &&
    a.hints?.forNodes?.[0]?.name === b.hints?.forNodes?.[0]?.name
  );
}

/** Ports of a service as a pod serves them, with a text that is equal for equal ports. */
export interface PortSet {
  readonly key: string;
  readonly ports: readonly EndpointPort[];
}

/** No ports: what a placeholder slice has. */
export const NO_PORTS: PortSet = { key: '', ports: [] };

/** The port set of a list of endpoint ports. */
export function portSetOf(ports: readonly EndpointPort[]): PortSet {
  if (ports.length === 0) return NO_PORTS;
  const texts = ports.map(({ name, protocol, port, appProtocol }) =>
    [name ?? '', protocol ?? '', port ?? '', appProtocol ?? ''].join('/'),
  );
  return { key: texts.sort().join(','), ports };
}

/** Whether some port of the service is named, so that it may differ from pod to pod. */
export function hasNamedTargets(service: Service): boolean {
  return (service.spec.ports ?? []).some(({ targetPort }) => typeof targetPort === 'string');
}

/** The ports of a service as `pod` serves them; ports that the pod does not name are left out. */
export function podPorts(service: Service, pod: Pod): PortSet {
  const ports: EndpointPort[] = [];
  for (const servicePort of service.spec.ports ?? []) {
    const port = targetOf(servicePort, pod);
    if (port === undefined) continue;
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    ports.push({ name, protocol, port, appProtocol });
  }
  return portSetOf(ports);
}

function targetOf(servicePort: ServicePort, pod: Pod): number | undefined {
  const target = servicePort.targetPort ?? servicePort.port;
  if (typeof target === 'number') return target === 0 ? servicePort.port : target;
  const wanted = servicePort.protocol ?? 'TCP';
  const named = ({ name, protocol = 'TCP' }: ContainerPort): boolean => name === target && protocol === wanted;
  for (const container of pod.spec.containers) {
    const port = container.ports?.find(named);
    if (port !== undefined) return port.containerPort;
  }
  for (const container of pod.spec.initContainers ?? []) {
    const port = isSidecar(container) ? container.ports?.find(named) : undefined;
    if (port !== undefined) return port.containerPort;
  }
  return undefined;
}
