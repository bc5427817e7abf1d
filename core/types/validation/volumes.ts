/**
 * Validation of volumes, claims for them, and what storage drivers say. Source: Kubernetes 1.34, pkg/apis/core/validation
 * (ValidatePersistentVolume, ValidatePersistentVolumeClaimSpec) and pkg/apis/storage/validation.
 */
import { checkDnsSubdomain, checkQualifiedName } from '../dns-names.ts';
import { QUANTITY_FORMAT_MESSAGE, tryParseQuantity } from '../quantity.ts';
import type {
  CsiNode,
  CsiStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeClaimSpec,
} from '../storage.ts';
import { validateNodeSelector } from './affinity.ts';
import { at, type FieldErrors, keyed } from './field-errors.ts';
import { validateSelector } from './object-meta.ts';
import { ACCESS_MODES, BINDING_MODES, CLASS_RECLAIM_POLICIES, RECLAIM_POLICIES, VOLUME_MODES } from './value-limits.ts';

const MAX_DRIVER_NAME_LENGTH = 63;

/** What a PersistentVolume can be made of; exactly one is set. */
const VOLUME_SOURCES: readonly string[] = (
  'csi local hostPath nfs iscsi fc rbd cephfs cinder flocker gcePersistentDisk awsElasticBlockStore azureDisk azureFile ' +
  'flexVolume glusterfs quobyte vsphereVolume photonPersistentDisk portworxVolume scaleIO storageos'
).split(' ');

function validateAccessModes(
  modes: readonly string[] | undefined,
  field: string,
  detail: string,
  errors: FieldErrors,
): void {
  if (modes === undefined || modes.length === 0) {
    errors.required(field, detail);
    return;
  }
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) errors.notSupported(field, mode, ACCESS_MODES);
  const isShared = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (isShared && modes.includes('ReadWriteOncePod')) {
    errors.forbidden(field, 'may not use ReadWriteOncePod with other access modes');
  }
}

function validatePositive(amount: string | number, field: string, errors: FieldErrors): void {
  const quantity = tryParseQuantity(String(amount));
  if (quantity === undefined) errors.invalid(field, amount, QUANTITY_FORMAT_MESSAGE);
  else if (quantity.nanos <= 0n) errors.invalid(field, quantity.toString(), 'must be greater than zero');
}

function validateClassName(name: string | undefined, field: string, errors: FieldErrors): void {
  if ((name ?? '') !== '') errors.invalidAll(field, name, checkDnsSubdomain(name as string));
}

/** core/v1 PersistentVolumeClaim, its spec. */
export function validateVolumeClaim({ spec = {} }: PersistentVolumeClaim, errors: FieldErrors): void {
  validateClaimSpec(spec, 'spec', errors);
}

/** What a claim asks for, of its own or in a template. */
export function validateClaimSpec(spec: VolumeClaimSpec, path: string, errors: FieldErrors): void {
  validateAccessModes(spec.accessModes, `${path}.accessModes`, 'at least 1 access mode is required', errors);
  validateSelector(spec.selector, `${path}.selector`, errors);
  const storage = spec.resources?.requests?.['storage'];
  // The real server leaves "requests" out of the path, too.
  const field = `${path}.resources[storage]`;
  if (storage === undefined) errors.required(field);
  else validatePositive(storage, field, errors);
  validateClassName(spec.storageClassName, `${path}.storageClassName`, errors);
  errors.pointerOneOf(`${path}.volumeMode`, spec.volumeMode, VOLUME_MODES);
}

