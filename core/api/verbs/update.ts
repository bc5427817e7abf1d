/**
 * Update of an object, of its status, or of a namespace's finalizers; and the common way from a wanted to a stored
 * version, which patches take as well.
 *
 * Source: Kubernetes 1.34, registry/generic Store.Update, registry/rest BeforeUpdate, storage optimistic concurrency.
 */
import { applyDefaults } from '../../types/defaults/defaults.ts';
import { withWholePodStatus } from '../../types/defaults/pod-status.ts';
import { withoutNulls } from '../../types/defaults/without-nulls.ts';
import type { KubeObject, ObjectMeta } from '../../types/object.ts';
import type { Pod, PodStatus } from '../../types/pod.ts';
import {
  DAEMONSETS,
  EVENTS,
  JOBS,
  LEASES,
  NAMESPACES,
  NODES,
  PODS,
  type ResourceType,
  SERVICES,
} from '../../types/resource-type.ts';
import type { Service } from '../../types/service.ts';
import { StatusError } from '../../types/status-error.ts';
import { isComponent } from '../../types/user-names.ts';
import { checkShape } from '../../types/validation/shape.ts';
import {
  validateCreate,
  validateNextMetadata,
  validateStatusUpdate,
  validateUpdate,
} from '../../types/validation/validate.ts';
import { type ApiRequest, type Subresource, VERB } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import {
  BUG_GENERATION_STAYS,
  BUG_IGNORE_RESOURCE_VERSION,
  BUG_STATUS_IGNORES_VERSION,
  BUG_UNCHECKED_UPDATES,
  BUG_UPDATE_ENDS_HELD,
  MARK_DELETED_ON_UPDATE,
} from '../declarations.ts';
import { changedMeta, withMetadata, withParts } from '../metadata.ts';
import type { Mutation, Operation } from '../operation.ts';
import { withWholeStatus } from '../registry/create-rules.ts';
import { renewalOf } from '../registry/lease-renewal.ts';
import { withAddresses } from '../registry/service-addresses.ts';
import { withoutOldType } from '../registry/service-type.ts';
import { withTaintTimes } from '../registry/taint-times.ts';
import { withTemplateGeneration } from '../registry/template-generation.ts';
import {
  endsObject,
  isNewGeneration,
  needsVersion,
  nextMetadata,
  nextSpec,
  nextStatus,
  sameContent,
} from '../registry/update-rules.ts';
import { mutateNamed } from '../storage/guaranteed-update.ts';
import { create } from './create.ts';
import { checkName, checkNamespace, ofKind } from './given-object.ts';

/** Kinds that an update creates when they do not exist (AllowCreateOnUpdate). */
const CREATED_BY_UPDATE: ReadonlySet<number> = new Set([LEASES.id, EVENTS.id, SERVICES.id]);

/** Whether an update is for the object with the stored uid; patches are told otherwise that they are not. Throws StatusError (409). */
export function checkUid(type: ResourceType, given: KubeObject, existing: KubeObject): void {
  const { uid = '' } = given.metadata;
  const { uid: stored } = existing.metadata;
  if (uid !== '' && uid !== stored) {
    throw preconditionFailed(type, existing.metadata, `UID in precondition: ${uid}, UID in object meta: ${stored}`);
  }
}

