/**
 * Create: name, identity, admission, first version, one write on the condition that the key does not exist.
 *
 * The object is built once; parts of the posted one (spec, labels) are shared, not copied. Source: Kubernetes 1.34,
 * registry/generic Store.Create and registry/rest BeforeCreate.
 */
import type { StoreTxnResponse } from '../../store/client-interface.ts';
import { applyDefaults } from '../../types/defaults/defaults.ts';
import { withoutNulls } from '../../types/defaults/without-nulls.ts';
import type { KubeObject, ObjectMeta } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import { EVENTS, PODS, type ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';
import { isComponent } from '../../types/user-names.ts';
import { checkShape } from '../../types/validation/shape.ts';
import { validateCreate } from '../../types/validation/validate.ts';
import { versionMeta } from '../../types/version-meta.ts';
import { VERB } from '../../types/wire.ts';
import { admitReferences } from '../admission/lookup.ts';
import { withGroupPriority } from '../admission/pod-groups.ts';
import type { ApiCore } from '../core.ts';
import { MARK_NAME_COLLISION } from '../declarations.ts';
import { drawName, drawUid, type OwnerDraws } from '../identity.ts';
import { NAME_TRIES, OBJECT_BYTES_MAX } from '../limits.ts';
import { changedMeta, withMetadata } from '../metadata.ts';
import type { Operation } from '../operation.ts';
import { prepareNew } from '../registry/create-rules.ts';
import { withoutDoubles } from '../registry/update-rules.ts';
import { STEP_CREATE } from '../steps.ts';
import { observeWrite } from '../storage/guaranteed-update.ts';
import { StoredObject } from '../storage/stored-object.ts';
import { checkNamespace, ofKind } from './given-object.ts';

/** Starts a create. Throws StatusError. */
export function create(core: ApiCore, op: Operation): void {
  const { type, namespace } = op.request;
  checkNamespace(type, ofKind(core.cluster.types, type, op.request.object), namespace);
  admitReferences(core, op);
}

/** Everything the object refers to is in order. Throws StatusError. */
export function createAdmitted(core: ApiCore, op: Operation): void {
  const { type } = op.request;
  const given = ofKind(core.cluster.types, type, op.request.object);
  op.localId = idByName(core, op, given);
  const draws = drawsOf(core, op, given);
  const object = newObject(core, op, type, given, draws);
  if (op.request.options.dryRun === true) {
    if (core.cacheOf(type).value(op.localId) !== undefined) throw StatusError.alreadyExists(type, object.metadata.name);
    core.answer(op, 201, object);
    return;
  }
  // A version that is none is not asked after, nor that of an update of what is no more.
  if (op.request.verb === VERB.create && Number(given.metadata.resourceVersion ?? '') > 0) {
    throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  // An Event is stored as it was sent, but for its metadata.
  const value = new StoredObject(object, null, type === EVENTS ? given : object);
  if (value.sizeBytes > OBJECT_BYTES_MAX) throw StatusError.requestEntityTooLarge(`limit is ${OBJECT_BYTES_MAX}`);
  const { keys } = core.cacheOf(type);
  if (op.localId < 0) op.localId = keys.intern(object.metadata.namespace ?? '', object.metadata.name);
  op.next = value;
  op.step = STEP_CREATE;
  const store = type === EVENTS ? core.eventLeases : core.store;
  store.write(op, core.cluster.storeKeys.keyOf(type, op.localId), 0, value, core.ctx.costs.apiMutationUs);
}

/** The local id of an object whose name counts its creations; −1 for others, whose name may still be drawn. */
function idByName(core: ApiCore, { request: { type, namespace } }: Operation, given: KubeObject): number {
  const { name } = given.metadata;
  // What a client sends has not been validated yet: a name may be anything.
  if (typeof name !== 'string' || name === '' || type === EVENTS || controllerOf(given) !== undefined) return -1;
  return core.cacheOf(type).keys.intern(type.namespaced ? namespace : '', name);
}

/** Who counts this creation: the controller for owned objects, the name (or its prefix) for others, the client for Events. */
function drawsOf(core: ApiCore, op: Operation, given: KubeObject): OwnerDraws {
  const { ordinals } = core.cluster;
  const { type, namespace, user } = op.request;
  const controller = controllerOf(given);
  if (controller !== undefined) return ordinals.next(core.ctx, controller.uid);
  if (type === EVENTS) return ordinals.next(core.ctx, user);
  const { name, generateName } = given.metadata;
  if (op.localId >= 0) return ordinals.nextNamed(core.ctx, type, op.localId, type.namespaced ? namespace : '', name);
  return ordinals.nextPrefixed(core.ctx, type, namespace, generateName ?? '');
}

function newObject(core: ApiCore, op: Operation, type: ResourceType, given: KubeObject, draws: OwnerDraws): KubeObject {
  const malformed = type === EVENTS && isComponent(op.request.user) ? null : checkShape(type, given);
  if (malformed !== null) throw malformed;
  const isPod = type === PODS;
  const defaulted = isPod ? given : withGroupPriority(core, type, applyDefaults(type, given));
  const meta = isPod ? cleanMeta(given.metadata) : defaulted.metadata;
  const generateName = meta.generateName ?? '';
  const named = meta.name !== undefined && meta.name !== '';
  const metadata = versionMeta(
    named ? meta.name : generateName === '' ? '' : drawName(draws, generateName),
    generateName === '' ? undefined : generateName,
    type.namespaced ? op.request.namespace : undefined,
    drawUid(draws),
    type.hasGeneration ? 1 : undefined,
    formatTime(core.ctx.wallUs()),
    undefined,
    undefined,
    meta.labels,
    meta.annotations,
    withoutDoubles(meta.ownerReferences),
    meta.finalizers,
  );
  if (isPod) return core.pods.admit(given, metadata);
  // The name may have come only now; what depends on it (a namespace's label) is filled in by defaulting again.
  const object = named ? defaulted : applyDefaults(type, { ...defaulted, metadata: { ...meta, name: metadata.name } });
  const complete = object === defaulted ? metadata : changedMeta(metadata, { labels: object.metadata.labels });
  const whole = withMetadata(object, complete);
  const error = validateCreate(type, whole, !isComponent(op.request.user));
  if (error !== null) throw error;
  return prepareNew(core, type, whole);
}

/** Metadata without null fields; itself when there are none, which is the usual case. */
function cleanMeta(meta: ObjectMeta): ObjectMeta {
  for (const key in meta) if ((meta as unknown as Record<string, unknown>)[key] === null) return withoutNulls(meta);
  const { labels, annotations } = meta;
  for (const key in labels) if ((labels[key] as unknown) === null) return withoutNulls(meta);
  for (const key in annotations) if ((annotations[key] as unknown) === null) return withoutNulls(meta);
  return meta;
}

/** The store has answered the write. */
export function created(core: ApiCore, op: Operation, answer: StoreTxnResponse): void {
  const value = op.next as StoredObject;
  if (answer.succeeded) {
    observeWrite(core, op, null, value.object, answer.revision);
    core.answer(op, 201, value.object);
    return;
  }
  const { type, object } = op.request;
  const { generateName, name } = (object as KubeObject).metadata;
  const generated = (name ?? '') === '' && (generateName ?? '') !== '';
  if (generated && ++op.tries < NAME_TRIES) {
    core.ctx.mark(MARK_NAME_COLLISION);
    core.guarded(op, createAdmitted);
    return;
  }
  core.fail(op, StatusError.alreadyExists(type, value.object.metadata.name));
}
