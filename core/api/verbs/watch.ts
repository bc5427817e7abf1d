/**
 * Watch: 200, then what lies between the client's position and now, then live events.
 *
 * Position unset or "0": the current objects as ADDED events first ("0": whatever the cache has; unset: the newest
 * state). N: exactly what came after N; a position before the window gets an ERROR event with 410 in a stream of
 * status 200. With sendInitialEvents the objects are followed by a bookmark that says so. Source: Kubernetes 1.34,
 * storage/cacher and endpoints/handlers/watch.go.
 */
import { scaleDraw } from '../../base/random.ts';
import type { KubeObject } from '../../types/object.ts';
import { PODS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import {
  ADDED,
  ApiResponse,
  OP_WATCH_CLOSED,
  OP_WATCH_EVENTS,
  type RequestOptions,
  WatchEvent,
  WatchEvents,
} from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import { BUG_NO_410, BUG_WINDOW_SKIP, MARK_GONE, POINT_WINDOW } from '../declarations.ts';
import { WATCH_MAX_US, WATCH_MIN_US } from '../limits.ts';
import type { Operation } from '../operation.ts';
import { isCached } from '../storage/key-names.ts';
import type { TypeCache } from '../watch/type-cache.ts';
import { nextBookmark } from '../watch/watch-hub.ts';
import {
  FOUND_ALWAYS,
  FOUND_BY_KEY,
  FOUND_BY_NODE,
  FOUND_BY_SCAN,
  type Selection,
  selects,
  selectsAll,
  Watcher,
} from '../watch/watcher.ts';
import { askedRevision, whenFresh } from './fresh-reads.ts';
import { listAll } from './list-pages.ts';
import { checkWatchOptions } from './request-options.ts';
import { selectionOf } from './selection.ts';

/** Starts a watch. Throws StatusError. */
export function watch(core: ApiCore, op: Operation): void {
  const { options } = op.request;
  checkWatchOptions(options);
  const revision = askedRevision(options.resourceVersion);
  if (!isCached(op.request.type)) {
    if (revision > 0 && options.sendInitialEvents !== true) open(core, op, null, revision);
    else listAll(core, op, openWithListed);
    return;
  }
  op.memo = selectionOf(op.request);
  if (options.sendInitialEvents !== true && revision > 0) {
    core.guarded(op, openAfter);
    return;
  }
  whenFresh(core, op, revision, options.sendInitialEvents === false ? openNow : openWithState);
}

/** Whether the end of the initial events is marked: by a bookmark, for who takes them. */
function marksEnd({ sendInitialEvents, allowWatchBookmarks }: RequestOptions): boolean {
  return sendInitialEvents === true && allowWatchBookmarks === true;
}

function openWithState(core: ApiCore, op: Operation): void {
  open(core, op, stateEvents(core, op), core.revisionOf(op.request.type));
}

/** Only what comes from now on: the client wants no objects. */
function openNow(core: ApiCore, op: Operation): void {
  open(core, op, null, core.revisionOf(op.request.type));
}

/** The current objects as ADDED events. */
function stateEvents(core: ApiCore, op: Operation): WatchEvent[] {
  const { type, options } = op.request;
  const selection = selectionOf(op.request);
  const events: WatchEvent[] = [];
  const cache = core.cacheOf(type);
  for (const id of cache.orderedIds()) {
    const value = cache.value(id);
    if (value === undefined || !selects(selection, value.object)) continue;
    events.push(new WatchEvent(ADDED, id, value.revision, value.object, null));
  }
  if (marksEnd(options)) events.push(WatchEvent.bookmark(type, cache.revisionOf(core.revision), true));
  return events;
}

function openAfter(core: ApiCore, op: Operation): void {
  const revision = askedRevision(op.request.options.resourceVersion);
  const { type } = op.request;
  const { window } = core.cacheOf(type);
  const isEmptied = window.firstAfter(revision) < window.size && core.ctx.intercept(POINT_WINDOW, type) === false;
  const floor = isEmptied ? core.revisionOf(type) : window.floor;
  if (revision < floor && !core.ctx.bug(BUG_NO_410)) {
    refuse(core, op, StatusError.tooOldResourceVersion(revision, floor));
    return;
  }
  open(core, op, null, revision);
}

/** The real server answers 200 and sends the error as an event. */
function refuse(core: ApiCore, op: Operation, error: StatusError): void {
  core.ctx.mark(MARK_GONE);
  const { conn, request } = op;
  core.finish(op, new ApiResponse(request.id, 200, null, null), 0);
  core.ctx.sendOn(conn, OP_WATCH_EVENTS, request.id, 0, new WatchEvents([WatchEvent.failure(error)]));
  core.ctx.sendOn(conn, OP_WATCH_CLOSED, request.id, 0, null);
}

/** What is in the store came: it goes first, unless the client wants none of it, and what is committed later follows. */
function openWithListed(
  core: ApiCore,
  op: Operation,
  items: readonly KubeObject[],
  ids: readonly number[],
  revision: number,
): void {
  const { type, options } = op.request;
  // Source: Kubernetes 1.34, storage/etcd3/watcher.go getStartWatchResourceVersion.
  if (options.sendInitialEvents === false) {
    open(core, op, null, revision);
    return;
  }
  const events = items.map(
    (object, place) =>
      new WatchEvent(ADDED, ids[place] as number, Number(object.metadata.resourceVersion), object, null),
  );
  if (marksEnd(options)) events.push(WatchEvent.bookmark(type, revision, true));
  open(core, op, events, revision);
}

/**
 * Opens the stream; `initial` null: the client has what there was at `revision`. What comes later is in the window and the cache's feed; of a kind
 * without a cache, in a watch of the store.
 */
function open(core: ApiCore, op: Operation, initial: readonly WatchEvent[] | null, revision: number): void {
  const { conn, request } = op;
  const { id, type } = request;
  const selection = selectionOf(request);
  const cache = core.cacheOf(type);
  const isFed = isCached(type);
  const [foundBy, indexKey] = indexOf(cache, selection);
  const now = core.ctx.now();
  const endUs = now + lengthUs(core, op);
  const watcher = new Watcher({
    conn,
    id,
    type,
    selection,
    foundBy,
    indexKey,
    bookmarks: isFed && request.options.allowWatchBookmarks === true,
    afterRevision: isFed ? Math.max(revision, cache.revisionOf(core.revision)) : revision,
    nextBookmarkUs: nextBookmark(now, endUs),
    endUs,
    startRevision: initial === null ? revision : -1,
  });
  core.finish(op, new ApiResponse(id, 200, null, null), 0);
  core.hub.add(watcher);
  const events = initial ?? (isFed ? missed(core, cache, watcher, revision) : []);
  const isOpen = events.length === 0 || core.hub.deliver(watcher, events);
  if (isOpen && !isFed) core.store.direct.begin(watcher, revision);
}

/** What the window holds after `revision`, as this watcher sees it. */
function missed(core: ApiCore, cache: TypeCache, watcher: Watcher, revision: number): WatchEvent[] {
  const { window } = cache;
  let at = window.firstAfter(revision);
  if (window.wrapped && at < window.size && core.ctx.bug(BUG_WINDOW_SKIP)) at++;
  const events: WatchEvent[] = [];
  const all = watcher.foundBy === FOUND_ALWAYS;
  for (; at < window.size; at++) {
    const event = window.at(at);
    if (!all) cache.watchers.evaluations++;
    const view = all ? event : watcher.view(event);
    if (view !== null) events.push(view);
  }
  return events;
}

/** By what a watcher with this selection is found. */
function indexOf(cache: TypeCache, selection: Selection): [number, string | number] {
  if (selectsAll(selection)) return [FOUND_ALWAYS, ''];
  const { fields, namespace } = selection;
  const name = fields.requiredValue('metadata.name');
  const fieldNamespace = fields.requiredValue('metadata.namespace');
  const place = namespace === '' ? (fieldNamespace ?? '') : namespace;
  if (name !== undefined && (place !== '' || !cache.type.namespaced)) {
    return [FOUND_BY_KEY, cache.keys.intern(cache.type.namespaced ? place : '', name)];
  }
  const node = cache.type === PODS ? fields.requiredValue('spec.nodeName') : undefined;
  if (node !== undefined && node !== '') return [FOUND_BY_NODE, node];
  return [FOUND_BY_SCAN, ''];
}

/** How long the stream lasts: as the client says, else 30 to 60 minutes. */
function lengthUs(core: ApiCore, op: Operation): number {
  const { timeoutUs } = op.request.options;
  if (timeoutUs !== undefined && timeoutUs > 0) return timeoutUs;
  const { request } = op;
  const draw = core.ctx.draw(`${request.user}/${request.type.plural}/${request.id}`, 'watch-length');
  return WATCH_MIN_US + scaleDraw(draw, (WATCH_MAX_US - WATCH_MIN_US) / 1_000_000) * 1_000_000;
}
