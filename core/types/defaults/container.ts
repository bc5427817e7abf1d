/** Defaults of containers, probes and volumes. Source: Kubernetes 1.34, pkg/apis/core/v1/defaults.go. */
import type {
  Container,
  ContainerPort,
  EnvVar,
  LifecycleHandler,
  Probe,
  ResourceRequirements,
  Volume,
  VolumeMount,
} from '../pod.ts';
import type { VolumeClaimSpec } from '../storage.ts';
import { canonicalList, mapShared, withDefaults, withField, withPointerDefaults } from './fields.ts';
import { CONTAINER_ZEROES, MOUNT_ZEROES, PORT_ZEROES, PROBE_ZEROES, withoutZeroes } from './without-zeroes.ts';

/** Tag of an image reference: `latest` when there is neither tag nor digest, `''` with a digest only. */
function imageTag(image: string): string {
  const digest = image.indexOf('@');
  const name = digest < 0 ? image : image.slice(0, digest);
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  if (colon >= 0) return name.slice(colon + 1);
  return digest < 0 ? 'latest' : '';
}

const DOMAIN_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DOMAIN = new RegExp(`^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$`);
const LOOKS_LIKE_ID = /^[a-f0-9]{64}$/;

/** Whether an image's name can be read; its first part is a registry if it cannot be a part of a path. Source: distribution/reference ParseNormalizedNamed. */
function isReference(image: string): boolean {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  const isDomain = slash > 0 && (/[.:A-Z]/.test(first) || first === 'localhost');
  if (isDomain && !DOMAIN.test(first)) return false;
  return REFERENCE.test(isDomain ? image.slice(slash + 1) : image) && !LOOKS_LIKE_ID.test(image);
}

/** Pull policy by tag: Always for `latest`, IfNotPresent for everything else, and for names that cannot be read. */
export function defaultPullPolicy(image = ''): string {
  return imageTag(image) === 'latest' && isReference(image) ? 'Always' : 'IfNotPresent';
}

const HTTP_GET = { path: '/', scheme: 'HTTP' } as const;
const PROBE = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 } as const;

