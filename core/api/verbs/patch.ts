/**
 * Patch (JSON, merge, strategic merge): the patch is applied to the newest state, then it is an update. A patch that
 * names a resourceVersion is refused unless that is the current one. Source: Kubernetes 1.34,
 * endpoints/handlers/patch.go.
 */
import { applyJsonPatch } from '../../types/json-patch.ts';
import { isRecord } from '../../types/json-value.ts';
import { applyMergePatch } from '../../types/merge-patch.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { podAfterStatusPatch } from '../../types/pod-status-patch.ts';
import { PODS, type ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { applyStrategicMergePatch } from '../../types/strategic-merge-patch.ts';
import type { PatchType } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import type { Mutation, Operation } from '../operation.ts';
import { mutateNamed } from '../storage/guaranteed-update.ts';
import { answerUpdated, checkSubresource, nextVersion } from './update.ts';

/** `target` after a patch. Throws StatusError. */
export function patched(type: ResourceType, target: unknown, patch: unknown, patchType: PatchType): KubeObject {
  const result = applyPatch(type, target, patch, patchType);
  if (!isRecord(result) || !isRecord(result['metadata'])) {
    throw StatusError.unprocessable('the server rejected our request due to an error in our request');
  }
  return result as unknown as KubeObject;
}

function applyPatch(type: ResourceType, target: unknown, patch: unknown, patchType: PatchType): unknown {
  switch (patchType) {
    case 'json':
      return applyJsonPatch(target, patch);
    case 'merge':
      return applyMergePatch(target, patch);
    case 'strategic':
      return applyStrategicMergePatch(type, target, patch);
    default:
      throw StatusError.unsupportedMediaType('415: Unsupported Media Type');
  }
}

const PATCH: Mutation = {
  next(core: ApiCore, op: Operation, existing: KubeObject) {
    const { type, subresource, patch, patchType, name } = op.request;
    const ofStatus = type === PODS && subresource === 'status' && patchType === 'strategic';
    const quick = ofStatus ? podAfterStatusPatch(existing as Pod, patch) : null;
    const wanted = quick ?? patched(type, existing, patch, patchType);
    if (wanted.metadata.name !== name) {
      throw StatusError.badRequest(
        `the name of the object (${wanted.metadata.name}) does not match the name on the URL (${name})`,
      );
    }
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