/** 409 as the storage layer words it; `which` names both values. */
export function preconditionFailed(
  type: ResourceType,
  { name, namespace = '' }: Pick<ObjectMeta, 'name' | 'namespace'>,
  which: string,
): StatusError {
  const key = `/registry/${KEY_PARTS.get(type.id) ?? type.plural}/${namespace === '' ? '' : `${namespace}/`}${name}`;
  const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${which}`;
  return StatusError.conflict(type, name, why);
}

/** What stands in the real server's keys in place of a resource's name (kubeapiserver/default_storage_factory_builder.go, SpecialDefaultResourcePrefixes). */
const KEY_PARTS: ReadonlyMap<number, string> = new Map([
  [NODES.id, 'minions'],
  [SERVICES.id, 'services/specs'],
]);

const VERSION = /^\d*$/;

/** The resourceVersion of a request against the stored one. Throws StatusError (409, 422, 500). */
export function checkVersion(
  core: ApiCore,
  type: ResourceType,
  subresource: Subresource,
  given: KubeObject,
  existing: KubeObject,
): void {
  const { resourceVersion = '' } = given.metadata;
  const { name } = existing.metadata;
  if (resourceVersion === existing.metadata.resourceVersion) return;
  if (!VERSION.test(resourceVersion)) {
    throw new StatusError(500, '', `strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`);
  }
  if (Number(resourceVersion) === 0) {
    if (!needsVersion(type)) return;
    // The real server names the resource here, where other invalid objects name their kind.
    throw StatusError.invalid({ ...type, kind: type.plural }, name, [
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: must be specified for an update',
        field: 'metadata.resourceVersion',
      },
    ]);
  }
  if (core.ctx.bug(BUG_IGNORE_RESOURCE_VERSION)) return;
  if (subresource === 'status' && core.ctx.bug(BUG_STATUS_IGNORES_VERSION)) return;
  throw StatusError.conflict(type, name);
}

/**
 * The version that follows when the request wants `given` in place of `existing`: the new object, `existing` when nothing
 * changes, null when the object ends thereby. Throws StatusError (400, 409, 422).
 *
 * Only what comes from outside is looked at for wrong types: components send what they made of checked objects.
 */
export function nextVersion(
  core: ApiCore,
  { type, subresource, user, verb }: ApiRequest,
  given: KubeObject,
  existing: KubeObject,
): KubeObject | null {
  const isOutside = !isComponent(user);
  // What a patch makes is looked at where it is applied.
  if (verb !== VERB.patch) {
    const malformed = isOutside ? checkShape(type, given) : null;
    if (malformed !== null) throw malformed;
    checkUid(type, given, existing);
    checkVersion(core, type, subresource, given, existing);
  }
  // The stored body has its defaults and is valid: when it is given back, its metadata alone is new.
  if (subresource === '' && !READ_METADATA.has(type.id) && hasBodyOf(given, existing)) {
    return nextMetadataOnly(type, given, existing);
  }
  const wanted = withDefaults(core, type, subresource, given, existing, isOutside);
  const { generation } = existing.metadata;
  const spec = nextSpec(type, subresource, wanted.spec, existing.spec);
  const status = nextStatus(type, subresource, wanted.status, existing.status);
  const metadata = nextMetadata(type, subresource, wanted.metadata, existing.metadata, generation);
  const base = subresource === '' ? wanted : existing;
  let next = withParts(base, metadata, spec, status);
  if (spec === undefined && status === undefined && !('spec' in base) && !('status' in base))
    next = { ...base, metadata };
  if (type === SERVICES && subresource === '') {
    next = withAddresses(core, withoutOldType(next as Service, existing as Service), existing as Service);
  }
  if (type === DAEMONSETS) next = withTemplateGeneration(next, existing);
  const error = core.ctx.bug(BUG_UNCHECKED_UPDATES) ? null : errorOf(type, subresource, next, existing, isOutside);
  if (error !== null) throw error;
  if (endsObject(type, next, existing, core.ctx.bug(BUG_UPDATE_ENDS_HELD))) return null;
  if (isNewGeneration(type, subresource, next, existing) && !core.ctx.bug(BUG_GENERATION_STAYS)) {
    next = withParts(next, changedMeta(next.metadata, { generation: (generation ?? 0) + 1 }), next.spec, next.status);
  }
  // Equal statuses keep one identity here.
  if (subresource === 'status' && next.status !== existing.status) return next;
  return sameContent(next, existing) ? existing : next;
}

/** What a request gives after defaulting. Of what components send to a status only nodes have defaults (allocatable); users leave out what they like. */
function withDefaults(
  core: ApiCore,
  type: ResourceType,
  subresource: Subresource,
  given: KubeObject,
  existing: KubeObject,
  isOutside: boolean,
): KubeObject {
  if (subresource === '') {
    const defaulted = core.pods.readmitted(type, applyDefaults(type, given));
    return type.hasStatus ? defaulted : withTaintTimes(type, defaulted, core.ctx.wallUs());
  }
  if (isOutside && subresource !== 'resize') {
    const whole = withWholeStatus(type, applyDefaults(type, given));
    return type === PODS ? withWholePodStatus(whole as Pod, existing.status as PodStatus) : whole;
  }
  return subresource === 'status' && type === NODES ? applyDefaults(type, given) : given;
}

function errorOf(
  type: ResourceType,
  subresource: Subresource,
  next: KubeObject,
  old: KubeObject,
  isOutside: boolean,
): StatusError | null {
  if (subresource === 'status') return validateStatusUpdate(type, next, old, isOutside);
  return subresource === 'resize' ? validateCreate(type, next) : validateUpdate(type, next, old, isOutside);
}

/** Kinds whose body depends on their metadata or on other objects. */
const READ_METADATA: ReadonlySet<number> = new Set([NAMESPACES.id, DAEMONSETS.id, JOBS.id, SERVICES.id]);

/** Whether everything but the metadata of `given` is that of `existing` itself. */
function hasBodyOf(given: KubeObject, existing: KubeObject): boolean {
  const left = given as unknown as Readonly<Record<string, unknown>>;
  const right = existing as unknown as Readonly<Record<string, unknown>>;
  for (const key in left) if (key !== 'metadata' && left[key] !== right[key]) return false;
  for (const key in right) if (key !== 'metadata' && right[key] !== left[key]) return false;
  return true;
}

/** {@link nextVersion} for an object of which only the metadata may be new. */
function nextMetadataOnly(type: ResourceType, given: KubeObject, existing: KubeObject): KubeObject | null {
  const { generation } = existing.metadata;
  const metadata = nextMetadata(type, '', withoutNulls(given.metadata), existing.metadata, generation);
  const next = withMetadata(existing, metadata);
  const error = validateNextMetadata(type, next, existing);
  if (error !== null) throw error;
  if (endsObject(type, next, existing, false)) return null;
  if (!isNewGeneration(type, '', next, existing)) return sameContent(next, existing) ? existing : next;
  return withMetadata(next, changedMeta(metadata, { generation: (generation ?? 0) + 1 }));
}

const UPDATE: Mutation = {
  next(core, op, existing) {
    const { type, subresource, object, user } = op.request;
    const renewal =
      type === LEASES && subresource === '' && isComponent(user) ? renewalOf(object as KubeObject, existing) : null;
    op.renewsLease = renewal !== null;
    if (renewal !== null) return renewal;
    return nextVersion(core, op.request, ofKind(core.cluster.types, type, object), existing);
  },
  done: answerUpdated,
  missing(core, op) {
    const { type, name, namespace, object, subresource } = op.request;
    if (subresource !== '' || !CREATED_BY_UPDATE.has(type.id)) {
      core.fail(op, StatusError.notFound(type, name));
      return;
    }
    // Of an object that had a uid this is no update; a version alone does not matter.
    const { uid = '' } = (object as KubeObject).metadata;
    const which = `UID in precondition: ${uid}, UID in object meta: `;
    if (uid === '') core.guarded(op, create);
    else core.fail(op, preconditionFailed(type, { name, namespace }, which));
  },
};

/** Answers with the new version; an object that ended is shown as it was. */
export function answerUpdated(core: ApiCore, op: Operation, object: KubeObject, deleted: boolean): void {
  if (deleted) core.ctx.mark(MARK_DELETED_ON_UPDATE);
  core.answer(op, 200, object);
}

/** Starts an update. Throws StatusError. */
export function update(core: ApiCore, op: Operation): void {
  const { type, subresource, object, name, namespace } = op.request;
  const given = ofKind(core.cluster.types, type, object);
  checkNamespace(type, given, namespace);
  checkName(given, name);
  checkSubresource(type, subresource, 'update');
  mutateNamed(core, op, core.cacheOf(type), UPDATE);
}

/** Whether a type has the subresource that an update or patch is for. Throws StatusError. */
export function checkSubresource(type: ResourceType, subresource: Subresource, verb: string): void {
  if (subresource === '') return;
  if (subresource === 'status' && type.hasStatus) return;
  if (subresource === 'finalize' && type === NAMESPACES) return;
  if (subresource === 'resize' && type === PODS) return;
  if (subresource === 'status' || subresource === 'finalize' || subresource === 'resize') {
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
  throw StatusError.methodNotSupported(type, verb);
}
