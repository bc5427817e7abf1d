/**
 * Validation of Services. Source: Kubernetes 1.34.1, pkg/apis/core/validation/validation.go validateService, ValidateServiceClusterIPsRelatedFields and what
 * they call; of node ports, the allocator of registry/core/service.
 */
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkPortNumber, checkQualifiedName } from '../dns-names.ts';
import { CIDR_MESSAGE, IP_MESSAGE, ipFamilyOf, isCidr } from '../ip-address.ts';
import type { Service, ServicePort, ServiceSpec } from '../service.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { validateLabels } from './object-meta.ts';
import * as limits from './value-limits.ts';

const HEADLESS = 'None';
const BALANCED_ALONE = "may only be used when `type` is 'LoadBalancer'";
const NO_NAME = 'may not be set for ExternalName services';

/** Whether clients outside the cluster reach it by a node or an address of its own. */
export function isExternallyAccessible({ type, externalIPs = [] }: ServiceSpec): boolean {
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);
}

function validatePort(
  port: ServicePort,
  needsName: boolean,
  names: Set<string>,
  path: string,
  errors: FieldErrors,
): void {
  const { name = '', targetPort = 0, appProtocol } = port;
  if (name !== '') {
    errors.invalidAll(`${path}.name`, name, checkDnsLabel(name));
    if (names.has(name)) errors.duplicate(`${path}.name`, name);
    names.add(name);
  } else if (needsName) errors.required(`${path}.name`);
  errors.invalidAll(`${path}.port`, port.port ?? 0, checkPortNumber(port.port ?? 0));
  errors.oneOf(`${path}.protocol`, port.protocol, limits.PROTOCOLS);
  const problems = typeof targetPort === 'number' ? checkPortNumber(targetPort) : checkPortName(targetPort);
  errors.invalidAll(`${path}.targetPort`, targetPort, problems);
  if (appProtocol !== undefined) errors.invalidAll(`${path}.appProtocol`, appProtocol, checkQualifiedName(appProtocol));
}

/** Ports of nodes: only of some types, in the range, each once a protocol. */
function validateNodePorts({ ports = [], type }: ServiceSpec, errors: FieldErrors): void {
  const seen = new Set<string>();
  ports.forEach(({ protocol, nodePort = 0 }, i) => {
    const field = `${at('spec.ports', i)}.nodePort`;
    if (nodePort === 0) return;
    if (type === 'ClusterIP') errors.forbidden(field, "may not be used when `type` is 'ClusterIP'");
    else if (nodePort < limits.FIRST_NODE_PORT || nodePort > limits.LAST_NODE_PORT) {
      const range = `${limits.FIRST_NODE_PORT}-${limits.LAST_NODE_PORT}`;
      const detail = `provided port is not in the valid range. The range of valid ports is ${range}`;
      errors.invalid(field, nodePort, detail);
    }
    const key = `${protocol}/${nodePort}`;
    if (seen.has(key)) errors.duplicate(field, nodePort);
    seen.add(key);
  });
}

function validatePorts(spec: ServiceSpec, errors: FieldErrors): void {
  const { ports = [], clusterIP, type } = spec;
  if (ports.length === 0 && clusterIP !== HEADLESS && type !== 'ExternalName') errors.required('spec.ports');
  const names = new Set<string>();
  ports.forEach((port, i) => {
    validatePort(port, ports.length > 1, names, at('spec.ports', i), errors);
  });
  validateNodePorts(spec, errors);
  const pairs = new Set<string>();
  ports.forEach(({ protocol, port }, i) => {
    const pair = `${protocol}/${port}`;
    if (pairs.has(pair)) errors.duplicate(at('spec.ports', i), { protocol, port });
    pairs.add(pair);
  });
}

function validateType(spec: ServiceSpec, errors: FieldErrors): void {
  const { type, clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy, externalName = '' } = spec;
  errors.oneOf('spec.type', type, limits.SERVICE_TYPES);
  if ((type === 'NodePort' || type === 'LoadBalancer') && clusterIP === HEADLESS) {
    errors.invalid('spec.clusterIPs[0]', HEADLESS, `may not be set to 'None' for ${type} services`);
  }
  if (type !== 'ExternalName') return;
  if (clusterIP !== '' || clusterIPs.length > 0) errors.forbidden('spec.clusterIPs', NO_NAME);
  if (ipFamilies.length > 0) errors.forbidden('spec.ipFamilies', NO_NAME);
  if (ipFamilyPolicy !== undefined) errors.forbidden('spec.ipFamilyPolicy', NO_NAME);
  const name = externalName.replace(/\.$/, '');
  if (name === '') errors.required('spec.externalName');
  else errors.invalidAll('spec.externalName', name, checkDnsSubdomain(name));
}

