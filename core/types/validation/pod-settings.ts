/**
 * Validation of what a pod spec says of names, addresses and the system it runs on. Source: Kubernetes 1.34.1, pkg/apis/core/validation/validation.go
 * validatePodDNSConfig, ValidateHostAliases, validateOS, validateReadinessGates, validateSchedulingGates.
 */
import { checkDnsSubdomain, checkDnsSubdomainOrUnderscores, checkQualifiedName } from '../dns-names.ts';
import { IP_MESSAGE, ipFamilyOf } from '../ip-address.ts';
import type { PodSpec } from '../pod.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { OPERATING_SYSTEMS } from './value-limits.ts';

const MAX_NAMESERVERS = 3;
const MAX_SEARCH_PATHS = 32;
const MAX_SEARCH_CHARS = 2048;

function validateAddress(address: string, field: string, errors: FieldErrors): void {
  if (ipFamilyOf(address) === null) errors.invalid(field, address, IP_MESSAGE);
}

function validateDns({ dnsPolicy, dnsConfig }: PodSpec, path: string, errors: FieldErrors): void {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  if (dnsPolicy === 'None' && dnsConfig === undefined) {
    errors.required(path, 'must provide `dnsConfig` when `dnsPolicy` is None');
    return;
  }
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    errors.required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None');
    return;
  }
  if (nameservers.length > MAX_NAMESERVERS)
    errors.invalid(`${path}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`);
  nameservers.forEach((address, i) => {
    validateAddress(address, at(`${path}.nameservers`, i), errors);
  });
  if (searches.length > MAX_SEARCH_PATHS)
    errors.invalid(`${path}.searches`, searches, `must not have more than ${MAX_SEARCH_PATHS} search paths`);
  if (searches.join(' ').length > MAX_SEARCH_CHARS) {
    const detail = `must not have more than ${MAX_SEARCH_CHARS} characters (including spaces) in the search list`;
    errors.invalid(`${path}.searches`, searches, detail);
  }
  searches.forEach((search, i) => {
    const domain = search.endsWith('.') ? search.slice(0, -1) : search;
    if (search !== '.') errors.invalidAll(at(`${path}.searches`, i), domain, checkDnsSubdomainOrUnderscores(domain));
  });
  options.forEach(({ name = '' }, i) => {
    if (name === '') errors.required(at(`${path}.options`, i), 'must not be empty');
  });
}

/** Names, addresses, gates and the system of a spec at `path`. */
export function validatePodSettings(spec: PodSpec, path: string, errors: FieldErrors): void {
  validateDns(spec, `${path}.dnsConfig`, errors);
  (spec.hostAliases ?? []).forEach(({ ip = '', hostnames = [] }, i) => {
    const field = at(`${path}.hostAliases`, i);
    validateAddress(ip, `${field}.ip`, errors);
    hostnames.forEach((name, k) => {
      errors.invalidAll(at(`${field}.hostnames`, k), name, checkDnsSubdomain(name));
    });
  });
  (spec.readinessGates ?? []).forEach(({ conditionType = '' }, i) => {
    errors.invalidAll(
      `${at(`${path}.readinessGates`, i)}.conditionType`,
      conditionType,
      checkQualifiedName(conditionType),
    );
  });
  const gates = new Set<string>();
  (spec.schedulingGates ?? []).forEach(({ name = '' }, i) => {
    const field = at(`${path}.schedulingGates`, i);
    errors.invalidAll(field, name, checkQualifiedName(name));
    if (gates.has(name)) errors.duplicate(field, name);
    gates.add(name);
  });
  const system = spec.os?.name ?? '';
  if (spec.os !== undefined && system === '') errors.required(`${path}.os.name`);
  else if (spec.os !== undefined && !OPERATING_SYSTEMS.includes(system))
    errors.notSupported(`${path}.os`, system, OPERATING_SYSTEMS);
}
