/**
 * Builds objects with one fixed order of fields, so that all versions of all kinds share their hidden classes.
 */
import type { KubeObject, ObjectMeta } from '../types/object.ts';
import { freshMeta } from '../types/version-meta.ts';

/** What a new version of an object may change in its metadata. */
export type MetaChange = Partial<Omit<ObjectMeta, 'resourceVersion'>>;

/** `freshMeta` with some fields replaced; a field given as undefined is removed. */
export function changedMeta(meta: ObjectMeta, change: MetaChange): ObjectMeta {
  return freshMeta({ ...meta, ...change });
}

/** Fields besides which an object of a kind with spec and status has none. */
function isPlain(object: KubeObject): boolean {
  for (const key in object) {
    switch (key) {
      case 'apiVersion':
      case 'kind':
      case 'metadata':
      case 'spec':
      case 'status':
        break;
      default:
        return false;
    }
  }
  return true;
}

/**
 * A copy of any object with other metadata. A field that follows a spread in one literal is defined, not stored, which is a slow call where
 * objects have many shapes.
 */
function copyWith(object: KubeObject, metadata: ObjectMeta): KubeObject {
  const copy: { -readonly [K in keyof KubeObject]: KubeObject[K] } = { ...object };
  copy.metadata = metadata;
  return copy;
}

/** `object` with other metadata; everything else is shared. */
export function withMetadata(object: KubeObject, metadata: ObjectMeta): KubeObject {
  if (!isPlain(object)) return copyWith(object, metadata);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata,
    spec: object.spec,
    status: object.status,
  };
}

/** `object` with other metadata, spec and status; other top-level fields are shared. */
export function withParts(object: KubeObject, metadata: ObjectMeta, spec: unknown, status: unknown): KubeObject {
  if (!isPlain(object)) return { ...object, metadata, spec, status };
  return { apiVersion: object.apiVersion, kind: object.kind, metadata, spec, status };
}
