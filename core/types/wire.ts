/**
 * The messages between the client library and the API server; all of them travel on a connection.
 *
 * Messages are immutable once sent. Each hashes its content once and keeps the number, since one message may be delivered
 * to several processes; objects in it are hashed once however many messages carry them (`object-hash.ts`).
 */
import { hashJson, hashName, hashString, mix } from '../base/content-hash.ts';
import type { KubeObject } from './object.ts';
import { fieldTerm, objectHash, valueHash } from './object-hash.ts';
import type { ResourceType } from './resource-type.ts';
import type { StatusError } from './status-error.ts';

/** Opcodes; `a` is the request id for the first two and the watch id for the others. */
export const OP_REQUEST = 32;
export const OP_RESPONSE = 33;
export const OP_WATCH_EVENTS = 34;
export const OP_WATCH_CLOSED = 35;

/** Verbs of the API. */
export const VERB = {
  get: 1,
  list: 2,
  watch: 3,
  create: 4,
  update: 5,
  patch: 6,
  delete: 7,
  deletecollection: 8,
} as const;
export type Verb = (typeof VERB)[keyof typeof VERB];

/** Whether a verb changes the store. */
export function isMutating(verb: number): boolean {
  return verb >= VERB.create;
}

export type Subresource = '' | 'status' | 'scale' | 'resize' | 'binding' | 'eviction' | 'finalize';
export type PatchType = '' | 'merge' | 'strategic' | 'json';
export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

/** Options of all verbs (meta/v1 ListOptions, DeleteOptions …). Absent means the API's default. */
export interface RequestOptions {
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly allowWatchBookmarks?: boolean | undefined;
  readonly sendInitialEvents?: boolean | undefined;
  /** How long the client waits (requests) or wants the stream to last (watch), µs. */
  readonly timeoutUs?: number | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: PropagationPolicy | undefined;
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  readonly dryRun?: boolean | undefined;
}

/** No options; shared, so that the usual request allocates none. */
export const NO_OPTIONS: RequestOptions = Object.freeze({});

function optionalHash(object: KubeObject | null): number {
  return object === null ? 0 : objectHash(object);
}

/**
 * A request. `id` is unique on its connection. For eviction and binding `object` is the posted Eviction or Binding. Clients make them by the methods of
 * ConnectionClient, which name what goes in.
 */
export class ApiRequest {
  readonly id: number;
  readonly verb: Verb;
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: Subresource;
  readonly object: KubeObject | null;
  readonly patch: unknown;
  readonly patchType: PatchType;
  readonly options: RequestOptions;
  readonly user: string;
  /**
   * Local id of the object that is named, where the sender knows it, so that its name is not looked up again; −1 otherwise. It says what `namespace` and
   * `name` say, which the server holds it to.
   */
  readonly localId: number;
  #hash = 0;
  #hashed = false;

  constructor(
    id: number,
    verb: Verb,
    type: ResourceType,
    namespace: string,
    name: string,
    subresource: Subresource,
    object: KubeObject | null,
    patch: unknown,
    patchType: PatchType,
    options: RequestOptions,
    user: string,
    localId = -1,
  ) {
    this.id = id;
    this.verb = verb;
    this.type = type;
    this.namespace = namespace;
    this.name = name;
    this.subresource = subresource;
    this.object = object;
    this.patch = patch;
    this.patchType = patchType;
    this.options = options;
    this.user = user;
    this.localId = localId;
  }

  /** A delete that a server carries out as part of another request; it comes by no connection. */
  static ofDelete(
    type: ResourceType,
    namespace: string,
    name: string,
    options: RequestOptions,
    user: string,
  ): ApiRequest {
    return new ApiRequest(0, VERB.delete, type, namespace, name, '', null, null, '', options, user);
  }

  contentHash(): number {
    if (this.#hashed) return this.#hash;
    let h = mix(mix(this.id | 0, this.verb), this.type.id);
    // As fields, of which a body's metadata has the same: their texts are read once.
    h = mix(mix(h, fieldTerm('namespace', this.namespace)), fieldTerm('name', this.name));
    if (this.subresource !== '') h = mix(h, hashString(this.subresource));
    if (this.object !== null) h = mix(h, objectHash(this.object));
    if (this.patchType !== '') h = mix(mix(h, hashString(this.patchType)), valueHash(this.patch));
    if (this.options !== NO_OPTIONS) h = mix(h, valueHash(this.options));
    this.#hash = mix(h, hashName(this.user));
    this.#hashed = true;
    return this.#hash;
  }
}

/**
 * An answer. `object` for single objects, `items` (with their local `ids`, same order) for lists, `error` for failures
 * (`code` ≥ 400). A watch is answered with code 200 before its first events.
 */
export class ApiResponse {
  readonly id: number;
  readonly code: number;
  readonly object: KubeObject | null;
  readonly error: StatusError | null;
  readonly items: readonly KubeObject[] | null;
  readonly ids: Int32Array | readonly number[] | null;
  readonly resourceVersion: string;
  readonly continue: string;
  #hash = 0;
  #hashed = false;

