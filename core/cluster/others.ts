/**
 * Other people with access to the cluster, on the user's machine: those whose clients list or report without measure, and somebody who changes a field by
 * hand.
 *
 * They have accounts of their own, to which nobody has given any role: rules about components do not concern them.
 */
import { Client } from '../client/client.ts';
import type { Dispatcher } from '../client/dispatcher.ts';
import { Informer } from '../client/informer.ts';
import type { Context } from '../sim/context.ts';
import type { Pid } from '../sim/process.ts';
import type { Wait } from '../sim/task.ts';
import type { Event } from '../types/event.ts';
import type { NameTable } from '../types/names.ts';
import type { KubeObject } from '../types/object.ts';
import type { ResourceType } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { formatTime } from '../types/time.ts';
import { BURST_USER, OTHER_USER } from '../types/user-names.ts';

const RETRY_US = 1_000_000;
const SECOND_US = 1_000_000;
/** Requests of one burst that may be under way, or watches that may be open; what would be more is not sent. */
const RUNNING_MAX = 200;

/** What a burst asks for, over and over: a list of all objects of a type, a list and a watch that stays open, or that another Event is kept. */
export interface Load {
  readonly kind: 'lists' | 'watches' | 'events';
  readonly type: ResourceType;
}

/** A burst of load; it goes on until `isOver`. */
export interface Burst {
  isOver: boolean;
  /** Requests sent or watches begun so far. */
  sent: number;
}

/** One operation of a JSON patch. */
export interface PatchStep {
  readonly op: 'test' | 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** A field that somebody changes, and how it becomes what it was. */
export interface FieldChange {
  readonly type: ResourceType;
  /** '' for objects without one. */
  readonly namespace: string;
  readonly name: string;
  readonly isStatus: boolean;
  /** Keys of the field, outermost first. */
  readonly parts: readonly string[];
  /** What the field was; undefined where it was not there. */
  readonly before: unknown;
  readonly make: readonly PatchStep[];
  readonly undo: readonly PatchStep[];
}

/** How far a change is; `isOver` asks for it to be undone. */
export interface ChangeState {
  /** The field is no longer what it was: a server may take a patch and keep its own value. */
  isMade: boolean;
  isOver: boolean;
  /** Taken back, or somebody else had changed the field by then. */
  isUndone: boolean;
  /** What was sent and is not answered yet. */
  sent: readonly PatchStep[] | null;
  /** What the server said to the change, where it refused it for good. */
  refusal: string | null;
}

export class Others {
  readonly #ctx: Context;
  readonly #library: Dispatcher;
  readonly #names: NameTable;
  #bursts = 0;

  constructor(ctx: Context, library: Dispatcher, names: NameTable) {
    this.#ctx = ctx;
    this.#library = library;
    this.#names = names;
  }

  /** Asks the servers in turn, so many times a second; watches stay open until the burst is over. */
  burst(servers: readonly Pid[], load: Load, perSecond: number): Burst {
    const burst: Burst = { isOver: false, sent: 0 };
    const clients = servers.map((server) => this.#client([server], BURST_USER));
    const name = `burst-${++this.#bursts}`;
    this.#ctx.startTask('burst', name, this.#send(burst, name, clients, load, perSecond));
    return burst;
  }

  /** Changes a field by any of the servers. */
  change(servers: readonly Pid[], change: FieldChange): ChangeState {
    const state: ChangeState = { isMade: false, isOver: false, isUndone: false, sent: null, refusal: null };
    const { type, namespace, name } = change;
    const key = `${type.kind}/${namespace === '' ? '' : `${namespace}/`}${name}`;
    this.#ctx.startTask('field-change', key, this.#change(this.#client(servers, OTHER_USER), change, state));
    return state;
  }

  #client(servers: readonly Pid[], user: string): Client {
    return new Client(this.#library, { servers, user, qps: 0, burst: 0, names: this.#names });
  }

  *#send(
    burst: Burst,
    name: string,
    clients: readonly Client[],
    load: Load,
    perSecond: number,
  ): Generator<Wait, void, unknown> {
    const running = { count: 0 };
    const watched: Informer<KubeObject>[] = [];
    while (!burst.isOver) {
      const client = clients[burst.sent % clients.length] as Client;
      if (running.count < RUNNING_MAX) {
        burst.sent++;
        running.count++;
        const key = `${name}.${burst.sent}`;
        if (load.kind === 'watches') watched.push(begunInformer(client, load.type));
        else this.#ctx.startTask('burst', key, this.#ask(client, load, key, running));
      }
      yield* this.#ctx.sleep(Math.max(1, Math.round(SECOND_US / perSecond)));
    }
    for (const informer of watched) informer.stop();
  }

  /** One request; nobody looks at what comes of it. */
  *#ask(client: Client, { kind, type }: Load, key: string, running: { count: number }): Generator<Wait, void, unknown> {
    try {
      if (kind === 'events') yield* client.create(type, this.#event(key));
      else yield* client.list(type);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
    running.count--;
  }

  #event(name: string): Event {
    const now = formatTime(this.#ctx.wallUs());
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: 'default' },
      involvedObject: { apiVersion: 'v1', kind: 'Namespace', name: 'default' },
      reason: 'Burst',
      message: 'one of many',
      source: { component: 'burst' },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type: 'Normal',
    };
  }

  /** Makes the change, waits until it is over, and undoes it where the field still is what it was made. */
  *#change(client: Client, change: FieldChange, state: ChangeState): Generator<Wait, void, unknown> {
    state.sent = change.make;
    const made = yield* this.#patch(client, change, change.make, state);
    state.sent = null;
    state.isMade = made === true;
    if (made instanceof StatusError) state.refusal = made.message;
    if (!state.isMade) return;
    while (!state.isOver) yield* this.#ctx.sleep(RETRY_US);
    state.sent = change.undo;
    const undone = yield* this.#patch(client, change, change.undo, state);
    state.sent = null;
    // A patch that does not apply names no object: somebody else has changed the field since. Any other refusal leaves it as it is.
    const isStale = undone instanceof StatusError && undone.isInvalid && undone.details?.kind === undefined;
    state.isUndone = undone === true || isStale;
  }

  /**
   * Tries again each second while the server is away or busy, the change only until it is over. Whether the patch was carried out and had an effect, or why it
   * was refused for good.
   */
  *#patch(
    client: Client,
    change: FieldChange,
    steps: readonly PatchStep[],
    state: ChangeState,
  ): Generator<Wait, boolean | StatusError, unknown> {
    const { type, namespace, name, isStatus } = change;
    let mayBeDone = false;
    for (;;) {
      try {
        const object = yield* client.patch(type, namespace, name, steps, 'json', isStatus ? 'status' : '');
        return steps === change.undo || valueAt(object, change.parts) !== change.before;
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        // Its test fails once it has been carried out, which nobody may have heard of.
        if (error.isInvalid && mayBeDone) return true;
        if (error.outcomeUnknown) mayBeDone = true;
        else if (error.code < 500 && error.code !== 429 && error.code !== 409) return error;
      }
      if (steps === change.make && state.isOver && !mayBeDone) return false;
      yield* this.#ctx.sleep(RETRY_US);
    }
  }
}

/** What an object has at a path of keys; undefined where there is no such field. */
export function valueAt(object: KubeObject, parts: readonly string[]): unknown {
  let at: unknown = object;
  for (const part of parts) at = (at as Record<string, unknown> | null | undefined)?.[part];
  return at;
}

function begunInformer(client: Client, type: ResourceType): Informer<KubeObject> {
  const informer = new Informer<KubeObject>(client, type);
  informer.start();
  return informer;
}