/** Addresses in the cluster and their families; the first of the list is the one beside it. */
function validateAddresses(spec: ServiceSpec, errors: FieldErrors): void {
  const { type, ipFamilies = [], ipFamilyPolicy, clusterIP = '' } = spec;
  if (type === 'ExternalName') return;
  const field = 'spec.clusterIPs';
  // Where the list is not given the server makes it.
  const given = spec.clusterIPs ?? [];
  const clusterIPs = given.length === 0 && clusterIP !== '' ? [clusterIP] : given;
  if (clusterIP === '' && clusterIPs.length > 0)
    errors.invalid(field, clusterIPs, 'must be empty when `clusterIP` is not specified');
  else if (clusterIP !== '' && clusterIPs[0] !== clusterIP)
    errors.invalid(field, clusterIPs, 'first value must match `clusterIP`');
  ipFamilies.forEach((family, i) => {
    const path = at('spec.ipFamilies', i);
    if (!limits.IP_FAMILIES.includes(family)) errors.notSupported(path, family, limits.IP_FAMILIES);
    if (ipFamilies.indexOf(family) < i) errors.duplicate(path, family);
  });
  errors.pointerOneOf('spec.ipFamilyPolicy', ipFamilyPolicy, limits.IP_FAMILY_POLICIES);
  if (clusterIPs[0] === HEADLESS && clusterIPs.length > 1)
    errors.invalid(field, clusterIPs, "'None' must be the first and only value");
  const before = errors.causes.length;
  clusterIPs.forEach((ip, i) => {
    if ((i > 0 || ip !== HEADLESS) && ipFamilyOf(ip) === null) errors.invalid(at(field, i), ip, IP_MESSAGE);
  });
  if (clusterIPs.length > 2) errors.invalid(field, clusterIPs, 'may only hold up to 2 values');
  if (errors.causes.length > before || clusterIPs[0] === HEADLESS) return;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(ipFamilyOf)).size < 2)
    errors.invalid(field, clusterIPs, 'may specify no more than one IP for each IP family');
  clusterIPs.forEach((ip, i) => {
    const family = ipFamilies[i] ?? '';
    if (limits.IP_FAMILIES.includes(family) && ipFamilyOf(ip) !== family)
      errors.invalid(at(field, i), ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``);
  });
}

/** What only a load balancer has, and addresses outside the cluster. */
function validateOutside(spec: ServiceSpec, errors: FieldErrors): void {
  const { type, loadBalancerSourceRanges = [], loadBalancerClass, allocateLoadBalancerNodePorts } = spec;
  const isBalanced = type === 'LoadBalancer';
  (spec.externalIPs ?? []).forEach((ip, i) => {
    if (ipFamilyOf(ip) === null) errors.invalid(at('spec.externalIPs', i), ip, IP_MESSAGE);
  });
  const ranges = 'spec.LoadBalancerSourceRanges';
  if (loadBalancerSourceRanges.length > 0 && !isBalanced) errors.forbidden(ranges, BALANCED_ALONE);
  loadBalancerSourceRanges.forEach((range, i) => {
    if (!isCidr(range.trim())) errors.invalid(at(ranges, i), range.trim(), CIDR_MESSAGE);
  });
  if (allocateLoadBalancerNodePorts !== undefined && !isBalanced)
    errors.forbidden('spec.allocateLoadBalancerNodePorts', BALANCED_ALONE);
  if (loadBalancerClass === undefined) return;
  if (isBalanced) errors.invalidAll('spec.loadBalancerClass', loadBalancerClass, checkQualifiedName(loadBalancerClass));
  else errors.forbidden('spec.loadBalancerClass', BALANCED_ALONE);
}

/** How requests are spread over addresses and endpoints. */
function validateTraffic(spec: ServiceSpec, errors: FieldErrors): void {
  const { externalTrafficPolicy, internalTrafficPolicy, trafficDistribution, healthCheckNodePort = 0, type } = spec;
  if (isExternallyAccessible(spec))
    errors.oneOf('spec.externalTrafficPolicy', externalTrafficPolicy, limits.TRAFFIC_POLICIES, false);
  else if ((externalTrafficPolicy ?? '') !== '') {
    const detail = 'may only be set for externally-accessible services';
    errors.invalid('spec.externalTrafficPolicy', externalTrafficPolicy, detail);
  }
  if (healthCheckNodePort !== 0) {
    const field = 'spec.healthCheckNodePort';
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    const hasOne = type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
    errors.invalidAll(field, healthCheckNodePort, hasOne ? checkPortNumber(healthCheckNodePort) : [detail]);
  }
  errors.pointerOneOf('spec.internalTrafficPolicy', internalTrafficPolicy, limits.TRAFFIC_POLICIES);
  errors.pointerOneOf('spec.trafficDistribution', trafficDistribution, limits.TRAFFIC_DISTRIBUTIONS);
}

/** core/v1 Service. */
export function validateService({ spec }: Service, errors: FieldErrors): void {
  validatePorts(spec, errors);
  validateType(spec, errors);
  validateLabels(spec.selector, 'spec.selector', errors);
  errors.oneOf('spec.sessionAffinity', spec.sessionAffinity, limits.AFFINITIES);
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (spec.sessionAffinity === 'ClientIP' && seconds !== undefined)
    if (seconds <= 0 || seconds > limits.MAX_AFFINITY_SECONDS) {
      const detail = `must be greater than 0 and less than ${limits.MAX_AFFINITY_SECONDS}`;
      errors.invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, detail);
    }
  validateAddresses(spec, errors);
  validateOutside(spec, errors);
  validateTraffic(spec, errors);
}

/** A Service keeps its address while it has one. */
export function validateServiceUpdate(next: Service, old: Service, errors: FieldErrors): void {
  const { type, loadBalancerClass } = next.spec;
  const staysBalanced = type === 'LoadBalancer' && old.spec.type === 'LoadBalancer';
  if (staysBalanced && loadBalancerClass !== old.spec.loadBalancerClass)
    errors.invalid('spec.loadBalancerClass', loadBalancerClass, 'may not change once set');
  const before = old.spec.clusterIP ?? '';
  if (before === '' || type === 'ExternalName' || old.spec.type === 'ExternalName') return;
  if ((next.spec.clusterIP ?? '') !== before) {
    errors.invalid('spec.clusterIPs[0]', [next.spec.clusterIP ?? ''], 'may not change once set');
  }
}
