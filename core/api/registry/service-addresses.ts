/**
 * Addresses and node ports of Services.
 *
 * The first address tried is a draw of the Service's name, so that other Services have no influence; a taken one
 * leads to the next free. Source: Kubernetes 1.34, registry/core/service (range 10.96.0.0/16 with its static band of
 * 256, node ports 30000–32767).
 */
import { scaleDraw } from '../../base/random.ts';
import { SERVICES } from '../../types/resource-type.ts';
import type { Service, ServicePort, ServiceSpec } from '../../types/service.ts';
import { StatusError } from '../../types/status-error.ts';
import { FIRST_NODE_PORT, LAST_NODE_PORT } from '../../types/validation/value-limits.ts';
import type { ApiCore } from '../core.ts';

/** Addresses 10.96.1.0 to 10.96.255.254: above the static band, below the broadcast address. */
const FIRST_DYNAMIC = 256;
const DYNAMIC_COUNT = 65_536 - 256 - 1;
const NODE_PORT_COUNT = LAST_NODE_PORT - FIRST_NODE_PORT + 1;

function addressOf(offset: number): string {
  return `10.96.${offset >> 8}.${offset & 255}`;
}

function usedAddresses(core: ApiCore): Set<string> {
  const used = new Set<string>();
  core.cacheOf(SERVICES).forEach((object) => {
    const ip = (object as Service).spec.clusterIP;
    if (ip !== undefined && ip !== '' && ip !== 'None') used.add(ip);
  });
  return used;
}

function freeAddress(core: ApiCore, key: string): string {
  const used = usedAddresses(core);
  const start = scaleDraw(core.ctx.draw(key, 'cluster-ip'), DYNAMIC_COUNT);
  for (let i = 0; i < DYNAMIC_COUNT; i++) {
    const address = addressOf(FIRST_DYNAMIC + ((start + i) % DYNAMIC_COUNT));
    if (!used.has(address)) return address;
  }
  throw StatusError.internalError('failed to allocate a serviceIP: range is full');
}

function withNodePorts(core: ApiCore, ports: readonly ServicePort[], key: string): readonly ServicePort[] {
  if (ports.every((port) => (port.nodePort ?? 0) !== 0)) return ports;
  const used = new Set<number>();
  core.cacheOf(SERVICES).forEach((object) => {
    for (const port of (object as Service).spec.ports ?? []) used.add(port.nodePort ?? 0);
  });
  for (const port of ports) used.add(port.nodePort ?? 0);
  return ports.map((port, index) => {
    if ((port.nodePort ?? 0) !== 0) return port;
    const start = scaleDraw(core.ctx.draw(`${key}/${index}`, 'node-port'), NODE_PORT_COUNT);
    for (let i = 0; i < NODE_PORT_COUNT; i++) {
      const nodePort = FIRST_NODE_PORT + ((start + i) % NODE_PORT_COUNT);
      if (used.has(nodePort)) continue;
      used.add(nodePort);
      return { ...port, nodePort };
    }
    throw StatusError.internalError('failed to allocate a nodePort: range is full');
  });
}

function checkFree(core: ApiCore, service: Service, ip: string): void {
  if (!usedAddresses(core).has(ip)) return;
  const detail = `failed to allocate IP ${ip}: provided IP is already allocated`;
  throw StatusError.invalid(SERVICES, service.metadata.name, [
    { reason: 'FieldValueInvalid', message: `Invalid value: ["${ip}"]: ${detail}`, field: 'spec.clusterIPs' },
  ]);
}

/** The Service with cluster IP, families and node ports; `old` is the stored one of an update. */
export function withAddresses(core: ApiCore, service: Service, old: Service | null): Service {
  const { spec } = service;
  if (spec.type === 'ExternalName') return service;
  const key = `${service.metadata.namespace}/${service.metadata.name}`;
  let ip = spec.clusterIP ?? spec.clusterIPs?.[0] ?? '';
  if (ip === '') ip = old?.spec.clusterIP ?? freeAddress(core, key);
  else if (ip !== 'None' && old?.spec.clusterIP !== ip) checkFree(core, service, ip);
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  const oldPorts = old?.spec.ports ?? [];
  const kept = (spec.ports ?? []).map((port) => {
    const before = oldPorts.find((candidate) => candidate.port === port.port && candidate.protocol === port.protocol);
    const nodePort = external && (port.nodePort ?? 0) === 0 ? before?.nodePort : port.nodePort;
    return nodePort === port.nodePort ? port : { ...port, nodePort };
  });
  const ports = external && spec.allocateLoadBalancerNodePorts !== false ? withNodePorts(core, kept, key) : kept;
  const next: ServiceSpec = {
    ...spec,
    ports: spec.ports === undefined ? undefined : ports,
    clusterIP: ip,
    clusterIPs: spec.clusterIPs ?? [ip],
    ipFamilies: spec.ipFamilies ?? ['IPv4'],
    ipFamilyPolicy: spec.ipFamilyPolicy ?? 'SingleStack',
  };
  return { ...service, spec: next };
}
