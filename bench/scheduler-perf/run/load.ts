/**
 * The process that puts load on the cluster: a client with the original's rate, and tasks that run one after the other or
 * side by side. What an operation does stands in the files beside this one.
 */
import { Client } from '../../../core/client/client.ts';
import { Dispatcher } from '../../../core/client/dispatcher.ts';
import type { Cluster } from '../../../core/cluster/cluster.ts';
import type { Context } from '../../../core/sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../../core/sim/process.ts';
import { WAIT, type Wait } from '../../../core/sim/task.ts';
import { copyWith } from '../../../core/types/json-value.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { ResourceType, ResourceTypes } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { type ApiResponse, type RequestOptions, VERB } from '../../../core/types/wire.ts';

/** Requests a second and burst of the original's client. */
const CLIENT_QPS = 5000;
/** Creations side by side. */
const WORKERS = 30;
const NOT_FOUND = 404;
export const CONFLICT = 409;

/** Why a workload cannot go on; one line. */
export class WorkloadFailure extends Error {
  /** The server's code where it refused something, 0 otherwise. */
  readonly code: number;

  constructor(message: string, code = 0) {
    super(message);
    this.name = 'WorkloadFailure';
    this.code = code;
  }
}

export type Steps = Generator<Wait, void, unknown>;

/** The load's process. */
export class Load implements Behaviour {
  readonly ctx: Context;
  readonly client: Client;
  readonly types: ResourceTypes;
  readonly #library: Dispatcher;
  /** What stopped a task; undefined while nothing has. */
  failure: Error | undefined;
  /** What makes its figures worth little, though it went on. */
  readonly notes: string[] = [];

  constructor(ctx: Context, cluster: Cluster) {
    this.ctx = ctx;
    this.#library = new Dispatcher(ctx);
    this.types = cluster.names.types;
    this.client = new Client(this.#library, {
      servers: cluster.instancesOf('apiserver'),
      user: 'system:admin',
      qps: CLIENT_QPS,
      burst: CLIENT_QPS,
      names: cluster.names.names,
    });
  }

  start(): void {}

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    this.#library.receive(op, from, a, b, payload, conn);
  }

  /** Runs `body` beside everything else; `done` is called when it has ended, whatever the reason. */
  begin(what: string, body: Steps, done?: () => void): void {
    this.ctx.startTask('scheduler-perf', what, this.#guarded(body, done));
  }

  *#guarded(body: Steps, done: (() => void) | undefined): Steps {
    try {
      yield* body;
    } catch (error) {
      this.failure ??= error as Error;
    }
    done?.();
  }

  /** Runs `work` for 0 … count − 1, some at a time, and waits for all. @throws the first error of any */
  *parallel(what: string, count: number, work: (index: number) => Generator<Wait, unknown, unknown>): Steps {
    const load = this;
    const { ctx } = this;
    const waiting = ctx.currentTask;
    let next = 0;
    let running = Math.min(WORKERS, count);
    let suspended = false;
    // As #guarded does it, but in one frame: each further one costs a step for each request.
    const worker = function* (): Steps {
      try {
        while (next < count) yield* work(next++);
      } catch (error) {
        load.failure ??= error as Error;
      }
      running--;
      if (running === 0 && suspended) ctx.resume(waiting, null);
    };
    for (let i = running; i > 0; i--) ctx.startTask('scheduler-perf', what, worker());
    suspended = true;
    if (running > 0) yield WAIT;
    if (this.failure !== undefined) throw this.failure;
  }

  /** Creates an object in a namespace ('' for kinds without); the answer is the stored one. @throws WorkloadFailure */
  *create(type: ResourceType, namespace: string, object: KubeObject): Generator<Wait, KubeObject, unknown> {
    const { apiVersion } = type;
    const sent = object.apiVersion === apiVersion ? object : { ...object, apiVersion };
    const { connection } = this.client;
    const request = connection.writeRequest(VERB.create, type, namespace, '', '', sent);
    // Without the client's own frame: a workload is mostly creates.
    const call = connection.sendFor(this.ctx.currentTask, request);
    try {
      return ((yield WAIT) as ApiResponse).object as KubeObject;
    } catch (error) {
      call.abandon();
      throw failureOf(error, `create ${type.kind} ${nameOf(object)}`);
    }
  }

  /** Creates an object and writes its status, which a create leaves out. @throws WorkloadFailure */
  *createWithStatus(type: ResourceType, namespace: string, object: KubeObject, status: object): Steps {
    const created = yield* this.create(type, namespace, object);
    yield* this.updateStatus(type, copyWith(created, { status }));
  }

  /** Writes an object's status. @throws WorkloadFailure */
  *updateStatus(type: ResourceType, object: KubeObject): Steps {
    try {
      yield* this.client.updateStatus(type, object);
    } catch (error) {
      throw failureOf(error, `update status of ${type.kind} ${nameOf(object)}`);
    }
  }

  /** All objects of a type. @throws WorkloadFailure */
  *list<T extends KubeObject>(type: ResourceType): Generator<Wait, readonly T[], unknown> {
    try {
      return (yield* this.client.list<T>(type)).items;
    } catch (error) {
      throw failureOf(error, `list ${type.qualifiedName}`);
    }
  }

  /** Creates a namespace unless it is there. */
  *createNamespace(type: ResourceType, object: KubeObject): Steps {
    const request = this.client.connection.writeRequest(VERB.create, type, '', '', '', object);
    try {
      yield* this.client.perform(request);
    } catch (error) {
      if (error instanceof StatusError && error.code === CONFLICT) return;
      throw failureOf(error, `create namespace ${object.metadata.name}`);
    }
  }

  /** Deletes an object; one that is gone is what was wanted. */
  *delete(type: ResourceType, namespace: string, name: string, options: RequestOptions): Steps {
    try {
      yield* this.client.delete(type, namespace, name, options);
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== NOT_FOUND)
        throw failureOf(error, `delete ${type.kind} ${name}`);
    }
  }

  /** The type of an object. */
  typeOf(object: KubeObject): ResourceType {
    return typeIn(this.types, object);
  }
}

/**
 * The type of an object; kinds that the cluster does not know are stored as they are. resource.k8s.io/v1beta2 has the fields of v1, which is what a
 * server makes of it.
 */
export function typeIn(types: ResourceTypes, { apiVersion, kind }: KubeObject): ResourceType {
  return types.register(apiVersion === 'resource.k8s.io/v1beta2' ? 'resource.k8s.io/v1' : apiVersion, kind);
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.name || (metadata.generateName ?? '');
}

/** A refusal of the API server as a reason for the end of the workload; anything else as it is. */
export function failureOf(error: unknown, what: string): unknown {
  return error instanceof StatusError ? new WorkloadFailure(`${what}: ${error.message}`, error.code) : error;
}
