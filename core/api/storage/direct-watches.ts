/**
 * Watches of kinds without a watch cache: each is a watch of the store of its own.
 *
 * Always: one begins after the revision its client named or read; it ends when the client's watch does, and the client's watch ends when the store's
 * is gone. Source: Kubernetes 1.34, storage/etcd3 watcher.
 */
import {
  EVENT_PUT,
  OP_STORE_WATCH,
  OP_STORE_WATCH_CANCEL,
  type StoreEvent,
  type StoreEventBatch,
  StoreWatch,
  type StoreWatchCanceled,
} from '../../store/client-interface.ts';
import type { KubeObject } from '../../types/object.ts';
import { StatusError } from '../../types/status-error.ts';
import { WatchEvent } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import { BUG_DIRECT_FROM_NOW, MARK_GONE } from '../declarations.ts';
import { deletionEvent, type Watcher } from '../watch/watcher.ts';
import { storedOf } from './cache-feed.ts';
import { keyPrefixOf } from './key-names.ts';

export class DirectWatches {
  readonly #core: ApiCore;
  readonly #watchers = new Map<number, Watcher>();
  /** The store's id of the last one; smaller ones are not used here. */
  #last: number;

  /** Its watches get ids above `idsAfter` on the server's connection. */
  constructor(core: ApiCore, idsAfter: number) {
    this.#core = core;
    this.#last = idsAfter;
  }

  /** Has `watcher` fed with what the store commits after `revision`; the watcher is in the hub. */
  begin(watcher: Watcher, revision: number): void {
    const id = ++this.#last;
    const { type, selection } = watcher;
    const prefix = keyPrefixOf(type) + (selection.namespace === '' ? '' : `${selection.namespace}/`);
    const startRevision = this.#core.ctx.bug(BUG_DIRECT_FROM_NOW) ? 0 : revision + 1;
    const watch = StoreWatch.ofPrefix(prefix, { startRevision, progressNotify: false });
    this.#watchers.set(id, watcher);
    if (!this.#core.store.sendAside(OP_STORE_WATCH, id, watch)) this.#core.hub.end(watcher);
  }

  /** The client's watch has ended. */
  end(watcher: Watcher): void {
    for (const [id, other] of this.#watchers) {
      if (other !== watcher) continue;
      this.#watchers.delete(id);
      this.#core.store.sendAside(OP_STORE_WATCH_CANCEL, id, null);
    }
  }

  /** The connection to the store is gone, and every watch with it. */
  lost(): void {
    const all = [...this.#watchers.values()];
    this.#watchers.clear();
    for (const watcher of all) this.#core.hub.end(watcher);
  }

  /** What the store's watch `id` brought. */
  take(id: number, batch: StoreEventBatch): void {
    const watcher = this.#watchers.get(id);
    if (watcher === undefined) return;
    const events: WatchEvent[] = [];
    for (const change of batch.events) {
      const view = watcher.view(this.#eventOf(change));
      if (view !== null) events.push(view);
    }
    if (events.length > 0) this.#core.hub.deliver(watcher, events);
  }

  /** The store has ended its watch `id`. */
  canceled(id: number, { compactRevision }: StoreWatchCanceled): void {
    const watcher = this.#watchers.get(id);
    if (watcher === undefined) return;
    this.#watchers.delete(id);
    const { ctx, hub } = this.#core;
    if (compactRevision > 0) {
      ctx.mark(MARK_GONE);
      hub.deliver(watcher, [
        WatchEvent.failure(StatusError.tooOldResourceVersion(watcher.afterRevision, compactRevision)),
      ]);
    }
    hub.end(watcher);
  }

  #eventOf({ type, keyId, revision, value, previous }: StoreEvent): WatchEvent {
    const id = this.#core.cluster.storeKeys.localOf(keyId);
    const before = (previous?.object ?? null) as KubeObject | null;
    if (type === EVENT_PUT && value !== null) return storedOf(value, revision).asEvent(id, before);
    return deletionEvent(id, revision, before as KubeObject);
  }
}
