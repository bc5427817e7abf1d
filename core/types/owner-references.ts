/** Owners and controllers of objects. Source: Kubernetes 1.34, meta/v1 controller_ref.go. */
import type { KubeObject, OwnerReference } from './object.ts';
import { uidOf } from './object.ts';

const NOBODY: readonly OwnerReference[] = [];

/** The reference with `controller: true`, or undefined. An object as a user wrote it may say `null` for its references. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  const references = object.metadata.ownerReferences ?? NOBODY;
  for (let i = 0; i < references.length; i++) {
    const reference = references[i] as OwnerReference;
    if (reference.controller === true) return reference;
  }
  return undefined;
}

/** A new controller reference to `owner`, as the built-in controllers set it. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}
