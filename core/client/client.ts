/**
 * What a component's tasks use to reach the API server: every verb is a generator that suspends the calling task once.
 *
 * One client = one token bucket and one connection (or a connection shared with other clients of the same process, as
 * client-go does for equal configurations). All verbs throw StatusError; a write that was sent and never answered throws one with
 * `outcomeUnknown`: it may have happened, and the caller must look before it assumes anything. Source: client-go 1.34 rest.
 */
import type { Context } from '../sim/context.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import { WAIT, type Wait } from '../sim/task.ts';
import type { NameTable } from '../types/names.ts';
import type { KubeObject } from '../types/object.ts';
import type { Binding, Eviction, Pod } from '../types/pod.ts';
import { PODS, type ResourceType } from '../types/resource-type.ts';
import {
  type ApiRequest,
  type ApiResponse,
  NO_OPTIONS,
  type PatchType,
  type RequestOptions,
  type Subresource,
  VERB,
  type Verb,
} from '../types/wire.ts';
import type { Balancer } from './balancer.ts';
import { L4Balancer } from './balancer.ts';
import type { Call, RequestListener } from './call.ts';
import { ConnectionClient } from './connection-client.ts';
import type { Component, Dispatcher } from './dispatcher.ts';
import { BucketRate } from './token-bucket.ts';
import { Transport } from './transport.ts';

/** How long an answer is waited for by default, µs (kube-apiserver --request-timeout). */
const REQUEST_TIMEOUT_US = 60_000_000;

export interface ClientOptions {
  /** API servers behind the default balancer (a draw per connection), or … */
  readonly servers?: readonly Pid[];
  /** … the balancer itself. */
  readonly balancer?: Balancer;
  /** Uses this client's connection instead of one of its own (the token bucket stays separate). */
  readonly shareConnectionOf?: Client;
  readonly user: string;
  /** Requests a second and burst; client-go's default is 5 and 10, a qps of 0 or less means no limit. */
  readonly qps: number;
  readonly burst: number;
  readonly names: NameTable;
  /** Default {@link REQUEST_TIMEOUT_US}; `options.timeoutUs` of a request goes before it. */
  readonly timeoutUs?: number;
}

/** A list's answer: objects with their local ids (see ResourceKeys), in the server's order. */
export interface ListResult<T extends KubeObject> {
  readonly items: readonly T[];
  readonly ids: Int32Array | readonly number[];
  readonly resourceVersion: string;
  /** Token of the next page, '' at the end. */
  readonly continue: string;
}

export class Client implements Component {
  readonly ctx: Context;
  readonly library: Dispatcher;
  readonly names: NameTable;
  readonly user: string;
  /** The same client for callers without tasks. */
  readonly connection: ConnectionClient;

  constructor(library: Dispatcher, options: ClientOptions) {
    this.ctx = library.ctx;
    this.library = library;
    this.names = options.names;
    this.user = options.user;
    const balancer = options.balancer ?? new L4Balancer(options.servers ?? []);
    const transport =
      options.shareConnectionOf?.connection.transport ??
      new Transport(library.ctx, { balancer, sweeps: true }, library);
    const rate = new BucketRate(options.qps, options.burst);
    const settings = { rate, timeoutUs: options.timeoutUs ?? REQUEST_TIMEOUT_US };
    this.connection = new ConnectionClient(library.ctx, transport, options.user, settings, library);
  }

