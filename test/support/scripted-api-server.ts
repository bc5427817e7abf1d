/**
 * A test peer for the client library: a small API server over a plain map, whose answers a test can replace.
 *
 * It keeps objects of any type, gives revisions, serves lists and watches, and does what `script` says instead where that
 * says anything. Only for tests of core/client.
 */
import type { Context } from '../../core/sim/context.ts';
import { OP_CONN_CLOSED } from '../../core/sim/ops.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../core/sim/process.ts';
import type { NameTable } from '../../core/types/names.ts';
import type { KubeObject } from '../../core/types/object.ts';
import type { ResourceType } from '../../core/types/resource-type.ts';
import { StatusError } from '../../core/types/status-error.ts';
import {
  ADDED,
  type ApiRequest,
  ApiResponse,
  DELETED,
  MODIFIED,
  OP_REQUEST,
  OP_RESPONSE,
  OP_WATCH_CLOSED,
  OP_WATCH_EVENTS,
  VERB,
  WatchEvent,
  WatchEvents,
} from '../../core/types/wire.ts';

/**
 * What a test wants done with a request: an error, an answer without any effect, no answer at all (before or after it took effect),
 * or undefined = serve it.
 */
export type Scripted = StatusError | ApiResponse | 'drop' | 'apply-and-drop' | undefined;

/** What survives restarts and is shared by several servers. */
export class ScriptedState {
  readonly names: NameTable;
  revision = 10;
  /** Revisions up to here are too old to watch from. */
  compacted = 0;
  readonly objects = new Map<number, Map<number, KubeObject>>();
  readonly history: { readonly type: ResourceType; readonly event: WatchEvent }[] = [];
  /** Every request that reached a server, in order. */
  readonly log: { readonly timeUs: number; readonly server: string; readonly request: ApiRequest }[] = [];
  script: (request: ApiRequest, server: string) => Scripted = () => undefined;
  readonly listeners: ((type: ResourceType, event: WatchEvent) => void)[] = [];

  constructor(names: NameTable) {
    this.names = names;
  }

  of(type: ResourceType): Map<number, KubeObject> {
    let objects = this.objects.get(type.id);
    if (objects === undefined) {
      objects = new Map();
      this.objects.set(type.id, objects);
    }
    return objects;
  }

  /** Creates or replaces an object and tells watchers. */
  put(type: ResourceType, object: KubeObject): KubeObject {
    const id = this.names.keys(type).intern(object.metadata.namespace ?? '', object.metadata.name);
    const objects = this.of(type);
    const previous = objects.get(id) ?? null;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.revision) } };
    objects.set(id, stored);
    this.#publish(type, new WatchEvent(previous === null ? ADDED : MODIFIED, id, this.revision, stored, previous));
    return stored;
  }

  remove(type: ResourceType, namespace: string, name: string): KubeObject | undefined {
    const id = this.names.keys(type).find(namespace, name);
    const last = this.of(type).get(id);
    if (last === undefined) return undefined;
    this.of(type).delete(id);
    this.#publish(type, new WatchEvent(DELETED, id, ++this.revision, last, last));
    return last;
  }

  #publish(type: ResourceType, event: WatchEvent): void {
    this.history.push({ type, event });
    for (const listener of this.listeners) listener(type, event);
  }
}

interface Watch {
  readonly conn: Conn;
  readonly id: number;
  readonly type: ResourceType;
}

export class ScriptedApiServer implements Behaviour {
  readonly #ctx: Context;
  readonly #state: ScriptedState;
  #watches: Watch[] = [];
  #stopped = false;

