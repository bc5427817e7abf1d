/** Validation of containers. Source: Kubernetes 1.34, pkg/apis/core/validation/validation.go validateContainers. */
import { checkDnsLabel, checkPortName, checkPortNumber } from '../dns-names.ts';
import type { IntOrString } from '../object.ts';
import type { Container, LifecycleHandler, PodSpec, Probe } from '../pod.ts';
import { isSidecar } from '../pod-requests.ts';
import { validateEnvironment } from './environment.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { validateDescendingPath } from './file-paths.ts';
import { validateRequirements } from './resources.ts';
import { validateSecurity } from './security.ts';
import { MESSAGE_POLICIES, PROTOCOLS, PULL_POLICIES, SCHEMES } from './value-limits.ts';

function validatePorts(container: Container, path: string, errors: FieldErrors): void {
  const names = new Set<string>();
  (container.ports ?? []).forEach((port, i) => {
    const field = at(`${path}.ports`, i);
    const { name, containerPort, hostPort, protocol } = port;
    if (name !== undefined && name !== '') {
      const details = checkPortName(name);
      errors.invalidAll(`${field}.name`, name, details);
      if (details.length === 0 && names.has(name)) errors.duplicate(`${field}.name`, name);
      names.add(name);
    }
    if (containerPort === undefined || containerPort === 0) errors.required(`${field}.containerPort`);
    else errors.invalidAll(`${field}.containerPort`, containerPort, checkPortNumber(containerPort));
    if (hostPort !== undefined && hostPort !== 0)
      errors.invalidAll(`${field}.hostPort`, hostPort, checkPortNumber(hostPort));
    errors.oneOf(`${field}.protocol`, protocol, PROTOCOLS);
  });
}

const PROPAGATIONS: readonly string[] = ['Bidirectional', 'HostToContainer', 'None'];

function validateMounts(container: Container, path: string, volumes: ReadonlySet<string>, errors: FieldErrors): void {
  const paths = new Set<string>();
  (container.volumeMounts ?? []).forEach((mount, i) => {
    const { name = '', mountPath = '', subPath = '', subPathExpr = '', mountPropagation } = mount;
    const field = at(path, i);
    if (name === '') errors.required(`${field}.name`);
    if (!volumes.has(name)) errors.notFound(`${field}.name`, name);
    if (mountPath === '') errors.required(`${field}.mountPath`);
    if (paths.has(mountPath)) errors.invalid(`${field}.mountPath`, mountPath, 'must be unique');
    paths.add(mountPath);
    // The server leaves the item out of these paths.
    if (subPath !== '') validateDescendingPath(subPath, `${path}.subPath`, errors);
    if (subPathExpr !== '') {
      if (subPath !== '')
        errors.invalid(`${field}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive');
      validateDescendingPath(subPathExpr, `${path}.subPathExpr`, errors);
    }
    errors.pointerOneOf(`${path}.mountPropagation`, mountPropagation, PROPAGATIONS);
  });
}

function validatePort(port: IntOrString | undefined, field: string, errors: FieldErrors): void {
  if (typeof port === 'number' || port === undefined) errors.invalidAll(field, port ?? 0, checkPortNumber(port ?? 0));
  else errors.invalidAll(field, port, checkPortName(port));
}

const HEADER = /^[-A-Za-z0-9]+$/;
const HEADER_MESSAGE =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is " +
  "'[-A-Za-z0-9]+')";
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function validateHandler(handler: LifecycleHandler & Probe, graceS: number, path: string, errors: FieldErrors): void {
  const set = HANDLERS.filter((name) => handler[name] !== undefined);
  if (set.length === 0) errors.required(path, 'must specify a handler type');
  set.slice(1).forEach((name) => {
    errors.forbidden(`${path}.${name}`, 'may not specify more than 1 handler type');
  });
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (sleep !== undefined && ((sleep.seconds ?? 0) < 0 || (sleep.seconds ?? 0) > graceS)) {
    const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceS})`;
    errors.invalid(`${path}.sleep`, sleep.seconds, detail);
  }
  if (exec !== undefined && (exec.command?.length ?? 0) === 0) errors.required(`${path}.exec.command`);
  if (httpGet !== undefined) {
    if ((httpGet.path ?? '') === '') errors.required(`${path}.httpGet.path`);
    validatePort(httpGet.port, `${path}.httpGet.port`, errors);
    errors.oneOf(`${path}.httpGet.scheme`, httpGet.scheme, SCHEMES);
    for (const { name = '' } of httpGet.httpHeaders ?? [])
      if (!HEADER.test(name)) errors.invalid(`${path}.httpGet.httpHeaders`, name, HEADER_MESSAGE);
  }
  if (tcpSocket !== undefined) validatePort(tcpSocket.port, `${path}.tcpSocket.port`, errors);
  if (grpc !== undefined) errors.invalidAll(`${path}.grpc.port`, grpc.port, checkPortNumber(grpc.port));
}

function validateProbe(probe: Probe | undefined, path: string, isReadiness: boolean, errors: FieldErrors): void {
  if (probe === undefined) return;
  validateHandler(probe, 0, path, errors);
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.nonNegative(`${path}.${field}`, probe[field]);
  }
  const graceS = probe.terminationGracePeriodSeconds;
  const field = `${path}.terminationGracePeriodSeconds`;
  if (graceS !== undefined && graceS <= 0) errors.invalid(field, graceS, 'must be greater than 0');
  if (graceS !== undefined && isReadiness) errors.invalid(field, graceS, 'must not be set for readinessProbes');
  if (!isReadiness && probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1');
  }
}

/** What a container stands in. */
interface Around {
  readonly volumes: ReadonlySet<string>;
  /** How long the pod may take to end, s. */
  readonly graceS: number;
  readonly isInit: boolean;
}

function validateContainer(
  container: Container,
  path: string,
  { volumes, graceS, isInit }: Around,
  errors: FieldErrors,
): void {
  const { name, image, imagePullPolicy, lifecycle } = container;
  if ((name ?? '') === '') errors.required(`${path}.name`);
  else errors.invalidAll(`${path}.name`, name, checkDnsLabel(name));
  if ((image ?? '') === '') errors.required(`${path}.image`);
  else if (image !== image?.trim()) {
    errors.invalid(`${path}.image`, image, 'must not have leading or trailing whitespace');
  }
  errors.oneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, MESSAGE_POLICIES);
  validatePorts(container, path, errors);
  validateEnvironment(container, path, errors);
  validateMounts(container, `${path}.volumeMounts`, volumes, errors);
  errors.oneOf(`${path}.imagePullPolicy`, imagePullPolicy, PULL_POLICIES);
  validateRequirements(container.resources, `${path}.resources`, errors);
  validateSecurity(container.securityContext, `${path}.securityContext`, errors);
  const sidecar = isInit && isSidecar(container);
  if (isInit && !sidecar) {
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[field] !== undefined) {
        errors.forbidden(`${path}.${field}`, 'may not be set for init containers without restartPolicy=Always');
      }
    }
    return;
  }
  validateProbe(container.livenessProbe, `${path}.livenessProbe`, false, errors);
  validateProbe(container.readinessProbe, `${path}.readinessProbe`, true, errors);
  validateProbe(container.startupProbe, `${path}.startupProbe`, false, errors);
  for (const hook of ['postStart', 'preStop'] as const)
    if (lifecycle?.[hook] !== undefined) validateHandler(lifecycle[hook], graceS, `${path}.lifecycle.${hook}`, errors);
}

