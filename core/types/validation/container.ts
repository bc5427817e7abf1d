/** Validation of containers. Source: Kubernetes 1.34, pkg/apis/core/validation/validation.go validateContainers. */
import { checkDnsLabel, checkEnvName, checkPortName, checkPortNumber, checkQualifiedName } from '../dns-names.ts';
import type { IntOrString } from '../object.ts';
import type { Container, LifecycleHandler, PodSpec, Probe } from '../pod.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { validateRequirements } from './resources.ts';
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

function validateEnv(container: Container, path: string, errors: FieldErrors): void {
  (container.env ?? []).forEach(({ name, value, valueFrom }, i) => {
    const field = at(`${path}.env`, i);
    if ((name ?? '') === '') errors.required(`${field}.name`);
    else errors.invalidAll(`${field}.name`, name, checkEnvName(name));
    if (valueFrom === undefined) return;
    const sources = Object.keys(valueFrom).filter((key) => valueFrom[key as keyof typeof valueFrom] !== undefined);
    if (value !== undefined && value !== '' && sources.length > 0) {
      errors.invalid(`${field}.valueFrom`, '', 'may not be specified when `value` is not empty');
    }
    if (sources.length === 0) {
      const list = 'fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef';
      errors.invalid(`${field}.valueFrom`, '', `must specify one of: \`${list}\``);
    } else if (sources.length > 1) {
      errors.invalid(`${field}.valueFrom`, '', 'may not have more than one field specified at a time');
    }
    for (const source of ['configMapKeyRef', 'secretKeyRef'] as const) {
      if (valueFrom[source] !== undefined && (valueFrom[source].key ?? '') === '') {
        errors.required(`${field}.valueFrom.${source}.key`);
      }
    }
  });
}

function validateMounts(container: Container, path: string, volumes: ReadonlySet<string>, errors: FieldErrors): void {
  const paths = new Set<string>();
  (container.volumeMounts ?? []).forEach(({ name, mountPath }, i) => {
    const field = at(`${path}.volumeMounts`, i);
    if ((name ?? '') === '') errors.required(`${field}.name`);
    if ((mountPath ?? '') === '') errors.required(`${field}.mountPath`);
    else if (paths.has(mountPath)) errors.invalid(`${field}.mountPath`, mountPath, 'must be unique');
    paths.add(mountPath);
    if ((name ?? '') !== '' && !volumes.has(name)) errors.notFound(`${field}.name`, name);
  });
}

function validatePort(port: IntOrString | undefined, field: string, errors: FieldErrors): void {
  if (typeof port === 'number' || port === undefined) errors.invalidAll(field, port ?? 0, checkPortNumber(port ?? 0));
  else errors.invalidAll(field, port, checkPortName(port));
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function validateHandler(handler: LifecycleHandler & Probe, path: string, errors: FieldErrors): void {
  const set = HANDLERS.filter((name) => handler[name] !== undefined);
  if (set.length === 0) errors.required(path, 'must specify a handler type');
  set.slice(1).forEach((name) => {
    errors.forbidden(`${path}.${name}`, 'may not specify more than 1 handler type');
  });
  const { exec, httpGet, tcpSocket, grpc } = handler;
  if (exec !== undefined && (exec.command?.length ?? 0) === 0) errors.required(`${path}.exec.command`);
  if (httpGet !== undefined) {
    if ((httpGet.path ?? '') === '') errors.required(`${path}.httpGet.path`);
    validatePort(httpGet.port, `${path}.httpGet.port`, errors);
    errors.oneOf(`${path}.httpGet.scheme`, httpGet.scheme, SCHEMES);
  }
  if (tcpSocket !== undefined) validatePort(tcpSocket.port, `${path}.tcpSocket.port`, errors);
  if (grpc !== undefined) errors.invalidAll(`${path}.grpc.port`, grpc.port, checkPortNumber(grpc.port));
}

function validateProbe(probe: Probe | undefined, path: string, mustSucceedOnce: boolean, errors: FieldErrors): void {
  if (probe === undefined) return;
  validateHandler(probe, path, errors);
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.nonNegative(`${path}.${field}`, probe[field]);
  }
  if (mustSucceedOnce && probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1');
  }
}

function validateContainer(
  container: Container,
  path: string,
  volumes: ReadonlySet<string>,
  isInit: boolean,
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
  validateEnv(container, path, errors);
  validateMounts(container, path, volumes, errors);
  errors.oneOf(`${path}.imagePullPolicy`, imagePullPolicy, PULL_POLICIES);
  validateRequirements(container.resources, `${path}.resources`, errors);
  const sidecar = isInit && container.restartPolicy === 'Always';
  if (isInit && !sidecar) {
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[field] !== undefined) {
        errors.forbidden(`${path}.${field}`, 'may not be set for init containers without restartPolicy=Always');
      }
    }
    return;
  }
  validateProbe(container.livenessProbe, `${path}.livenessProbe`, true, errors);
  validateProbe(container.readinessProbe, `${path}.readinessProbe`, false, errors);
  validateProbe(container.startupProbe, `${path}.startupProbe`, true, errors);
  if (lifecycle?.postStart !== undefined) validateHandler(lifecycle.postStart, `${path}.lifecycle.postStart`, errors);
  if (lifecycle?.preStop !== undefined) validateHandler(lifecycle.preStop, `${path}.lifecycle.preStop`, errors);
}

/** Host ports that clash inside one pod. */
function validateHostPorts(containers: readonly Container[], path: string, errors: FieldErrors): void {
  const seen = new Set<string>();
  containers.forEach((container, i) => {
    (container.ports ?? []).forEach((port, k) => {
      if ((port.hostPort ?? 0) === 0) return;
      const key = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (seen.has(key)) errors.duplicate(`${at(`${at(path, i)}.ports`, k)}.hostPort`, key);
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
  if (!Array.isArray(spec.containers) || spec.containers.length === 0) errors.required(`${path}.containers`);
  for (const list of ['containers', 'initContainers'] as const) {
    const containers: readonly Container[] = spec[list] ?? [];
    containers.forEach((container, i) => {
      const field = at(`${path}.${list}`, i);
      validateContainer(container, field, volumes, list === 'initContainers', errors);
      if (names.has(container.name)) errors.duplicate(`${field}.name`, container.name);
      if ((container.name ?? '') !== '') names.add(container.name);
    });
    validateHostPorts(containers, `${path}.${list}`, errors);
  }
  for (const name in spec.overhead) errors.invalidAll(`${path}.overhead`, name, checkQualifiedName(name));
}
