/**
 * A local, always slightly old copy of one kind of objects, kept by list and watch.
 *
 * Objects are found by the local id of ResourceKeys in a dense array. Per event: one array write, the indices, then every handler in
 * the order they were added; no allocation. A relist is compared with the copy and becomes additions, updates (only where the
 * resourceVersion differs) and deletions. The copy never goes back in time. Handlers must not change the objects.
 * Source: client-go 1.34 tools/cache shared_informer.go.
 */
import { assert } from '../base/assert.ts';
import { HoldBack } from '../sim/hold-back.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import type { Wait } from '../sim/task.ts';
import type { ResourceKeys } from '../types/names.ts';
import type { KubeObject } from '../types/object.ts';
import type { ResourceType } from '../types/resource-type.ts';
import { DELETED, type WatchEvent } from '../types/wire.ts';
import type { Client } from './client.ts';
import type { Component } from './dispatcher.ts';
import { InformerIndex } from './informer-index.ts';
import { BUG_MISSES_DELETIONS, COUNT_INFORMER_EVENTS, MARK_RELIST_DELETED } from './marks.ts';
import { OP_INFORMER_FEED } from './ops.ts';
import {
  type InformerList,
  POINT_INFORMER_EVENT,
  POINT_INFORMER_FEED,
  POINT_INFORMER_LISTED,
  POINT_INFORMER_REPEAT,
} from './points.ts';
import { Reflector, type ReflectorTarget } from './reflector.ts';

/** What an informer tells. `onDelete` gets the last known state. Missing methods are skipped. */
export interface InformerHandler<T extends KubeObject> {
  onAdd?(id: number, object: T): void;
  onUpdate?(id: number, old: T, object: T): void;
  onDelete?(id: number, object: T): void;
}

export interface InformerOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Handlers that are added late are told what is there in the order in which it came. Default: by id. */
  readonly keepsArrivals?: boolean;
}

/** How often {@link waitForSync} looks (client-go WaitForCacheSync: 100 ms). */
const SYNC_POLL_US = 100_000;

export class Informer<T extends KubeObject> implements Component, ReflectorTarget {
  readonly type: ResourceType;
  readonly keys: ResourceKeys;
  readonly #reflector: Reflector;
  readonly #index: number;
  /** What a fault holds back of the watch. */
  readonly #lag: HoldBack<WatchEvent>;
  readonly #client: Client;
  readonly #objects: (T | undefined)[] = [];
  readonly #handlers: InformerHandler<T>[] = [];
  readonly #indices: InformerIndex<T>[] = [];
  /** By id: how many objects had come before it; null where nobody asks. */
  readonly #arrivals: number[] | null;
  #arrived = 0;
  #size = 0;
  #synced = false;