/**
 * Host ports: no two of the containers alike, nor two of one init container, as those run one after the other; on the host's network those of the
 * containers. A template may leave them open: they are filled in when a pod is made of it. Source: Kubernetes 1.34.1, checkHostPortConflicts,
 * validateInitContainers and validatePodHostNetworkDeps.
 */
function validateHostPorts(
  containers: readonly Container[],
  { onHost, isInit }: { readonly onHost: boolean; readonly isInit: boolean },
  path: string,
  errors: FieldErrors,
): void {
  const seen = new Set<string>();
  containers.forEach((container, i) => {
    if (isInit) seen.clear();
    (container.ports ?? []).forEach((port, k) => {
      if ((port.hostPort ?? 0) === 0) return;
      const field = `${at(`${at(path, i)}.ports`, k)}.hostPort`;
      if (onHost && port.hostPort !== port.containerPort) {
        errors.invalid(field, port.hostPort, 'must match `containerPort` when `hostNetwork` is true');
      }
      const key = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (seen.has(key)) errors.duplicate(field, key);
      seen.add(key);
    });
  });
}

/** Both container lists of a pod spec. `volumes` holds the names of its valid volumes. */
export function validateContainers(
  spec: PodSpec,
  path: string,
  volumes: ReadonlySet<string>,
  errors: FieldErrors,
): void {
  const names = new Set<string>();
  const graceS = spec.terminationGracePeriodSeconds ?? 0;
  if (!Array.isArray(spec.containers) || spec.containers.length === 0) errors.required(`${path}.containers`);
  for (const list of ['containers', 'initContainers'] as const) {
    const containers: readonly Container[] = spec[list] ?? [];
    const isInit = list === 'initContainers';
    containers.forEach((container, i) => {
      const field = at(`${path}.${list}`, i);
      validateContainer(container, field, { volumes, graceS, isInit }, errors);
      if (names.has(container.name)) errors.duplicate(`${field}.name`, container.name);
      if ((container.name ?? '') !== '') names.add(container.name);
    });
    const onHost = spec.hostNetwork === true && !isInit;
    validateHostPorts(containers, { onHost, isInit }, `${path}.${list}`, errors);
  }
  if (spec.overhead !== undefined) validateRequirements({ limits: spec.overhead }, `${path}.overhead`, errors);
}
