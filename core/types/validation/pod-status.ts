/** What a pod's status may not be or become. Source: Kubernetes 1.34, pkg/apis/core/validation/validation.go ValidatePodStatusUpdate. */
import { checkDnsSubdomain, checkQualifiedName } from '../dns-names.ts';
import { IP_MESSAGE, ipFamilyOf } from '../ip-address.ts';
import type { ContainerStatus, Pod, PodSpec } from '../pod.ts';
import { isSidecar } from '../pod-requests.ts';
import { at, type FieldErrors } from './field-errors.ts';

/** Conditions with names that are not qualified ones. */
const SYSTEM_CONDITIONS: readonly string[] = ['PodScheduled', 'Ready', 'Initialized'];

type Address = { readonly ip: string };

/** Reports what is wrong with the status of `next`, which was that of `old`. */
export function validatePodStatus(next: Pod, old: Pod, errors: FieldErrors): void {
  const [status, before] = [next.status ?? {}, old.status ?? {}];
  (status.conditions ?? []).forEach(({ type = '' }, i) => {
    if (!SYSTEM_CONDITIONS.includes(type))
      errors.invalidAll(`${at('status.conditions', i)}.Type`, type, checkQualifiedName(type));
  });
  const { nominatedNodeName = '' } = status;
  if (nominatedNodeName !== '' && nominatedNodeName !== before.nominatedNodeName)
    errors.invalidAll('status.nominatedNodeName', nominatedNodeName, checkDnsSubdomain(nominatedNodeName));
  if (status.qosClass !== before.qosClass) errors.immutable('status.qosClass', status.qosClass ?? '');
  for (const list of ['containerStatuses', 'initContainerStatuses'] as const)
    validateTransitions(list, status[list] ?? [], before[list] ?? [], old.spec, errors);
  validateIps(status.podIPs ?? [], before.podIPs ?? [], 'status.podIPs', errors);
  validateIps(status.hostIPs ?? [], before.hostIPs ?? [], 'status.hostIPs', errors);
  const first = status.hostIPs?.[0];
  if (first !== undefined && first.ip !== status.hostIP)
    errors.invalid('status.hostIPs[0].ip', first.ip, 'must be equal to `hostIP`');
}

/** A container that does not restart stays terminated. */
function validateTransitions(
  list: 'containerStatuses' | 'initContainerStatuses',
  next: readonly ContainerStatus[],
  old: readonly ContainerStatus[],
  spec: PodSpec,
  errors: FieldErrors,
): void {
  const { restartPolicy } = spec;
  if (restartPolicy === 'Always') return;
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  old.forEach(({ name, state }, i) => {
    const { terminated } = state ?? {};
    if (terminated === undefined || (terminated.exitCode !== 0 && restartPolicy === 'OnFailure')) return;
    if (list === 'initContainerStatuses' && sidecars.some((sidecar) => sidecar.name === name)) return;
    if (next.some((status) => status.name === name && status.state?.terminated === undefined))
      errors.forbidden(`${at(`status.${list}`, i)}.state`, 'may not be transitioned to non-terminated state');
  });
}

/** Addresses that are new have to be some, one of each family at most. */
function validateIps(next: readonly Address[], old: readonly Address[], path: string, errors: FieldErrors): void {
  next.forEach(({ ip = '' }, i) => {
    if (ipFamilyOf(ip) === null && !old.some((each) => each.ip === ip)) errors.invalid(at(path, i), ip, IP_MESSAGE);
  });
  const families = new Set(next.map(({ ip = '' }) => ipFamilyOf(ip)));
  if (families.size < next.length) errors.invalid(path, next, 'may specify no more than one IP for each IP family');
}