  /** For owners without a dispatcher; with one, events arrive by themselves. */
  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): boolean {
    return this.connection.receive(op, from, a, b, payload, conn);
  }

  /** Sends a request that `connection` has made whose outcome `listener` hears with `tag`. */
  send(request: ApiRequest, tag: number, listener: RequestListener): Call {
    return this.connection.send(request, tag, listener);
  }

  /** GET of one object; '' as namespace for cluster-scoped types. Throws StatusError 404 when it is not there. */
  get<T extends KubeObject>(
    type: ResourceType,
    namespace: string,
    name: string,
    options: RequestOptions = NO_OPTIONS,
  ): Generator<Wait, T, unknown> {
    const request = this.connection.request(VERB.get, type, namespace, name, options);
    return this.#ask(request, objectOf<T>);
  }

  /** LIST; '' as namespace = all namespaces. */
  list<T extends KubeObject>(
    type: ResourceType,
    namespace = '',
    options: RequestOptions = NO_OPTIONS,
  ): Generator<Wait, ListResult<T>, unknown> {
    const request = this.connection.request(VERB.list, type, namespace, '', options);
    return this.#ask(request, listOf<T>);
  }

  /** POST. The answer is the object as stored. */
  create<T extends KubeObject>(
    type: ResourceType,
    object: T,
    options: RequestOptions = NO_OPTIONS,
  ): Generator<Wait, T, unknown> {
    return this.#write(VERB.create, type, '', object, options);
  }

  /** PUT; with `metadata.resourceVersion` it is conditional and throws 409 when the object has changed. */
  update<T extends KubeObject>(
    type: ResourceType,
    object: T,
    options: RequestOptions = NO_OPTIONS,
  ): Generator<Wait, T, unknown> {
    return this.#write(VERB.update, type, '', object, options);
  }

  /** PUT of the status subresource. */
  updateStatus<T extends KubeObject>(
    type: ResourceType,
    object: T,
    options: RequestOptions = NO_OPTIONS,
  ): Generator<Wait, T, unknown> {
    return this.#write(VERB.update, type, 'status', object, options);
  }

  /** PUT of a pod's resize subresource: amounts of its containers, and nothing else. */
  resize(pod: Pod, options: RequestOptions = NO_OPTIONS): Generator<Wait, Pod, unknown> {
    return this.#write(VERB.update, PODS, 'resize', pod, options);
  }

  #write<T extends KubeObject>(
    verb: Verb,
    type: ResourceType,
    subresource: Subresource,
    object: T,
    options: RequestOptions,
  ): Generator<Wait, T, unknown> {
    const { namespace = '', name } = object.metadata;
    const request = this.connection.writeRequest(verb, type, namespace, name, subresource, object, options);
    return this.#ask(request, objectOf<T>);
  }

  /** PATCH; `subresource` 'status' or 'scale' where needed. */
  patch<T extends KubeObject>(
    type: ResourceType,
    namespace: string,
    name: string,
    patch: unknown,
    patchType: Exclude<PatchType, ''>,
    subresource: Subresource = '',
    options: RequestOptions = NO_OPTIONS,
  ): Generator<Wait, T, unknown> {
    const { connection } = this;
    const request = connection.patchRequest(type, namespace, name, subresource, patch, patchType, options);
    return this.#ask(request, objectOf<T>);
  }

  /** DELETE; the answer is the object as it is now (gone, or terminating), null when the server does not say. */
  delete<T extends KubeObject>(
    type: ResourceType,
    namespace: string,
    name: string,
    options: RequestOptions = NO_OPTIONS,
  ): Generator<Wait, T | null, unknown> {
    const request = this.connection.request(VERB.delete, type, namespace, name, options);
    return this.#ask(request, objectOf<T | null>);
  }

  /** DELETE of a collection, chosen by the options' selectors. */
  deleteCollection(
    type: ResourceType,
    namespace: string,
    options: RequestOptions = NO_OPTIONS,
  ): Generator<Wait, void, unknown> {
    const request = this.connection.request(VERB.deletecollection, type, namespace, '', options);
    return this.#ask(request, nothingOf);
  }

  /** POST of an Eviction; throws 429 while a disruption budget does not allow it. */
  evict(namespace: string, name: string, options: RequestOptions = NO_OPTIONS): Generator<Wait, void, unknown> {
    const { gracePeriodSeconds, preconditions } = options;
    const eviction: Eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
      deleteOptions: { gracePeriodSeconds, preconditions },
    };
    const request = this.connection.writeRequest(VERB.create, PODS, namespace, name, 'eviction', eviction);
    return this.#ask(request, nothingOf);
  }

  /** POST of a Binding; `uid` of the pod, '' leaves the check out; `localId` where it is known. Throws 409 when it is bound already. */
  bind(
    namespace: string,
    podName: string,
    nodeName: string,
    uid: string,
    localId = -1,
  ): Generator<Wait, void, unknown> {
    const binding: Binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: podName, namespace, uid: uid === '' ? undefined : uid },
      target: { kind: 'Node', name: nodeName },
    };
    const { connection } = this;
    const request = connection.writeRequest(
      VERB.create,
      PODS,
      namespace,
      podName,
      'binding',
      binding,
      NO_OPTIONS,
      localId,
    );
    return this.#ask(request, nothingOf);
  }

  /** Sends any request and suspends the current task until its answer; throws StatusError. */
  perform(request: ApiRequest): Generator<Wait, ApiResponse, unknown> {
    return this.#ask(request, wholeOf);
  }

  /** The one generator of a request: each further one costs a frame, and a step for each resume. */
  *#ask<T>(request: ApiRequest, partOf: (response: ApiResponse) => T): Generator<Wait, T, unknown> {
    const call = this.connection.sendFor(this.ctx.currentTask, request);
    try {
      return partOf((yield WAIT) as ApiResponse);
    } catch (error) {
      call.abandon();
      throw error;
    }
  }
}

// What verbs take out of an answer.

function nothingOf(): void {}

function wholeOf(response: ApiResponse): ApiResponse {
  return response;
}

function objectOf<T extends KubeObject | null>({ object }: ApiResponse): T {
  return object as T;
}

function listOf<T extends KubeObject>(response: ApiResponse): ListResult<T> {
  return {
    items: (response.items ?? []) as readonly T[],
    ids: response.ids ?? [],
    resourceVersion: response.resourceVersion,
    continue: response.continue,
  };
}