/** Zero counts as unset for these fields, as in the real defaulting. */
function defaultProbe(probe: Probe): Probe {
  let result = withoutZeroes(probe, PROBE_ZEROES);
  for (const field of ['timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) {
    if ((result[field] ?? 0) === 0) result = withField(result, field, PROBE[field]);
  }
  if (result.httpGet !== undefined) result = withField(result, 'httpGet', withDefaults(result.httpGet, HTTP_GET));
  if (result.grpc !== undefined) result = withField(result, 'grpc', withDefaults(result.grpc, { service: '' }));
  return result;
}

function defaultHandler(handler: LifecycleHandler): LifecycleHandler {
  if (handler.httpGet === undefined) return handler;
  return withField(handler, 'httpGet', withDefaults(handler.httpGet, HTTP_GET));
}

function defaultLifecycle(lifecycle: NonNullable<Container['lifecycle']>): NonNullable<Container['lifecycle']> {
  let result = lifecycle;
  if (result.postStart !== undefined) result = withField(result, 'postStart', defaultHandler(result.postStart));
  if (result.preStop !== undefined) result = withField(result, 'preStop', defaultHandler(result.preStop));
  return result;
}

function defaultEnv(variable: EnvVar): EnvVar {
  const source = variable.valueFrom;
  if (source === undefined) return variable;
  if (source.fieldRef !== undefined) {
    const fieldRef = withDefaults(source.fieldRef, { apiVersion: 'v1' });
    return withField(variable, 'valueFrom', withField(source, 'fieldRef', fieldRef));
  }
  if (source.resourceFieldRef !== undefined) {
    const resourceFieldRef = withDefaults(source.resourceFieldRef, { divisor: '0' });
    return withField(variable, 'valueFrom', withField(source, 'resourceFieldRef', resourceFieldRef));
  }
  return variable;
}

function defaultPort(input: ContainerPort): ContainerPort {
  const port = withoutZeroes(input, PORT_ZEROES);
  return port.protocol === undefined || port.protocol === '' ? withField(port, 'protocol', 'TCP') : port;
}

function defaultMount(mount: VolumeMount): VolumeMount {
  return withoutZeroes(mount, MOUNT_ZEROES);
}

const NO_RESOURCES: ResourceRequirements = Object.freeze({});
const MESSAGE_DEFAULTS = { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' } as const;

function canonicalResources(resources: ResourceRequirements): ResourceRequirements {
  let result = resources;
  if (result.limits !== undefined) result = withField(result, 'limits', canonicalList(result.limits));
  if (result.requests !== undefined) result = withField(result, 'requests', canonicalList(result.requests));
  return result;
}

/** A container with the defaults of templates and pods alike. */
export function defaultContainer(container: Container): Container {
  if (typeof container !== 'object' || container === null) return container;
  let c = withoutZeroes(container, CONTAINER_ZEROES);
  if (c.volumeMounts !== undefined) c = withField(c, 'volumeMounts', mapShared(c.volumeMounts, defaultMount));
  c = withField(c, 'resources', canonicalResources(c.resources ?? NO_RESOURCES));
  if (c.ports !== undefined) c = withField(c, 'ports', mapShared(c.ports, defaultPort));
  if (c.env !== undefined) c = withField(c, 'env', mapShared(c.env, defaultEnv));
  if (c.livenessProbe !== undefined) c = withField(c, 'livenessProbe', defaultProbe(c.livenessProbe));
  if (c.readinessProbe !== undefined) c = withField(c, 'readinessProbe', defaultProbe(c.readinessProbe));
  if (c.startupProbe !== undefined) c = withField(c, 'startupProbe', defaultProbe(c.startupProbe));
  if (c.lifecycle !== undefined) c = withField(c, 'lifecycle', defaultLifecycle(c.lifecycle));
  c = withDefaults(c, MESSAGE_DEFAULTS);
  return (c.imagePullPolicy ?? '') === '' ? withField(c, 'imagePullPolicy', defaultPullPolicy(c.image)) : c;
}

/** A container whose missing requests are its limits; for pods only, templates stay as written. */
export function requestsFromLimits(container: Container): Container {
  const { limits, requests } = container.resources ?? NO_RESOURCES;
  if (limits === undefined) return container;
  let merged: Record<string, string | number> | null = requests === undefined ? {} : null;
  for (const name of Object.keys(limits)) {
    if (requests !== undefined && Object.hasOwn(requests, name)) continue;
    merged ??= { ...requests };
    merged[name] = limits[name] as string | number;
  }
  if (merged === null) return container;
  return { ...container, resources: { ...container.resources, requests: merged } };
}

/** A container of a pod on the host's network: every port is a host port. */
export function hostPorts(container: Container): Container {
  const ports = mapShared(container.ports, (port) =>
    (port.hostPort ?? 0) === 0 ? { ...port, hostPort: port.containerPort } : port,
  );
  return ports === container.ports ? container : { ...container, ports };
}

const FILE_MODE = 420;
const RBD_DEFAULTS: Source = Object.freeze({ pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' });
const EMPTY_DIR: Readonly<Record<string, unknown>> = Object.freeze({});

type Source = Readonly<Record<string, unknown>>;

function defaultProjection(source: Source): Source {
  const token = source['serviceAccountToken'] as Source | undefined;
  if (token !== undefined && token['expirationSeconds'] === undefined) {
    return { ...source, serviceAccountToken: { ...token, expirationSeconds: 3600 } };
  }
  return downwardDefaults(source, 'downwardAPI');
}

/** Sets `fieldRef.apiVersion` of the items of a downward API source. */
function downwardDefaults<T extends Source>(holder: T, field: string): T {
  const downward = holder[field] as { readonly items?: readonly EnvVarSource[] | undefined } | undefined;
  if (downward?.items === undefined) return holder;
  const items = mapShared(downward.items, (item) =>
    item.fieldRef === undefined ? item : withField(item, 'fieldRef', withDefaults(item.fieldRef, { apiVersion: 'v1' })),
  );
  return items === downward.items ? holder : { ...holder, [field]: { ...downward, items } };
}

interface EnvVarSource {
  readonly fieldRef?: { readonly apiVersion?: string | undefined; readonly fieldPath: string } | undefined;
}

interface EphemeralSource {
  readonly volumeClaimTemplate?: { readonly spec?: VolumeClaimSpec | undefined } | undefined;
}

function defaultEphemeral(source: EphemeralSource): EphemeralSource {
  const template = source.volumeClaimTemplate;
  if (template === undefined) return source;
  return withField(source, 'volumeClaimTemplate', withField(template, 'spec', defaultClaimSpec(template.spec ?? {})));
}

/** What a claim asks for, with its defaults. */
export function defaultClaimSpec(spec: VolumeClaimSpec): VolumeClaimSpec {
  const result = withPointerDefaults(spec, { volumeMode: 'Filesystem' });
  return result.resources === undefined ? result : withField(result, 'resources', canonicalResources(result.resources));
}

/** A volume with its defaults; one without any source is an emptyDir. */
export function defaultVolume(volume: Volume): Volume {
  if (typeof volume !== 'object' || volume === null) return volume;
  let v = volume;
  let sources = 0;
  for (const field of Object.keys(v)) if (field !== 'name' && v[field] !== undefined) sources++;
  if (sources === 0) return { ...v, emptyDir: EMPTY_DIR };
  if (v.projected !== undefined) {
    const sourcesOf = mapShared(v.projected.sources, defaultProjection);
    const projected = sourcesOf === v.projected.sources ? v.projected : { ...v.projected, sources: sourcesOf };
    v = withField(v, 'projected', projected);
  }
  if (v['downwardAPI'] !== undefined) v = downwardDefaults(v, 'downwardAPI');
  if (v['rbd'] !== undefined) v = withField(v, 'rbd', withDefaults(v['rbd'] as Source, RBD_DEFAULTS));
  if (v.hostPath !== undefined) v = withField(v, 'hostPath', withDefaults(v.hostPath, { type: '' }));
  if (v['ephemeral'] !== undefined) v = withField(v, 'ephemeral', defaultEphemeral(v['ephemeral'] as EphemeralSource));
  for (const field of ['secret', 'configMap', 'projected', 'downwardAPI'] as const) {
    const source = v[field] as Source | undefined;
    if (typeof source !== 'object' || source['defaultMode'] !== undefined) continue;
    v = { ...v, [field]: { ...source, defaultMode: FILE_MODE } };
  }
  return v;
}
