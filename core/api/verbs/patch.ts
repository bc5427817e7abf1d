/**
 * Patch (JSON, merge, strategic merge): the patch is applied to the newest state, then it is an update. A patch that
 * names a resourceVersion is refused unless that is the current one. Source: Kubernetes 1.34,
 * endpoints/handlers/patch.go.
 */
import { goText } from '../../types/go-text.ts';
import { applyJsonPatch } from '../../types/json-patch.ts';
import { isRecord, jsonTypeOf } from '../../types/json-value.ts';
import { applyMergePatch } from '../../types/merge-patch.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { podAfterStatusPatch } from '../../types/pod-status-patch.ts';
import { PODS, type ResourceType, type ResourceTypes } from '../../types/resource-type.ts';
import { type Named, StatusError } from '../../types/status-error.ts';
import { applyStrategicMergePatch } from '../../types/strategic-merge-patch.ts';
import { isComponent } from '../../types/user-names.ts';
import type { PatchType } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import type { Mutation, Operation } from '../operation.ts';
import { mutateNamed } from '../storage/guaranteed-update.ts';
import { checkName, checkNamespace, decoded } from './given-object.ts';
import { answerUpdated, checkSubresource, checkVersion, nextVersion } from './update.ts';

/** Errors of decoding name no kind. */
const NO_KIND: Named = { group: '', kind: '', plural: '', qualifiedName: '' };

/** `target` after a patch; where that comes from outside, of the right kind and shape. Throws StatusError. */
function patched(
  types: ResourceTypes,
  type: ResourceType,
  target: KubeObject,
  patch: unknown,
  patchType: PatchType,
  isOutside: boolean,
): KubeObject {
  const result = applyPatch(type, target, patch, patchType) as KubeObject;
  if (!isOutside) return result;
  // A strategic merge patch is one of the kind's own fields; what it says of the kind is not read.
  const named = patchType === 'strategic' ? { ...result, kind: type.kind, apiVersion: type.apiVersion } : result;
  const { object, problem } = decoded(types, type, named);
  if (problem === null) return object;
  throw undecodablePatch(patchType, patch, result, problem);
}

/** 422 for a patch that makes something that is not of its kind. */
export function undecodablePatch(patchType: PatchType, patch: unknown, result: unknown, problem: string): StatusError {
  const shown = patchType === 'strategic' ? goText(patch) : JSON.stringify(result);
  const message = `Invalid value: ${JSON.stringify(shown)}: ${problem}`;
  return StatusError.invalid(NO_KIND, '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }]);
}

/** Throws StatusError (400) for a merge patch that is no object. Source: Kubernetes 1.34, endpoints/handlers/patch.go applyJSPatch. */
function checkMergePatch(patch: unknown): void {
  if (patch === null) throw StatusError.badRequest('Invalid JSON Patch');
  if (isRecord(patch)) return;
  const found = jsonTypeOf(patch);
  throw StatusError.badRequest(
    `error decoding patch: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
  );
}

/** `target` after a patch, whatever that is. Throws StatusError. */
export function applyPatch(type: ResourceType, target: unknown, patch: unknown, patchType: PatchType): unknown {
  switch (patchType) {
    case 'json':
      return applyJsonPatch(target, patch);
    case 'merge':
      checkMergePatch(patch);
      return applyMergePatch(target, patch);
    case 'strategic':
      return applyStrategicMergePatch(type, target, patch);
    default:
      throw StatusError.unsupportedMediaType('415: Unsupported Media Type');
  }
}

/** A patch that leads to another object than the one it is for. Throws StatusError (422). */
function checkPatchedUid(type: ResourceType, { metadata }: KubeObject, existing: KubeObject): void {
  const { uid = '' } = metadata;
  if (uid === '' || uid === existing.metadata.uid) return;
  const message = `Invalid value: ${JSON.stringify(uid)}: field is immutable`;
  const cause = { reason: 'FieldValueInvalid', message, field: 'metadata.uid' };
  // Metadata is looked at for all kinds, then by each kind.
  throw StatusError.invalid(type, existing.metadata.name, [cause, cause]);
}

const PATCH: Mutation = {
  next(core: ApiCore, op: Operation, existing: KubeObject) {
    const { type, subresource, patch, patchType, name, namespace, user } = op.request;
    const isOutside = !isComponent(user);
    const ofStatus = type === PODS && subresource === 'status' && patchType === 'strategic' && !isOutside;
    const quick = ofStatus ? podAfterStatusPatch(existing as Pod, patch) : null;
    const wanted = quick ?? patched(core.cluster.types, type, existing, patch, patchType, isOutside);
    checkNamespace(type, wanted, namespace);
    checkName(wanted, name);
    checkVersion(core, type, subresource, wanted, existing);
    checkPatchedUid(type, wanted, existing);
    return nextVersion(core, op.request, wanted, existing);
  },
  done: answerUpdated,
};

/** Starts a patch. Throws StatusError. */
export function patch(core: ApiCore, op: Operation): void {
  const { type, subresource } = op.request;
  checkSubresource(type, subresource, 'patch');
  mutateNamed(core, op, core.cacheOf(type), PATCH);
}
