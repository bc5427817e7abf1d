/**
 * Defaults of Service, EndpointSlice, Namespace, Node, PriorityClass and Secret. Source: Kubernetes 1.34, pkg/apis/core/v1,
 * discovery/v1 and scheduling/v1 defaults.go, and the registries' strategies.
 */

import type { ConfigMap } from '../config-map.ts';
import type { EndpointSlice } from '../endpoint-slice.ts';
import { copyWith } from '../json-value.ts';
import type { Namespace } from '../namespace.ts';
import type { Node } from '../node.ts';
import type { PodDisruptionBudget } from '../pod-disruption-budget.ts';
import type { PriorityClass } from '../priority-class.ts';
import type { Secret } from '../secret.ts';
import type { Service, ServicePort, ServiceSpec } from '../service.ts';
import { canonicalList, mapShared, withDefaults, withField, withPointerDefaults } from './fields.ts';
import { withoutNulls, withTexts } from './without-nulls.ts';
import { NODE_ZEROES, SERVICE_ZEROES, withoutZeroes } from './without-zeroes.ts';

function defaultServicePort(port: ServicePort): ServicePort {
  const result = withDefaults(port, { protocol: 'TCP', targetPort: port.port });
  return result.targetPort === 0 ? { ...result, targetPort: port.port } : result;
}

/** core/v1 Service. Addresses, node ports and IP families are given by the server. */
export function defaultService(service: Service): Service {
  const input = service.spec as ServiceSpec | null | undefined;
  const given = withoutZeroes(withoutNulls(input ?? {}), SERVICE_ZEROES);
  let spec: ServiceSpec = withDefaults(given, { type: 'ClusterIP', sessionAffinity: 'None' });
  if (spec.sessionAffinity === 'None') spec = withField(spec, 'sessionAffinityConfig', undefined);
  else if (spec.sessionAffinity === 'ClientIP') {
    const clientIP = withDefaults(spec.sessionAffinityConfig?.clientIP ?? {}, { timeoutSeconds: 10_800 });
    spec = withField(spec, 'sessionAffinityConfig', withField(spec.sessionAffinityConfig ?? {}, 'clientIP', clientIP));
  }
  if (spec.ports !== undefined) spec = withField(spec, 'ports', mapShared(spec.ports, defaultServicePort));
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  const byExternalIp = spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0;
  if (external || byExternalIp) spec = withDefaults(spec, { externalTrafficPolicy: 'Cluster' });
  if (external || spec.type === 'ClusterIP') spec = withPointerDefaults(spec, { internalTrafficPolicy: 'Cluster' });
  if (spec.type === 'LoadBalancer') spec = withDefaults(spec, { allocateLoadBalancerNodePorts: true });
  return withField(service, 'spec', spec);
}

/** discovery/v1 EndpointSlice: every port has a name and a protocol. */
export function defaultEndpointSlice(slice: EndpointSlice): EndpointSlice {
  const ports = mapShared(slice.ports, (port) => withPointerDefaults(port, { name: '', protocol: 'TCP' }));
  return ports === slice.ports ? slice : { ...slice, ports };
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** core/v1 Namespace: phase Active, the finalizer `kubernetes`, the label with its name. */
export function defaultNamespace(namespace: Namespace): Namespace {
  let result = namespace;
  const { metadata } = result;
  if (metadata.name !== '' && metadata.name !== undefined && metadata.labels?.[NAME_LABEL] !== metadata.name) {
    const labels = copyWith(metadata.labels ?? {}, { [NAME_LABEL]: metadata.name });
    result = copyWith(result, { metadata: copyWith(metadata, { labels }) });
  }
  if (result.status?.phase === undefined) {
    result = copyWith(result, { status: copyWith(result.status ?? {}, { phase: 'Active' }) });
  }
  return result;
}

/** A new Namespace as the server's create stores it: with the finalizer `kubernetes`. */
export function withNamespaceFinalizer(namespace: Namespace): Namespace {
  const finalizers = namespace.spec?.finalizers ?? [];
  if (finalizers.includes('kubernetes')) return namespace;
  return copyWith(namespace, { spec: copyWith(namespace.spec ?? {}, { finalizers: [...finalizers, 'kubernetes'] }) });
}

const NO_SPEC = Object.freeze({});

/** core/v1 Node: what can be allocated is the whole capacity unless the kubelet says less. */
export function defaultNode(node: Node): Node {
  let result = node;
  result = withField(result, 'spec', withoutZeroes(withoutNulls(result.spec ?? NO_SPEC), NODE_ZEROES));
  const status = result.status;
  if (status === undefined || status === null) return result;
  let next = withField(status, 'capacity', canonicalList(status.capacity ?? undefined));
  next = withField(next, 'allocatable', canonicalList(status.allocatable ?? next.capacity));
  return next === status ? result : { ...result, status: next };
}

/** policy/v1 PodDisruptionBudget: nothing but its nulls, of which a selector is one that selects nothing. */
export function defaultBudget(budget: PodDisruptionBudget): PodDisruptionBudget {
  return budget.spec === undefined ? budget : withField(budget, 'spec', withoutNulls(budget.spec));
}

/** scheduling/v1 PriorityClass. */
export function defaultPriorityClass(priorityClass: PriorityClass): PriorityClass {
  return withPointerDefaults(priorityClass, { value: 0, preemptionPolicy: 'PreemptLowerPriority' });
}

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** core/v1 ConfigMap: nothing but its nulls. */
export function defaultConfigMap(configMap: ConfigMap): ConfigMap {
  return withField(
    withField(configMap, 'data', withTexts(configMap.data)),
    'binaryData',
    withTexts(configMap.binaryData),
  );
}

/** core/v1 Secret: type Opaque; `stringData` moves into `data`. */
export function defaultSecret(secret: Secret): Secret {
  let result = withDefaults(secret, { type: 'Opaque' });
  result = withField(result, 'data', withTexts(result.data));
  if (result.stringData !== undefined && result.stringData !== null) {
    const data: Record<string, string> = { ...result.data };
    for (const key of Object.keys(result.stringData)) data[key] = base64(String(result.stringData[key] ?? ''));
    const { stringData: _, ...rest } = result;
    result = { ...rest, data };
  }
  return result;
}
