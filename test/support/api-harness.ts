/**
 * A store member, API servers and a bare client in one simulation, for tests of the API server.
 *
 * The client sends requests as they are (no retries, no token bucket) and keeps every answer and every watch event.
 */
import { ApiServer, type ApiServerOptions } from '../../core/api/api-server.ts';
import { ClusterNames } from '../../core/api/cluster-names.ts';
import type { Context } from '../../core/sim/context.ts';
import { OP_CONN_CLOSED } from '../../core/sim/ops.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../core/sim/process.ts';
import { Simulation, type SimulationOptions } from '../../core/sim/simulation.ts';
import { storeMember } from '../../core/store/member.ts';
import type { KubeObject } from '../../core/types/object.ts';
import type { ResourceType } from '../../core/types/resource-type.ts';
import {
  ApiRequest,
  type ApiResponse,
  NO_OPTIONS,
  OP_REQUEST,
  OP_RESPONSE,
  OP_WATCH_CLOSED,
  OP_WATCH_EVENTS,
  type PatchType,
  type RequestOptions,
  type Subresource,
  VERB,
  type Verb,
  type WatchEvent,
  type WatchEvents,
} from '../../core/types/wire.ts';

/** One stream as the client sees it. */
export class Stream {
  readonly events: WatchEvent[] = [];
  closed = false;
}

class BareClient implements Behaviour {
  readonly ctx: Context;
  readonly answers = new Map<number, ApiResponse>();
  readonly streams = new Map<number, Stream>();
  readonly other: { op: number; a: number; payload: Payload | null }[] = [];
  connections = new Map<Pid, Conn>();
  lost = 0;

  constructor(ctx: Context) {
    this.ctx = ctx;
  }

  start(): void {}

  receive(op: number, _from: Pid, a: number, _b: number, payload: Payload | null, conn: Conn): void {
    if (op === OP_RESPONSE) this.answers.set(a, payload as ApiResponse);
    else if (op === OP_WATCH_EVENTS) this.streams.get(a)?.events.push(...(payload as WatchEvents).events);
    else if (op === OP_WATCH_CLOSED) {
      const stream = this.streams.get(a);
      if (stream !== undefined) stream.closed = true;
    } else if (op === OP_CONN_CLOSED) {
      this.lost++;
      for (const [pid, known] of this.connections) if (known === conn) this.connections.delete(pid);
    } else this.other.push({ op, a, payload });
  }

  connection(server: Pid): Conn {
    let conn = this.connections.get(server);
    if (conn === undefined) {
      conn = this.ctx.connect(server);
      this.connections.set(server, conn);
    }
    return conn;
  }
}

export interface ApiHarnessOptions extends Partial<SimulationOptions> {
  readonly eventTtlS?: number;
  readonly servers?: number;
  readonly admission?: ApiServerOptions['admission'];
}

/** What a request is about; the rest has defaults. */
export interface RequestParts {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: Subresource;
  readonly object?: unknown;
  readonly patch?: unknown;
  readonly patchType?: PatchType;
  readonly options?: RequestOptions;
  readonly user?: string;
  readonly localId?: number;
  /** Index of the server. */
  readonly server?: number;
}

export class ApiHarness {
  readonly sim: Simulation;
  readonly cluster = new ClusterNames();
  readonly store: Pid;
  readonly servers: Pid[] = [];
  /** The running instance of each server. */
  readonly instances: ApiServer[] = [];
  client!: BareClient;
  readonly #client: Pid;
  #nextId = 1;

  constructor(options: ApiHarnessOptions = {}) {
    const { servers = 1, admission, eventTtlS, ...rest } = options;
    this.sim = new Simulation({ seed: 7, ...rest });
    this.store = this.sim.addProcess('etcd-0', 'm0', storeMember({ keys: this.cluster.keys }));
    for (let i = 0; i < servers; i++) {
      this.servers.push(
        this.sim.addProcess(`apiserver-${i}`, 'm0', (ctx) => {
          const settings = { ...(admission && { admission }), ...(eventTtlS && { eventTtlS }) };
          const server = new ApiServer(ctx, { store: [this.store], cluster: this.cluster, ...settings });
          this.instances[i] = server;
          return server;
        }),
      );
    }
    this.#client = this.sim.addProcess('client', 'm1', (ctx) => {
      this.client = new BareClient(ctx);
      return this.client;
    });
    this.run(1_000_000);
  }

  /** Runs `us` µs of virtual time. */
  run(us: number): void {
    this.sim.run(this.sim.now + us);
  }

  /** Sends a request now and returns its id. */
  send(verb: Verb, type: ResourceType, parts: RequestParts = {}): number {
    const id = this.#nextId++;
    const request = new ApiRequest(
      id,
      verb,
      type,
      parts.namespace ?? (type.namespaced ? 'default' : ''),
      parts.name ?? '',
      parts.subresource ?? '',
      (parts.object ?? null) as KubeObject | null,
      parts.patch ?? null,
      parts.patchType ?? '',
      parts.options ?? NO_OPTIONS,
      parts.user ?? 'tester',
      parts.localId,
    );
    if (verb === VERB.watch) this.client.streams.set(id, new Stream());
    const conn = this.client.connection(this.servers[parts.server ?? 0] as Pid);
    this.sim.contextOf(this.#client).sendOn(conn, OP_REQUEST, id, 0, request);
    return id;
  }

  /** Any other message on the client's connection. */
  sendRaw(op: number, payload: Payload | null, server = 0): number {
    const id = this.#nextId++;
    const conn = this.client.connection(this.servers[server] as Pid);
    this.sim.contextOf(this.#client).sendOn(conn, op, id, 0, payload);
    return id;
  }

  /** The answer to a request; undefined while there is none. */
  answer(id: number): ApiResponse | undefined {
    return this.client.answers.get(id);
  }

  /** Sends a request and runs until its answer is there (at most 70 s). */
  call(verb: Verb, type: ResourceType, parts: RequestParts = {}): ApiResponse {
    const id = this.send(verb, type, parts);
    return this.wait(id);
  }

  wait(id: number): ApiResponse {
    for (let i = 0; i < 7_000; i++) {
      const answer = this.client.answers.get(id);
      if (answer !== undefined) return answer;
      this.run(10_000);
    }
    throw new Error(`request ${id} got no answer`);
  }

  /** Like `call`, for answers that carry an object; any failure throws. */
  object(verb: Verb, type: ResourceType, parts: RequestParts = {}): KubeObject {
    const answer = this.call(verb, type, parts);
    if (answer.error !== null) throw new Error(`${answer.code}: ${answer.error.message}`);
    return answer.object as KubeObject;
  }

  create(type: ResourceType, object: unknown, parts: RequestParts = {}): KubeObject {
    const namespace = (object as KubeObject).metadata.namespace ?? parts.namespace;
    return this.object(VERB.create, type, { ...parts, ...(namespace === undefined ? {} : { namespace }), object });
  }

  get(type: ResourceType, name: string, parts: RequestParts = {}): ApiResponse {
    return this.call(VERB.get, type, { ...parts, name });
  }

  /** Opens a watch; its events are in the stream. */
  watch(type: ResourceType, options: RequestOptions = {}, parts: RequestParts = {}): Stream {
    const id = this.send(VERB.watch, type, { namespace: '', ...parts, options });
    const stream = this.client.streams.get(id) as Stream;
    this.run(50_000);
    return stream;
  }

  /** Id of the last request sent. */
  get lastId(): number {
    return this.#nextId - 1;
  }
}
