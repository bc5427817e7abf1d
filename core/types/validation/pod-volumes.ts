/**
 * Validation of the volumes of a pod spec. Of sources that belong to one provider only the number is looked at.
 *
 * Source: Kubernetes 1.34.1, pkg/apis/core/validation/validation.go ValidateVolumes, validateVolumeSource and what they call.
 */
import { checkDnsLabel } from '../dns-names.ts';
import type { PodSpec, Volume } from '../pod.ts';
import { tryParseQuantity } from '../quantity.ts';
import type { PersistentVolumeClaim } from '../storage.ts';
import {
  FILE_FIELDS,
  type FieldRef,
  type ResourceFieldRef,
  validateFieldRef,
  validateResourceRef,
} from './downward-fields.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { validateFilePath, validateMode, validateNoBacksteps } from './file-paths.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { HOST_PATH_TYPES } from './value-limits.ts';
import { validateClaimSpec, validateDriverName } from './volumes.ts';

/** In the order in which the server looks at them: each but the first that is set is one too many. */
const SOURCES: readonly string[] = (
  'emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs flocker persistentVolumeClaim rbd ' +
  'cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile vsphereVolume photonPersistentDisk portworxVolume azureDisk ' +
  'storageos projected scaleIO csi ephemeral image'
).split(' ');
/** Sources that the server's answers call otherwise than its fields. */
const SPELLED: Readonly<Record<string, string>> = { downwardAPI: 'downwarAPI', cephfs: 'cephFS' };
const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;

/** core/v1 KeyToPath. */
interface Item {
  readonly key?: string;
  readonly path?: string;
  readonly mode?: number;
}

/** core/v1 DownwardAPIVolumeFile. */
interface DownwardFile extends Item {
  readonly fieldRef?: FieldRef;
  readonly resourceFieldRef?: ResourceFieldRef;
}

interface Source {
  readonly name?: string;
  readonly secretName?: string;
  readonly defaultMode?: number;
  readonly items?: readonly Item[];
}

interface Projection {
  readonly secret?: Source;
  readonly configMap?: Source;
  readonly downwardAPI?: { readonly items?: readonly DownwardFile[] };
  readonly serviceAccountToken?: { readonly path?: string; readonly expirationSeconds?: number };
}

function validateItems(items: readonly Item[] | undefined, path: string, errors: FieldErrors): void {
  (items ?? []).forEach(({ key = '', path: file = '', mode }, i) => {
    const field = at(`${path}.items`, i);
    if (key === '') errors.required(`${field}.key`);
    if (file === '') errors.required(`${field}.path`);
    validateFilePath(file, `${field}.path`, errors);
    validateMode(mode, `${field}.mode`, errors);
  });
}

function validateDownwardFile(file: DownwardFile, path: string, errors: FieldErrors): void {
  const { path: name = '', fieldRef, resourceFieldRef, mode } = file;
  if (name === '') errors.required(`${path}.path`);
  validateFilePath(name, `${path}.path`, errors);
  if (fieldRef !== undefined) {
    validateFieldRef(fieldRef, FILE_FIELDS, `${path}.fieldRef`, errors);
    if (resourceFieldRef !== undefined)
      errors.invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously');
  } else if (resourceFieldRef !== undefined) {
    validateResourceRef(resourceFieldRef, true, `${path}.resourceFieldRef`, errors);
  } else errors.required(path, 'one of fieldRef and resourceFieldRef is required');
  validateMode(mode, `${path}.mode`, errors);
}

function validateNamedSource(source: Source, name: string, path: string, errors: FieldErrors): void {
  if ((source[name as keyof Source] ?? '') === '') errors.required(`${path}.${name}`);
  validateMode(source.defaultMode, `${path}.defaultMode`, errors);
  validateItems(source.items, path, errors);
}