  constructor(ctx: Context, state: ScriptedState) {
    this.#ctx = ctx;
    this.#state = state;
    const { incarnation } = ctx.sim.processes;
    const mine = incarnation[ctx.pid];
    state.listeners.push((type, event) => {
      this.#stopped ||= incarnation[ctx.pid] !== mine;
      if (this.#stopped) return;
      for (const watch of this.#watches) if (watch.type.id === type.id) this.#events(watch, [event]);
    });
  }

  start(): void {}

  receive(op: number, _from: Pid, a: number, _b: number, payload: Payload | null, conn: Conn): void {
    if (op === OP_CONN_CLOSED) this.#watches = this.#watches.filter((watch) => watch.conn !== conn);
    if (op === OP_WATCH_CLOSED) this.#watches = this.#watches.filter((watch) => watch.conn !== conn || watch.id !== a);
    if (op !== OP_REQUEST) return;
    const request = payload as ApiRequest;
    this.#state.log.push({ timeUs: this.#ctx.sim.now, server: this.#ctx.name, request });
    const scripted = this.#state.script(request, this.#ctx.name);
    if (scripted === 'drop') return;
    let answer = scripted instanceof ApiResponse ? scripted : null;
    if (scripted instanceof StatusError) answer = ApiResponse.ofError(request.id, scripted);
    answer ??= this.#serve(request, conn);
    if (scripted !== 'apply-and-drop') this.#ctx.sendOn(conn, OP_RESPONSE, request.id, 0, answer);
    if (request.verb === VERB.watch && answer.error === null) this.#replay(request, conn);
  }

  /** Ends all watches in order, as a server does that drops slow watchers. */
  closeWatches(): void {
    for (const { conn, id } of this.#watches) this.#ctx.sendOn(conn, OP_WATCH_CLOSED, id, 0, null);
    this.#watches = [];
  }

  #events(watch: Watch, events: WatchEvent[]): void {
    this.#ctx.sendOn(watch.conn, OP_WATCH_EVENTS, watch.id, 0, new WatchEvents(events));
  }

  #replay(request: ApiRequest, conn: Conn): void {
    const watch = { conn, id: request.id, type: request.type };
    const from = Number(request.options.resourceVersion);
    this.#watches.push(watch);
    const missed = this.#state.history.filter(({ type, event }) => type.id === watch.type.id && event.revision > from);
    if (missed.length > 0)
      this.#events(
        watch,
        missed.map(({ event }) => event),
      );
  }

  #serve(request: ApiRequest, conn: Conn): ApiResponse {
    const { id, verb, type, namespace, name } = request;
    const state = this.#state;
    const objects = state.of(type);
    const found = objects.get(state.names.keys(type).find(namespace, name));
    void conn;
    switch (verb) {
      case VERB.list:
        return ApiResponse.ofList(id, [...objects.values()], [...objects.keys()], String(state.revision));
      case VERB.watch: {
        const gone = Number(request.options.resourceVersion) < state.compacted;
        if (gone) return ApiResponse.ofError(id, new StatusError(410, 'Expired', 'too old resource version'));
        return new ApiResponse(id, 200, null, null);
      }
      case VERB.create: {
        if (request.subresource !== '') return new ApiResponse(id, 201, request.object, null);
        if (found !== undefined) return ApiResponse.ofError(id, StatusError.alreadyExists(type, name));
        return ApiResponse.ofObject(id, 201, state.put(type, request.object as KubeObject));
      }
      default:
        break;
    }
    if (found === undefined) return ApiResponse.ofError(id, StatusError.notFound(type, name));
    if (verb === VERB.delete) state.remove(type, namespace, name);
    if (verb === VERB.patch)
      return ApiResponse.ofObject(id, 200, state.put(type, { ...found, ...(request.patch as object) }));
    if (verb === VERB.update) {
      const object = request.object as KubeObject;
      if (object.metadata.resourceVersion !== found.metadata.resourceVersion) {
        return ApiResponse.ofError(id, StatusError.conflict(type, name, 'the object has been modified'));
      }
      return ApiResponse.ofObject(id, 200, state.put(type, object));
    }
    return ApiResponse.ofObject(id, 200, found);
  }
}
