/**
 * What a Service loses with its type: values that the server gave it for the old one, unless the update changes them as well.
 *
 * Source: Kubernetes 1.34.1, registry/core/service strategy.go dropTypeDependentFields.
 */
import { jsonEqual } from '../../types/json-value.ts';
import type { Service, ServiceSpec } from '../../types/service.ts';
import { isExternallyAccessible } from '../../types/validation/services.ts';

/** `next` without what belongs to the type of `old` alone; itself where the type stays. */
export function withoutOldType(next: Service, old: Service): Service {
  if (next.spec.type === old.spec.type && next.spec.externalTrafficPolicy === old.spec.externalTrafficPolicy)
    return next;
  const a = next.spec;
  const b = old.spec;
  const dropped: { -readonly [Field in keyof ServiceSpec]: undefined } = {};
  const drop = (field: keyof ServiceSpec): void => {
    if (a[field] !== undefined && jsonEqual(a[field], b[field])) dropped[field] = undefined;
  };
  if (b.type !== 'ExternalName' && a.type === 'ExternalName') {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) drop(field);
  }
  if (needsHealthCheckPort(b) && !needsHealthCheckPort(a)) drop('healthCheckNodePort');
  if (b.type === 'LoadBalancer' && a.type !== 'LoadBalancer') {
    drop('allocateLoadBalancerNodePorts');
    drop('loadBalancerClass');
  }
  if (isExternallyAccessible(b) && !isExternallyAccessible(a)) drop('externalTrafficPolicy');
  const loses = needsNodePorts(b) && !needsNodePorts(a) && jsonEqual(nodePortsOf(a), nodePortsOf(b));
  const ports = loses ? a.ports?.map(({ nodePort: _, ...port }) => port) : a.ports;
  const balanced = a.type !== 'LoadBalancer' && next.status?.loadBalancer !== undefined;
  const status = balanced ? { ...next.status, loadBalancer: {} } : next.status;
  return { ...next, spec: { ...a, ...dropped, ports }, status };
}

function needsNodePorts({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

function needsHealthCheckPort({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

function nodePortsOf({ ports = [] }: ServiceSpec): readonly number[] {
  return ports
    .map(({ nodePort = 0 }) => nodePort)
    .filter((port) => port !== 0)
    .toSorted((x, y) => x - y);
}
