/**
 * One API server's copy of one kind: current versions by local id, the window of recent events, the watchers.
 *
 * Fed only by the server's own watch on the store, so it may lag behind the store and behind other servers, never
 * run ahead. Cost of an event: two array writes, a ring write, an index look-up.
 */

import { HoldBack } from '../../sim/hold-back.ts';
import type { StoreEvent } from '../../store/client-interface.ts';
import type { ResourceKeys } from '../../types/names.ts';
import type { KubeObject } from '../../types/object.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import type { WatchEvent } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import { POINT_KIND_FEED } from '../declarations.ts';
import { OP_API_KIND_FEED } from '../ops.ts';
import { applyTo } from '../storage/cache-feed.ts';
import { keyPrefixOf } from '../storage/key-names.ts';
import type { StoredObject } from '../storage/stored-object.ts';
import { SortedIds } from './sorted-ids.ts';
import { WatcherSet } from './watcher-set.ts';
import { WatchWindow } from './window.ts';

/** The batch of a kind without events; nobody may push to it. */
export const NO_EVENTS: WatchEvent[] = [];

export class TypeCache {
  readonly type: ResourceType;
  readonly keys: ResourceKeys;
  /** Start of the store keys of this kind, with a slash at the end. */
  readonly prefix: string;
  readonly watchers = new WatcherSet();
  window: WatchWindow;
  /** Events of the store batch under way that all unselective watchers share. */
  batch: WatchEvent[] = NO_EVENTS;
  /** Whether the batch under way has events for somebody here. */
  touched = false;
  /** What a fault holds back of this kind alone. */
  readonly lag: HoldBack<StoreEvent>;
  /** Grows with every change; for what is derived from this kind. */
  changes = 0;
  #values: (StoredObject | undefined)[] = [];
  #order: SortedIds;
  #count = 0;

  readonly #windowEventsMax: number;

  /** The window begins after what the caches of the server hold already. */
  constructor(core: ApiCore, type: ResourceType, windowEventsMax: number) {
    this.type = type;
    this.keys = core.cluster.names.keys(type);
    this.prefix = keyPrefixOf(type);
    this.#windowEventsMax = windowEventsMax;
    this.window = new WatchWindow(core.revision, windowEventsMax);
    const place = { point: POINT_KIND_FEED, about: type, op: OP_API_KIND_FEED, index: type.id };
    this.lag = new HoldBack(core.ctx, place, (change) => applyTo(core, this, change));
    this.#order = new SortedIds(this.keys);
  }

  /** Up to which revision the changes of this kind are here, of a server that has got to `serverRevision`. */
  revisionOf(serverRevision: number): number {
    const held = this.lag.oldest;
    return held === undefined ? serverRevision : held.revision - 1;
  }

  /** Objects that exist. */
  get count(): number {
    return this.#count;
  }

  /** The current version of an object, undefined when there is none. */
  value(id: number): StoredObject | undefined {
    return this.#values[id];
  }

  /** The current version by name. */
  find(namespace: string, name: string): StoredObject | undefined {
    const id = this.keys.find(namespace, name);
    return id < 0 ? undefined : this.#values[id];
  }

  set(id: number, value: StoredObject): void {
    this.changes++;
    while (this.#values.length <= id) this.#values.push(undefined);
    if (this.#values[id] === undefined) {
      this.#count++;
      this.#order.add(id);
    }
    this.#values[id] = value;
  }

  remove(id: number): void {
    if (this.#values[id] === undefined) return;
    this.changes++;
    this.#values[id] = undefined;
    this.#count--;
  }

  /** Forgets everything (before all is read again); the window starts after `floor`. */
  reset(floor: number): void {
    this.changes++;
    this.lag.clear();
    this.#values = [];
    this.#order = new SortedIds(this.keys);
    this.#count = 0;
    this.window = new WatchWindow(floor, this.#windowEventsMax);
  }

  /** Local ids of a namespace (`''`: all) in key order; ids without an object may be among them. */
  orderedIds(): readonly number[] {
    return this.#order.ordered(this.#count, (id) => this.#values[id] !== undefined);
  }

  /** Calls `visit` with each object in key order; O(all objects of the kind). */
  forEach(visit: (object: KubeObject, id: number) => void): void {
    for (const id of this.orderedIds()) {
      const value = this.#values[id];
      if (value !== undefined) visit(value.object, id);
    }
  }
}