function validateToken(
  token: NonNullable<Projection['serviceAccountToken']>,
  path: string,
  field: string,
  errors: FieldErrors,
): void {
  const { path: file = '', expirationSeconds: seconds = 0 } = token;
  if (seconds < MIN_TOKEN_SECONDS)
    errors.invalid(`${field}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes');
  if (seconds > MAX_TOKEN_SECONDS)
    errors.invalid(`${field}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds');
  // The server leaves the source out of this path.
  if (file === '') errors.required(`${path}.path`);
  else validateFilePath(file, `${path}.path`, errors);
}

/** Sources of one volume: no file of one may be that of another. */
function validateProjected(sources: readonly Projection[], path: string, errors: FieldErrors): void {
  const taken = new Set<string>();
  const take = (items: readonly Item[] | undefined, owner: string | undefined) => {
    for (const { path: file = '' } of items ?? []) {
      if (file !== '' && taken.has(file)) errors.invalid(path, owner ?? file, 'conflicting duplicate paths');
      taken.add(file);
    }
  };
  sources.forEach((source, i) => {
    const field = at(`${path}.sources`, i);
    for (const kind of ['secret', 'configMap'] as const) {
      const named = source[kind];
      if (named === undefined) continue;
      validateNamedSource(named, 'name', `${field}.${kind}`, errors);
      take(named.items, named.name ?? '');
    }
    const { downwardAPI, serviceAccountToken: token } = source;
    for (const file of downwardAPI?.items ?? []) validateDownwardFile(file, `${field}.downwardAPI`, errors);
    take(downwardAPI?.items, undefined);
    if (token !== undefined) validateToken(token, path, `${field}.serviceAccountToken`, errors);
    if (Object.values(source).filter((value) => value !== undefined).length > 1)
      errors.forbidden(field, 'may not specify more than 1 volume type per source');
  });
}

type ClaimTemplate = Partial<Pick<PersistentVolumeClaim, 'metadata' | 'spec'>>;

/** A claim that is made with a pod. */
function validateClaimTemplate({ metadata, spec }: ClaimTemplate, path: string, errors: FieldErrors): void {
  validateLabels(metadata?.labels, `${path}.metadata.labels`, errors);
  validateAnnotations(metadata?.annotations, `${path}.metadata.annotations`, errors);
  validateClaimSpec(spec ?? {}, `${path}.spec`, errors);
}

type Check = (source: Readonly<Record<string, unknown>>, path: string, errors: FieldErrors) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  hostPath({ path: file, type }, path, errors) {
    if ((file ?? '') === '') {
      errors.required(`${path}.path`);
      return;
    }
    validateNoBacksteps(file as string, `${path}.path`, errors);
    errors.oneOf(`${path}.type`, type as string | undefined, HOST_PATH_TYPES, false);
  },
  secret: (source, path, errors) => validateNamedSource(source, 'secretName', path, errors),
  configMap: (source, path, errors) => validateNamedSource(source, 'name', path, errors),
  nfs({ server, path: file }, path, errors) {
    if ((server ?? '') === '') errors.required(`${path}.server`);
    if ((file ?? '') === '') errors.required(`${path}.path`);
    else if (!String(file).startsWith('/')) errors.invalid(`${path}.path`, file, 'must be an absolute path');
  },
  persistentVolumeClaim({ claimName }, path, errors) {
    if ((claimName ?? '') === '') errors.required(`${path}.claimName`);
  },
  downwardAPI(source, path, errors) {
    validateMode(source['defaultMode'] as number | undefined, `${path}.defaultMode`, errors);
    for (const file of (source as NonNullable<Projection['downwardAPI']>).items ?? [])
      validateDownwardFile(file, path, errors);
  },
  projected(source, path, errors) {
    validateMode(source['defaultMode'] as number | undefined, `${path}.defaultMode`, errors);
    validateProjected((source['sources'] ?? []) as readonly Projection[], path, errors);
  },
  csi: ({ driver }, path, errors) => validateDriverName(driver as string | undefined, `${path}.driver`, errors),
  ephemeral({ volumeClaimTemplate }, path, errors) {
    if (volumeClaimTemplate === undefined) errors.required(`${path}.volumeClaimTemplate`);
    else validateClaimTemplate(volumeClaimTemplate as ClaimTemplate, `${path}.volumeClaimTemplate`, errors);
  },
};

function validateSource(volume: Volume, path: string, errors: FieldErrors): void {
  const given = SOURCES.filter((source) => volume[source] !== undefined);
  const limit = volume.emptyDir?.['sizeLimit'] as string | number | undefined;
  const amount = limit === undefined ? undefined : tryParseQuantity(String(limit));
  if (limit !== undefined && (amount === undefined || amount.isNegative))
    errors.forbidden(`${path}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity');
  given.forEach((source, i) => {
    if (i > 0) errors.forbidden(`${path}.${SPELLED[source] ?? source}`, 'may not specify more than 1 volume type');
    else CHECKS[source]?.(volume[source] as Readonly<Record<string, unknown>>, `${path}.${source}`, errors);
  });
}

/** The volumes of a spec at `path`. Returns the names of those without fault, which containers may mount. */
export function validatePodVolumes(
  volumes: PodSpec['volumes'],
  path: string,
  errors: FieldErrors,
): ReadonlySet<string> {
  const names = new Set<string>();
  (volumes ?? []).forEach((volume, i) => {
    const field = at(path, i);
    const { name = '' } = volume;
    const before = errors.causes.length;
    validateSource(volume, field, errors);
    if (name === '') errors.required(`${field}.name`);
    else errors.invalidAll(`${field}.name`, name, checkDnsLabel(name));
    if (names.has(name)) errors.duplicate(`${field}.name`, name);
    if (errors.causes.length === before) names.add(name);
  });
  return names;
}