  constructor(
    id: number,
    code: number,
    object: KubeObject | null,
    error: StatusError | null,
    items: readonly KubeObject[] | null = null,
    ids: Int32Array | readonly number[] | null = null,
    resourceVersion = '',
    continueToken = '',
  ) {
    this.id = id;
    this.code = code;
    this.object = object;
    this.error = error;
    this.items = items;
    this.ids = ids;
    this.resourceVersion = resourceVersion;
    this.continue = continueToken;
  }

  /** The answer to a single-object request. */
  static ofObject(id: number, code: number, object: KubeObject): ApiResponse {
    return new ApiResponse(id, code, object, null);
  }

  /** The answer to a request that failed. */
  static ofError(id: number, error: StatusError): ApiResponse {
    return new ApiResponse(id, error.code, null, error);
  }

  /** The answer to a list. */
  static ofList(
    id: number,
    items: readonly KubeObject[],
    ids: Int32Array | readonly number[],
    resourceVersion: string,
    continueToken = '',
  ): ApiResponse {
    return new ApiResponse(id, 200, null, null, items, ids, resourceVersion, continueToken);
  }

  contentHash(): number {
    if (this.#hashed) return this.#hash;
    let h = mix(mix(this.id | 0, this.code), optionalHash(this.object));
    if (this.error !== null) {
      h = mix(mix(h, hashString(this.error.reason)), hashString(this.error.message));
      if (this.error.details !== null) h = mix(h, hashJson(this.error.details));
      if (this.error.outcomeUnknown) h = mix(h, 1);
    }
    if (this.items !== null) {
      h = mix(h, this.items.length);
      for (const item of this.items) h = mix(h, objectHash(item));
    }
    if (this.ids !== null) for (let i = 0; i < this.ids.length; i++) h = mix(h, this.ids[i] as number);
    h = mix(h, hashString(this.resourceVersion));
    this.#hash = this.continue === '' ? h : mix(h, hashString(this.continue));
    this.#hashed = true;
    return this.#hash;
  }
}

/** Types of watch events. */
export const ADDED = 1;
export const MODIFIED = 2;
export const DELETED = 3;
export const BOOKMARK = 4;
export const ERROR = 5;
export type WatchEventType = typeof ADDED | typeof MODIFIED | typeof DELETED | typeof BOOKMARK | typeof ERROR;

/**
 * One change of one object. One instance is shared by the watch cache, every watcher, informers and history; that of a put is
 * the stored version itself. `keyId` is the local id in the type's ResourceKeys, `revision` the store's. A deletion carries the
 * last state with the deletion's revision. For BOOKMARK and ERROR see `bookmark` and `failure`.
 */
export class WatchEvent {
  // A stored version gets these when the store commits it and the first cache takes it in; nobody else sets them.
  /** A {@link WatchEventType}; 0 while no cache has taken in the stored version that this is. */
  type: number;
  keyId: number;
  revision: number;
  readonly object: KubeObject;
  previous: KubeObject | null;

  constructor(type: number, keyId: number, revision: number, object: KubeObject, previous: KubeObject | null) {
    this.type = type;
    this.keyId = keyId;
    this.revision = revision;
    this.object = object;
    this.previous = previous;
  }

  /** A bookmark of `revision`; `initialEventsEnd` marks the end of a streaming list. */
  static bookmark(type: ResourceType, revision: number, initialEventsEnd = false): WatchEvent {
    const object: KubeObject = {
      apiVersion: type.apiVersion,
      kind: type.kind,
      metadata: {
        name: '',
        resourceVersion: String(revision),
        annotations: initialEventsEnd ? { 'k8s.io/initial-events-end': 'true' } : undefined,
      },
    };
    return new WatchEvent(BOOKMARK, -1, revision, object, null);
  }

  /** The error that ends a stream, e.g. 410 Expired. */
  static failure(error: StatusError): WatchEvent {
    const object: KubeObject = { apiVersion: 'v1', kind: 'Status', metadata: { name: '' }, status: error };
    return new WatchEvent(ERROR, -1, 0, object, null);
  }

  /** The StatusError of an ERROR event, null for other events. */
  get error(): StatusError | null {
    return this.type === ERROR ? (this.object.status as StatusError) : null;
  }

  /** Not kept: the object's own hash is, and the batches that carry the event keep theirs. */
  contentHash(): number {
    const h = mix(mix(this.type, this.keyId), this.revision | 0);
    const error = this.error;
    return error === null ? mix(h, objectHash(this.object)) : mix(mix(h, error.code), hashString(error.message));
  }
}

/** A batch of events to one watcher, in order of revision; `a` of the message is the watch id. */
export class WatchEvents {
  readonly events: readonly WatchEvent[];
  #hash = 0;
  #hashed = false;

  constructor(events: readonly WatchEvent[]) {
    this.events = events;
  }

  contentHash(): number {
    if (this.#hashed) return this.#hash;
    let h = this.events.length;
    for (const event of this.events) h = mix(h, event.contentHash());
    this.#hash = h;
    this.#hashed = true;
    return h;
  }
}