  constructor(client: Client, type: ResourceType, options: InformerOptions = {}) {
    this.type = type;
    this.#client = client;
    this.keys = client.names.keys(type);
    this.#index = client.library.register(this);
    const place = { point: POINT_INFORMER_FEED, about: type, op: OP_INFORMER_FEED, index: this.#index };
    this.#lag = new HoldBack(client.ctx, place, (event) => this.#take(event));
    const { namespace = '', labelSelector, fieldSelector, keepsArrivals = false } = options;
    this.#arrivals = keepsArrivals ? [] : null;
    const source = { type, namespace, labelSelector, fieldSelector };
    this.#reflector = new Reflector(client.connection, source, this, this.#index);
  }

  /** Adds a handler; what is already there is told to it as additions: in the order of its coming where that is kept, else by ascending id. */
  addHandler(handler: InformerHandler<T>): void {
    this.#handlers.push(handler);
    if (this.#size === 0 || handler.onAdd === undefined) return;
    const arrivals = this.#arrivals;
    const ids = [...this.ids()];
    if (arrivals !== null) ids.sort((a, b) => (arrivals[a] as number) - (arrivals[b] as number));
    for (const id of ids) handler.onAdd(id, this.#objects[id] as T);
  }

  /** Adds an index by an integer key (−1 = in no bucket); before {@link start}. `keyOf` must depend on the object alone. */
  addIndex(name: string, keyOf: (object: T, id: number) => number): InformerIndex<T> {
    assert(this.#size === 0, `informer: index ${name} added too late`);
    const index = new InformerIndex(name, keyOf);
    this.#indices.push(index);
    return index;
  }

  start(): void {
    this.#reflector.start();
  }

  stop(): void {
    this.#lag.clear();
    this.#reflector.stop();
  }

  /** true once the first list is in the copy and every handler has seen it. */
  get synced(): boolean {
    return this.#synced;
  }

  /** The revision the copy is complete to. */
  get revision(): number {
    return this.#reflector.revision;
  }

  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    return this.#objects[id];
  }

  find(namespace: string, name: string): T | undefined {
    const id = this.keys.find(namespace, name);
    return id < 0 ? undefined : this.#objects[id];
  }

  /** Ids of all objects, ascending (that is, in order of the names' first use). */
  *ids(): Generator<number, void, unknown> {
    for (let id = 0; id < this.#objects.length; id++) if (this.#objects[id] !== undefined) yield id;
  }

  /** Visits all objects by ascending id. */
  forEach(visit: (object: T, id: number) => void): void {
    for (let id = 0; id < this.#objects.length; id++) {
      const object = this.#objects[id];
      if (object !== undefined) visit(object, id);
    }
  }

  receive(op: number, _from: Pid, a: number, _b: number, _payload: Payload | null, _conn: Conn): void {
    if (op === OP_INFORMER_FEED) this.#lag.release();
    else this.#reflector.onBackoffOver(a);
  }

  onEvent(event: WatchEvent): void {
    this.#lag.take(event);
  }

  #take(event: WatchEvent): void {
    const { ctx } = this.#client;
    if (event.type === DELETED) this.#delete(event.keyId, event.object as T);
    else this.#set(event.keyId, event.object as T);
    ctx.count(COUNT_INFORMER_EVENTS);
    ctx.observe(POINT_INFORMER_EVENT, event);
    if (event.type !== DELETED && ctx.intercept(POINT_INFORMER_REPEAT, this.type) === true)
      this.#set(event.keyId, event.object as T);
  }

  onReplace(items: readonly KubeObject[], ids: Int32Array | readonly number[], revision: number): void {
    this.#lag.clear();
    const known = this.#size > 0;
    for (let i = 0; i < items.length; i++) {
      const id = ids[i] as number;
      const object = items[i] as T;
      if (this.#objects[id]?.metadata.resourceVersion !== object.metadata.resourceVersion) this.#set(id, object);
    }
    if (known && !this.#client.ctx.bug(BUG_MISSES_DELETIONS)) this.#deleteOthers(ids);
    this.#synced = true;
    const { ctx } = this.#client;
    if (ctx.sim.observation.isObserved(POINT_INFORMER_LISTED)) {
      ctx.observe(POINT_INFORMER_LISTED, { kind: this.type.kind, objects: items, revision } satisfies InformerList);
    }
  }

  /** What a relist does not hold any more is gone. */
  #deleteOthers(ids: Int32Array | readonly number[]): void {
    const present = new Uint8Array(this.#objects.length);
    for (let i = 0; i < ids.length; i++) present[ids[i] as number] = 1;
    for (let id = 0; id < this.#objects.length; id++) {
      const object = this.#objects[id];
      if (object === undefined || present[id] === 1) continue;
      this.#client.ctx.mark(MARK_RELIST_DELETED);
      this.#delete(id, object);
    }
  }

  #set(id: number, object: T): void {
    const objects = this.#objects;
    while (objects.length <= id) objects.push(undefined);
    const old = objects[id];
    objects[id] = object;
    if (this.#arrivals !== null) this.#cameNow(this.#arrivals, id, old, object);
    for (let i = 0; i < this.#indices.length; i++) (this.#indices[i] as InformerIndex<T>).set(id, object);
    const handlers = this.#handlers;
    if (old === undefined) {
      this.#size++;
      for (let i = 0; i < handlers.length; i++) handlers[i]?.onAdd?.(id, object);
    } else {
      for (let i = 0; i < handlers.length; i++) handlers[i]?.onUpdate?.(id, old, object);
    }
  }

  /** Keeps when an object came; with the name of one that went it came anew, also where a relist shows both as one change. */
  #cameNow(arrivals: number[], id: number, old: T | undefined, object: T): void {
    if (old !== undefined && old.metadata.uid === object.metadata.uid) return;
    while (arrivals.length <= id) arrivals.push(0);
    arrivals[id] = this.#arrived++;
  }

  #delete(id: number, last: T): void {
    if (this.#objects[id] === undefined) return;
    this.#objects[id] = undefined;
    this.#size--;
    for (let i = 0; i < this.#indices.length; i++) (this.#indices[i] as InformerIndex<T>).delete(id);
    const handlers = this.#handlers;
    for (let i = 0; i < handlers.length; i++) handlers[i]?.onDelete?.(id, last);
  }
}

/** Suspends the current task until every informer has synced. */
export function* waitForSync(
  client: Client,
  informers: readonly { readonly synced: boolean }[],
): Generator<Wait, void, unknown> {
  while (!informers.every((informer) => informer.synced)) yield* client.ctx.sleep(SYNC_POLL_US);
}
