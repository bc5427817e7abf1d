/**
 * Lists at an exact revision, page by page, from the store's history.
 *
 * A continue token names the revision of the first page and the last key read. When that revision is compacted the
 * answer is 410 with a new token that goes on from the same key at the newest revision. Source: Kubernetes 1.34,
 * storage/etcd3 GetList and storage/continue.go.
 */

import type { StoreError } from '../../store/client-interface.ts';
import {
  ERROR_COMPACTED,
  ERROR_FUTURE_REVISION,
  prefixEnd,
  StoreRange,
  type StoreRangeResponse,
} from '../../store/client-interface.ts';
import type { KubeObject } from '../../types/object.ts';
import { StatusError } from '../../types/status-error.ts';
import { ApiResponse } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import { MARK_CONTINUE_EXPIRED } from '../declarations.ts';
import type { Operation } from '../operation.ts';
import { STEP_LIST_PAGE } from '../steps.ts';
import { storedOf } from '../storage/cache-feed.ts';
import { type Selection, selects } from '../watch/watcher.ts';
import { isOlderThanAsked } from './fresh-reads.ts';
import { selectionOf } from './selection.ts';

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** How far a paged list is. */
interface Page {
  readonly selection: Selection;
  readonly items: KubeObject[];
  readonly ids: number[];
  readonly limit: number;
  readonly end: string;
  /** −1 until the first answer of a list of the newest state. */
  revision: number;
  start: string;
  readonly continued: boolean;
  /** What is done with a list that is no answer; null for one that is. */
  readonly taker: Listed | null;
}

/** Takes all objects of a request's selection with their local ids, as they were at `revision`. */
export type Listed = (
  core: ApiCore,
  op: Operation,
  items: readonly KubeObject[],
  ids: readonly number[],
  revision: number,
) => void;

/** A token that goes on at `revision` after `key`. */
function tokenOf(revision: number, key: string): string {
  return `v1:${revision}:${key}`;
}

function parseToken(token: string): { revision: number; key: string } {
  const match = /^v1:(-?\d+):(\/registry\/.+)$/s.exec(token);
  if (match === null)
    throw StatusError.badRequest('invalid continue token: continue key is not valid: unrecognized encoded version');
  return { revision: Number(match[1]), key: match[2] as string };
}

/** Start of the keys that a request is about. */
function prefixOf(core: ApiCore, { request: { type, namespace } }: Operation): string {
  return core.cacheOf(type).prefix + (type.namespaced && namespace !== '' ? `${namespace}/` : '');
}

/** Reads the first or a later page. Throws StatusError. */
export function listPage(core: ApiCore, op: Operation, selection: Selection, revision: number): void {
  const { options } = op.request;
  const prefix = prefixOf(core, op);
  const token = options.continue ?? '';
  const from = token === '' ? { revision, key: prefix } : parseToken(token);
  if (!from.key.startsWith(prefix)) throw StatusError.badRequest('invalid continue token: continue key is not valid');
  const page: Page = {
    selection,
    items: [],
    ids: [],
    limit: options.limit ?? 0,
    end: prefixEnd(prefix),
    revision: from.revision,
    start: token === '' ? from.key : `${from.key}\0`,
    continued: token !== '',
    taker: null,
  };
  op.memo = page;
  read(core, op, page);
}

/** Reads all that a request selects, as it is now, for something else than the answer. */
export function listAll(core: ApiCore, op: Operation, taker: Listed): void {
  const start = prefixOf(core, op);
  const selection = selectionOf(op.request);
  const end = prefixEnd(start);
  const page: Page = { selection, items: [], ids: [], limit: 0, end, revision: -1, start, continued: false, taker };
  op.memo = page;
  read(core, op, page);
}

function read(core: ApiCore, op: Operation, page: Page): void {
  op.step = STEP_LIST_PAGE;
  core.store.list(op, StoreRange.between(page.start, page.end, page.limit, Math.max(page.revision, 0)));
}

/** The store has sent a page; with a selector more may be needed until it is full. */
export function gotPage(core: ApiCore, op: Operation, answer: StoreRangeResponse): void {
  const page = op.memo as Page;
  if (isOlderThanAsked(core, op, answer.revision)) return;
  if (page.revision <= 0) page.revision = answer.revision;
  const cache = core.cacheOf(op.request.type);
  let lastKey = page.start;
  let full = false;
  for (let i = 0; i < answer.keyValues.length; i++) {
    const keyValue = answer.keyValues[i];
    if (keyValue === undefined) break;
    if (full) break;
    lastKey = core.cluster.keys.keyOf(keyValue.keyId);
    const { object } = storedOf(keyValue.value, keyValue.modRevision);
    if (selects(page.selection, object)) {
      page.items.push(object);
      page.ids.push(cache.keys.intern(object.metadata.namespace ?? '', object.metadata.name));
    }
    full = page.limit > 0 && page.items.length >= page.limit && (answer.more || i + 1 < answer.keyValues.length);
  }
  if (!full && answer.more) {
    page.start = `${lastKey}\0`;
    read(core, op, page);
    return;
  }
  if (page.taker !== null) {
    page.taker(core, op, page.items, page.ids, page.revision);
    return;
  }
  const { costs } = core.ctx;
  const delayUs = costs.apiRequestUs + costs.apiListPerObjectUs * page.items.length;
  const token = full ? tokenOf(page.revision, lastKey) : '';
  core.finish(op, ApiResponse.ofList(op.request.id, page.items, page.ids, String(page.revision), token), delayUs);
}

/** The store refused a page; true if the refusal is answered here. */
export function pageRefused(core: ApiCore, op: Operation, error: StoreError): boolean {
  const page = op.memo as Page;
  if (error.message === ERROR_FUTURE_REVISION.message) {
    core.fail(op, StatusError.tooLargeResourceVersion(page.revision, core.revision));
    return true;
  }
  if (error.message !== ERROR_COMPACTED.message) return false;
  if (!page.continued) {
    core.fail(op, StatusError.gone(`The provided resource version is too old: ${page.revision}`));
    return true;
  }
  core.ctx.mark(MARK_CONTINUE_EXPIRED);
  const gone = StatusError.gone(EXPIRED);
  const token = tokenOf(-1, page.start.slice(0, -1));
  core.finish(
    op,
    new ApiResponse(op.request.id, gone.code, null, gone, null, null, '', token),
    core.ctx.costs.apiRequestUs,
  );
  return true;
}
