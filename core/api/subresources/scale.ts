/**
 * The scale subresource of Deployment, ReplicaSet and StatefulSet: get, update, patch of `spec.replicas`.
 *
 * Source: Kubernetes 1.34, registry/apps ScaleREST (autoscaling/v1 Scale).
 */
import { isRecord, jsonTypeOf } from '../../types/json-value.ts';
import { compileSelector } from '../../types/label-selector.ts';
import type { KubeObject, LabelSelector } from '../../types/object.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { checkScalar } from '../../types/validation/shape.ts';
import { VERB } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import { changedMeta, withParts } from '../metadata.ts';
import type { Mutation, Operation } from '../operation.ts';
import { mutateNamed } from '../storage/guaranteed-update.ts';
import { checkName, checkNamespace, ofKind } from '../verbs/given-object.ts';
import { applyPatch, undecodablePatch } from '../verbs/patch.ts';
import { checkUid } from '../verbs/update.ts';

interface Scalable {
  readonly replicas?: number | undefined;
  readonly selector?: LabelSelector | undefined;
}

/** The Scale of a workload. Throws StatusError (404) for kinds without one. */
export function scaleOf(type: ResourceType, object: KubeObject): KubeObject {
  if (!type.hasScale) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const spec = object.spec as Scalable;
  const status = (object.status ?? {}) as Scalable;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    // `omitempty`: none are not said.
    spec: spec.replicas === undefined || spec.replicas === 0 ? {} : { replicas: spec.replicas },
    status: { replicas: status.replicas ?? 0, selector: compileSelector(spec.selector).toString() },
  };
}

/** Scales as decoders and messages name them. */
function scaleType(type: ResourceType): ResourceType {
  return { ...type, kind: 'Scale', group: 'autoscaling', version: 'v1', apiVersion: 'autoscaling/v1' };
}

/** Whether `spec.replicas` is no number, in the decoder's words. */
function scaleProblem({ spec }: KubeObject): string | null {
  if (spec === undefined || spec === null) return null;
  if (!isRecord(spec))
    return `json: cannot unmarshal ${jsonTypeOf(spec)} into Go struct field Scale.spec of type v1.ScaleSpec`;
  return checkScalar(spec['replicas'] ?? 0, 'int', 'ScaleSpec.spec.replicas');
}

function wantedScale(core: ApiCore, op: Operation, existing: KubeObject): KubeObject {
  const { verb, type, object, patch, patchType, name, namespace } = op.request;
  const kind = scaleType(type);
  if (verb === VERB.patch) {
    const scale = applyPatch(type, scaleOf(type, existing), patch, patchType === 'strategic' ? 'merge' : patchType);
    const problem = scaleProblem(scale as KubeObject);
    if (problem !== null) throw undecodablePatch(patchType, patch, scale, problem);
    checkName(scale as KubeObject, name);
    return scale as KubeObject;
  }
  const scale = ofKind(core.cluster.types, kind, object);
  const problem = scaleProblem(scale);
  if (problem !== null) {
    throw StatusError.badRequest(`Scale in version "v1" cannot be handled as a Scale: ${problem}`);
  }
  checkNamespace(type, scale, namespace);
  checkName(scale, name);
  checkUid(type, scale, existing);
  return scale;
}

const SCALE: Mutation = {
  next(core, op, existing) {
    const { type } = op.request;
    const wanted = wantedScale(core, op, existing);
    const { resourceVersion = '' } = wanted.metadata;
    const { metadata } = existing;
    const replicas = (wanted.spec as Scalable | undefined)?.replicas ?? 0;
    if (replicas < 0) {
      const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
      throw StatusError.invalid(scaleType(type), metadata.name, [
        { reason: 'FieldValueInvalid', message, field: 'spec.replicas' },
      ]);
    }
    if (resourceVersion !== '' && resourceVersion !== metadata.resourceVersion) {
      throw StatusError.conflict(type, metadata.name);
    }
    const spec = existing.spec as Scalable;
    if (spec.replicas === replicas) return existing;
    const generation = (metadata.generation ?? 0) + 1;
    return withParts(existing, changedMeta(metadata, { generation }), { ...spec, replicas }, existing.status);
  },
  done(core, op, object) {
    core.answer(op, 200, scaleOf(op.request.type, object));
  },
};

/** Starts an update or patch of a scale. Throws StatusError. */
export function changeScale(core: ApiCore, op: Operation): void {
  const { type } = op.request;
  if (!type.hasScale) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  mutateNamed(core, op, core.cacheOf(type), SCALE);
}