/** core/v1 PersistentVolume, its spec. */
export function validateVolume({ spec = {} }: PersistentVolume, errors: FieldErrors): void {
  validateAccessModes(spec.accessModes, 'spec.accessModes', '', errors);
  const { capacity = {}, nodeAffinity } = spec;
  const amounts = Object.keys(capacity);
  if (amounts.length === 0) errors.required('spec.capacity');
  else if (amounts.length > 1 || amounts[0] !== 'storage') errors.notSupported('spec.capacity', capacity, ['storage']);
  for (const name of amounts) validatePositive(capacity[name] as string, keyed('spec.capacity', name), errors);
  errors.oneOf('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, RECLAIM_POLICIES, false);
  if (nodeAffinity !== undefined) {
    const field = 'spec.nodeAffinity.required';
    if (nodeAffinity.required === undefined) errors.required(field, 'must specify required node constraints');
    else validateNodeSelector(nodeAffinity.required, field, errors);
  }
  const sources = VOLUME_SOURCES.filter((source) => (spec as Readonly<Record<string, unknown>>)[source] !== undefined);
  if (sources.length === 0) errors.required('spec', 'must specify a volume type');
  for (const source of sources.slice(1)) {
    errors.forbidden(`spec.${source}`, 'may not specify more than 1 volume type');
  }
  if (sources[0] === 'local' && nodeAffinity === undefined) {
    errors.required('spec.nodeAffinity', 'Local volume requires node affinity');
  }
  validateClassName(spec.storageClassName, 'spec.storageClassName', errors);
  errors.oneOf('spec.volumeMode', spec.volumeMode, VOLUME_MODES, false);
}

/** storage/v1 StorageClass. */
export function validateStorageClass(object: StorageClass, errors: FieldErrors): void {
  const { provisioner = '', reclaimPolicy, volumeBindingMode, allowedTopologies = [] } = object;
  if (provisioner === '') errors.required('provisioner');
  else errors.invalidAll('provisioner', provisioner, checkQualifiedName(provisioner.toLowerCase()));
  errors.oneOf('reclaimPolicy', reclaimPolicy, CLASS_RECLAIM_POLICIES, false);
  errors.oneOf('volumeBindingMode', volumeBindingMode, BINDING_MODES);
  allowedTopologies.forEach(({ matchLabelExpressions = [] }, i) => {
    const keys = new Set<string>();
    matchLabelExpressions.forEach(({ key = '', values = [] }, k) => {
      const field = at(`${at('allowedTopologies', i)}.matchLabelExpressions`, k);
      errors.invalidAll(`${field}.key`, key, checkQualifiedName(key));
      if (keys.has(key)) errors.duplicate(`${field}.key`, key);
      keys.add(key);
      if (values.length === 0) errors.required(`${field}.values`);
      values.forEach((value, v) => {
        if (values.indexOf(value) < v) errors.duplicate(at(`${field}.values`, v), value);
      });
    });
  });
}

/** Name of a storage or device driver: a DNS subdomain of a label's length. */
export function validateDriverName(name: string | undefined, field: string, errors: FieldErrors): void {
  if (name === undefined || name === '') {
    errors.required(field);
    return;
  }
  if (name.length > MAX_DRIVER_NAME_LENGTH) errors.tooLong(field, MAX_DRIVER_NAME_LENGTH);
  errors.invalidAll(field, name, checkDnsSubdomain(name.toLowerCase()));
}

/** storage/v1 CSINode, its spec. */
export function validateCsiNode({ spec }: CsiNode, errors: FieldErrors): void {
  const names = new Set<string>();
  (spec?.drivers ?? []).forEach(({ name, nodeID, allocatable }, i) => {
    const field = at('spec.drivers', i);
    validateDriverName(name, `${field}.name`, errors);
    if (names.has(name)) errors.duplicate(`${field}.name`, name);
    names.add(name);
    if ((nodeID ?? '') === '') errors.required(`${field}.nodeID`);
    errors.nonNegative(`${field}.allocatable.count`, allocatable?.count);
  });
}

/** storage/v1 CSIStorageCapacity. */
export function validateStorageCapacity(object: CsiStorageCapacity, errors: FieldErrors): void {
  const { storageClassName = '' } = object;
  if (storageClassName === '') errors.required('storageClassName');
  else errors.invalidAll('storageClassName', storageClassName, checkDnsSubdomain(storageClassName));
  validateSelector(object.nodeTopology, 'nodeTopology', errors);
  for (const field of ['capacity', 'maximumVolumeSize'] as const) {
    const amount = object[field];
    if (amount === undefined) continue;
    const quantity = tryParseQuantity(String(amount));
    if (quantity === undefined) errors.invalid(field, amount, QUANTITY_FORMAT_MESSAGE);
    else if (quantity.isNegative) errors.invalid(field, amount, 'must be greater than or equal to 0');
  }
}
