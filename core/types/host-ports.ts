/** Ports of the host that a pod occupies. Source: Kubernetes 1.34, scheduler framework GetHostPorts and HostPortInfo. */
import type { PodSpec } from './pod.ts';
import { isSidecar } from './pod-requests.ts';

/** A port of the host. `ip` `0.0.0.0` is every address. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const EVERY_ADDRESS = '0.0.0.0';

/** Host ports of containers and sidecars. */
export function hostPortsOf(spec: PodSpec): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  const found: HostPort[] = [];
  for (const container of [...spec.containers, ...sidecars]) {
    for (const port of container.ports ?? []) {
      const hostPort = port.hostPort ?? 0;
      if (hostPort <= 0) continue;
      found.push({ ip: port.hostIP || EVERY_ADDRESS, protocol: port.protocol || 'TCP', port: hostPort });
    }
  }
  return found;
}

/** Whether two host ports exclude each other. */
export function portsClash(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === EVERY_ADDRESS || b.ip === EVERY_ADDRESS;
}

/** Equal for equal ports only. */
export function hostPortText({ ip, protocol, port }: HostPort): string {
  return `${ip} ${protocol} ${port}`;
}
