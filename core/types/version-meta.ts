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
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
  /** Undefined in a draft: it comes with the commit. */
  readonly resourceVersion: string | undefined;
  readonly creationTimestamp: string | undefined;
  readonly ownerReferences: readonly OwnerReference[] | undefined;
  /** The object whose hash is kept here; a client may put this metadata into another object. */
  #owner: KubeObject | null = null;
  #hash = 0;
  /** Sum over the fields but resourceVersion, and their encoded size, bytes; 0 while nobody has measured them. */
  #sum = 0;
  #sizeBytes = 0;

  constructor(
    name: string,
    namespace: string | undefined,
    uid: string | undefined,
    creationTimestamp: string | undefined,
    ownerReferences: readonly OwnerReference[] | undefined,
  ) {
    this.name = name;
    this.namespace = namespace;
    this.uid = uid;
    this.resourceVersion = undefined;
    this.creationTimestamp = creationTimestamp;
    this.ownerReferences = ownerReferences;
  }

  /** Keeps the final hash of a committed object; false when its metadata has no room. */
  static keep(object: KubeObject, hash: number): boolean {
    const { metadata } = object;
    if (!(metadata instanceof VersionMeta)) return false;
    metadata.#owner = object;
    metadata.#hash = hash;
    return true;
  }

  /** The kept metadata of an object; null when there is none. */
  static of(object: KubeObject): VersionMeta | null {
    const { metadata } = object;
    return metadata instanceof VersionMeta && metadata.#owner !== null ? metadata : null;
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

  /** Keeps what was measured of the fields but resourceVersion. */
  static keepSum(meta: VersionMeta, sum: number, sizeBytes: number): void {
    meta.#sum = sum;
    meta.#sizeBytes = sizeBytes;
  }

  /** The kept sum; good where {@link sizeOf} is above 0. */
  static sumOf(meta: VersionMeta): number {
    return meta.#sum;
  }

  /** Encoded size of the fields but resourceVersion, bytes; 0 while nobody has measured them. */
  static sizeOf(meta: VersionMeta): number {
    return meta.#sizeBytes;
  }
}

/** Metadata of an object that is not being deleted and has no finalizers. */
class LiveMeta extends VersionMeta {
  readonly generateName: string | undefined;
  readonly generation: number | undefined;
  readonly labels: StringMap | undefined;
  readonly annotations: StringMap | undefined;

  constructor(
    name: string,
    generateName: string | undefined,
    namespace: string | undefined,
    uid: string | undefined,
    generation: number | undefined,
    creationTimestamp: string | undefined,
    labels: StringMap | undefined,
    annotations: StringMap | undefined,
    ownerReferences: readonly OwnerReference[] | undefined,
  ) {
    super(name, namespace, uid, creationTimestamp, ownerReferences);
    this.generateName = generateName;
    this.generation = generation;
    this.labels = labels;
    this.annotations = annotations;
  }
}

/** Metadata with all its fields. */
class FullMeta extends LiveMeta {
  readonly deletionTimestamp: string | undefined;
  readonly deletionGracePeriodSeconds: number | undefined;
  readonly finalizers: readonly string[] | undefined;

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
    super(name, generateName, namespace, uid, generation, creationTimestamp, labels, annotations, ownerReferences);
    this.deletionTimestamp = deletionTimestamp;
    this.deletionGracePeriodSeconds = deletionGracePeriodSeconds;
    this.finalizers = finalizers;
  }
}

/** Metadata of a new version, without resourceVersion, in the smallest shape that holds what is given. */
export function versionMeta(
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
): VersionMeta {
  if (deletionTimestamp !== undefined || deletionGracePeriodSeconds !== undefined || finalizers !== undefined) {
    return new FullMeta(
      name,
      generateName,
      namespace,
      uid,
      generation,
      creationTimestamp,
      deletionTimestamp,
      deletionGracePeriodSeconds,
      labels,
      annotations,
      ownerReferences,
      finalizers,
    );
  }
  if (labels === undefined && annotations === undefined && generateName === undefined && generation === undefined) {
    return new VersionMeta(name, namespace, uid, creationTimestamp, ownerReferences);
  }
  return new LiveMeta(
    name,
    generateName,
    namespace,
    uid,
    generation,
    creationTimestamp,
    labels,
    annotations,
    ownerReferences,
  );
}

/** A copy of `meta` without resourceVersion (the store's commit sets it). What was measured of its fields goes with it. */
export function freshMeta(meta: ObjectMeta): VersionMeta {
  const copy = copyOf(meta);
  if (meta instanceof VersionMeta) VersionMeta.keepSum(copy, VersionMeta.sumOf(meta), VersionMeta.sizeOf(meta));
  return copy;
}

function copyOf(meta: ObjectMeta): VersionMeta {
  // A renewal of a lease does little else: fields that the shape does not have are not looked for.
  if (Object.getPrototypeOf(meta) === VersionMeta.prototype) {
    return new VersionMeta(meta.name, meta.namespace, meta.uid, meta.creationTimestamp, meta.ownerReferences);
  }
  return versionMeta(
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

/** A copy of `meta` as it stands at another revision, for a state that is not stored (a deletion's). */
export function metaAt(meta: ObjectMeta, revision: number): ObjectMeta {
  const copy = freshMeta(meta);
  (copy as { resourceVersion: string | undefined }).resourceVersion = String(revision);
  return copy;
}
