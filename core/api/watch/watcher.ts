/**
 * One watch of one client: what it selects, from where it goes on, when it ends.
 */
import type { Conn } from '../../sim/process.ts';
import type { FieldSelector } from '../../types/field-selector.ts';
import type { Selector } from '../../types/label-selector.ts';
import type { KubeObject } from '../../types/object.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import { metaAt } from '../../types/version-meta.ts';
import { ADDED, DELETED, WatchEvent } from '../../types/wire.ts';

/** How a watcher is found: every event of the kind; by predicate; by `spec.nodeName`; by one object. */
export const FOUND_ALWAYS = 0;
export const FOUND_BY_SCAN = 1;
export const FOUND_BY_NODE = 2;
export const FOUND_BY_KEY = 3;

/** What a client wants to see of a kind. */
export interface Selection {
  /** `''` for all namespaces. */
  readonly namespace: string;
  readonly labels: Selector;
  readonly fields: FieldSelector;
}

/** Whether `selection` takes `object`. */
export function selects(selection: Selection, object: KubeObject): boolean {
  return (
    (selection.namespace === '' || object.metadata.namespace === selection.namespace) &&
    selection.labels.matches(object.metadata.labels) &&
    selection.fields.matches(object)
  );
}

/** Whether `selection` takes everything. */
export function selectsAll(selection: Selection): boolean {
  return selection.namespace === '' && selection.labels.isEmpty && selection.fields.isEmpty;
}

/** What a watch is made of. */
export interface WatcherOptions {
  readonly conn: Conn;
  /** The client's id of the watch, unique on its connection. */
  readonly id: number;
  readonly type: ResourceType;
  readonly selection: Selection;
  readonly foundBy: number;
  /** The key under which an index holds it: node name or local id. */
  readonly indexKey: string | number;
  readonly bookmarks: boolean;
  /** Events up to this revision are not sent (the client has them). */
  readonly afterRevision: number;
  readonly nextBookmarkUs: number;
  readonly endUs: number;
  /** Every change after this revision must come; −1 when the watch began with the present state instead. */
  readonly startRevision: number;
}

export class Watcher implements WatcherOptions {
  readonly conn: Conn;
  readonly id: number;
  readonly type: ResourceType;
  readonly selection: Selection;
  readonly foundBy: number;
  readonly indexKey: string | number;
  readonly bookmarks: boolean;
  readonly afterRevision: number;
  nextBookmarkUs: number;
  readonly endUs: number;
  readonly startRevision: number;
  ended = false;
  /** Events of the batch under way; null when there are none. */
  pending: WatchEvent[] | null = null;
  /** The next one of the same connection, and of the same key of the index that holds it. */
  nextOfConn: Watcher | null = null;
  nextOfKey: Watcher | null = null;

  constructor(options: WatcherOptions) {
    this.conn = options.conn;
    this.id = options.id;
    this.type = options.type;
    this.selection = options.selection;
    this.foundBy = options.foundBy;
    this.indexKey = options.indexKey;
    this.bookmarks = options.bookmarks;
    this.afterRevision = options.afterRevision;
    this.nextBookmarkUs = options.nextBookmarkUs;
    this.endUs = options.endUs;
    this.startRevision = options.startRevision;
  }

  /**
   * The event as this watcher sees it, null when it does not concern it: an object that comes into the selection is
   * ADDED, one that leaves it DELETED (with its last state inside, at the revision of the change).
   */
  view(event: WatchEvent): WatchEvent | null {
    const now = event.type !== DELETED && selects(this.selection, event.object);
    if (event.type === ADDED) return now ? event : null;
    const before = event.previous !== null && selects(this.selection, event.previous);
    if (event.type === DELETED) return before ? event : null;
    if (now) return before ? event : new WatchEvent(ADDED, event.keyId, event.revision, event.object, event.previous);
    return before ? leaving(event) : null;
  }
}

/** `event` for somebody whose selection the object has left. */
function leaving(event: WatchEvent): WatchEvent {
  const previous = event.previous as KubeObject;
  const metadata = metaAt(previous.metadata, event.revision);
  return new WatchEvent(DELETED, event.keyId, event.revision, { ...previous, metadata }, previous);
}

/** The event of the deletion of what was `last`: its last state with the deletion's revision. */
export function deletionEvent(keyId: number, revision: number, last: KubeObject): WatchEvent {
  const metadata = metaAt(last.metadata, revision);
  return new WatchEvent(DELETED, keyId, revision, { ...last, metadata }, last);
}
