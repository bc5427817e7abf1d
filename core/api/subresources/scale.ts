/**
 * The scale subresource of Deployment, ReplicaSet and StatefulSet: get, update, patch of `spec.replicas`.
 *
 * Source: Kubernetes 1.34, registry/apps ScaleREST (autoscaling/v1 Scale).
 */
import { compileSelector } from '../../types/label-selector.ts';
import type { KubeObject, LabelSelector } from '../../types/object.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { VERB } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import { changedMeta, withParts } from '../metadata.ts';
import type { Mutation, Operation } from '../operation.ts';
import { mutateNamed } from '../storage/guaranteed-update.ts';
import { applyPatch } from '../verbs/patch.ts';

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
    spec: { replicas: spec.replicas ?? 0 },
    status: { replicas: status.replicas ?? 0, selector: compileSelector(spec.selector).toString() },
  };
}

function wantedScale(op: Operation, existing: KubeObject): KubeObject {
  const { verb, type, object, patch, patchType } = op.request;
  const scale = scaleOf(type, existing);
  if (verb === VERB.patch)
    return applyPatch(type, scale, patch, patchType === 'strategic' ? 'merge' : patchType) as KubeObject;
  if (object === null) throw StatusError.badRequest('the body of an update must be an object');
  return object;
}

const SCALE: Mutation = {
  next(_core, op, existing) {
    const { type } = op.request;
    const wanted = wantedScale(op, existing);
    const { resourceVersion = '', uid = '' } = wanted.metadata ?? {};
    const { metadata } = existing;
    if (
      (resourceVersion !== '' && resourceVersion !== metadata.resourceVersion) ||
      (uid !== '' && uid !== metadata.uid)
    ) {
      throw StatusError.conflict(type, metadata.name);
    }
    const replicas = (wanted.spec as Scalable | undefined)?.replicas ?? 0;
    if (!Number.isInteger(replicas) || replicas < 0) {
      const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
      throw StatusError.invalid({ ...type, kind: 'Scale', group: 'autoscaling' }, metadata.name, [
        { reason: 'FieldValueInvalid', message, field: 'spec.replicas' },
      ]);
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
