/**
 * Metadata of one stored version of one object, with room for the version's content hash.
 *
 * Each version has a metadata object of its own, so what is known of the version can hang there: no table by identity is
 * needed, which would cost more than the hash. The room is private: copies by spread, encodings and comparisons do not see
 * it. Plain metadata (from clients) works everywhere as well, only slower.
 */
import type { KubeObject, ObjectMeta, OwnerReference, StringMap } from './object.ts';

export class VersionMeta implements ObjectMeta {
  readonly name: string;
  readonly generateName: string | undefined;
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly generation: number | undefined;
  readonly creationTimestamp: string | undefined;
  readonly deletionTimestamp: string | undefined;
  readonly deletionGracePeriodSeconds: number | undefined;
  readonly labels: StringMap | undefined;
  readonly annotations: StringMap | undefined;
  readonly ownerReferences: readonly OwnerReference[] | undefined;
  readonly finalizers: readonly string[] | undefined;
  /** The object whose hash is kept here; a client may put this metadata into another object. */
  #owner: KubeObject | null = null;
  #hash = 0;
  #sum = 0;

  /** A draft: `resourceVersion` comes with the commit. */
  constructor(
    name: string,
    generateName: string | undefined,
    namespace: string | undefined,
    uid: string | undefined,
    generation: number | undefined,
    creationTimestamp: string | undefined,
    deletionTimestamp: string | undefined,
    deletionGracePeriodSeconds: number | undefined,
    labels: StringMap | undefined,
    annotations: StringMap | undefined,
    ownerReferences: readonly OwnerReference[] | undefined,
    finalizers: readonly string[] | undefined,
  ) {
    this.name = name;
    this.generateName = generateName;
    this.namespace = namespace;
    this.uid = uid;
    this.resourceVersion = undefined;
    this.generation = generation;
    this.creationTimestamp = creationTimestamp;
    this.deletionTimestamp = deletionTimestamp;
    this.deletionGracePeriodSeconds = deletionGracePeriodSeconds;
    this.labels = labels;
    this.annotations = annotations;
    this.ownerReferences = ownerReferences;
    this.finalizers = finalizers;
  }

  /** Keeps the final hash of a committed object and the sum over its metadata; false when its metadata has no room. */
  static keep(object: KubeObject, hash: number, metadataSum: number): boolean {
    const { metadata } = object;
    if (!(#owner in metadata)) return false;
    metadata.#owner = object;
    metadata.#hash = hash;
    metadata.#sum = metadataSum;
    return true;
  }

  /** The kept metadata of an object; null when there is none. */
  static of(object: KubeObject): VersionMeta | null {
    const { metadata } = object;
    return typeof metadata === 'object' && metadata !== null && #owner in metadata && metadata.#owner !== null
      ? metadata
      : null;
  }

  // No accessor may stand on the prototype: whatever reads an object by field name would see it.

  /** Whether the hash kept in `meta` is that of `object`. */
  static isOf(meta: VersionMeta, object: KubeObject): boolean {
    return meta.#owner === object;
  }

  /** The kept hash. */
  static hashOf(meta: VersionMeta): number {
    return meta.#hash;
  }

  /** The kept sum over the fields of the metadata. */
  static sumOf(meta: VersionMeta): number {
    return meta.#sum;
  }
}

/** A copy of `meta` without resourceVersion (the store's commit sets it). */
export function freshMeta(meta: ObjectMeta): ObjectMeta {
  return new VersionMeta(
    meta.name,
    meta.generateName,
    meta.namespace,
    meta.uid,
    meta.generation,
    meta.creationTimestamp,
    meta.deletionTimestamp,
    meta.deletionGracePeriodSeconds,
    meta.labels,
    meta.annotations,
    meta.ownerReferences,
    meta.finalizers,
  );
}
