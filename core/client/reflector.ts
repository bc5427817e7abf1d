/**
 * The list-and-watch protocol without a cache: lists, watches with bookmarks, resumes from the last revision after a broken
 * connection, lists again after 410.
 *
 * First list at resourceVersion 0 (any cache), later ones not older than what was seen, after Expired or a too large revision
 * the most recent. A watch that its server or a reset connection ends is opened again; what is refused for load or by a dial waits and watches;
 * any other error lists, so does a connection that was lost. Back-off 0.8 s doubling to 30 s, times 1 to 2 by a draw, reset
 * after two quiet minutes; a watch that ends within a second without an event counts as failed. Small enough for one a node.
 * Source: client-go 1.34 tools/cache/reflector.go.
 */
import { scaleDraw } from '../base/random.ts';
import type { KubeObject } from '../types/object.ts';
import type { ResourceType } from '../types/resource-type.ts';
import type { StatusError } from '../types/status-error.ts';
import { type ApiResponse, BOOKMARK, ERROR, type RequestOptions, VERB, type WatchEvent } from '../types/wire.ts';
import type { RequestListener, WatchListener } from './call.ts';
import type { ConnectionClient } from './connection-client.ts';
import { BUG_RELIST_AT_ZERO, MARK_RELIST_AFTER_GONE, MARK_STALE_EVENT, MARK_WATCH_RESUMED } from './marks.ts';
import { OP_REFLECTOR_BACKOFF } from './ops.ts';
import { POINT_JITTER } from './points.ts';
import { endsWatch, isConnectionRefused } from './transport.ts';

const BACKOFF_US_INITIAL = 800_000;
const BACKOFF_US_MAX = 30_000_000;
const BACKOFF_RESET_US = 120_000_000;
const WATCH_TIMEOUT_US_MIN = 300_000_000;
const SHORT_WATCH_US = 1_000_000;

/** Where a reflector puts what it learns. */
export interface ReflectorTarget {
  /** The whole content at `revision`; whatever is not in it is gone. */
  onReplace(items: readonly KubeObject[], ids: Int32Array | readonly number[], revision: number): void;
  /** One change (ADDED, MODIFIED, DELETED), newer than everything before. */
  onEvent(event: WatchEvent): void;
}

/** What is reflected; shared by reflectors that are alike. */
export interface ReflectorSource {
  readonly type: ResourceType;
  /** '' = all namespaces. */
  readonly namespace: string;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

type Phase = 'stopped' | 'listing' | 'watching' | 'list-backoff' | 'watch-backoff';

export class Reflector implements RequestListener, WatchListener {
  readonly #client: ConnectionClient;
  readonly #source: ReflectorSource;
  readonly #target: ReflectorTarget;
  readonly #index: number;
  #phase: Phase = 'stopped';
  #revision = 0;
  #listed = false;
  #revisionUnavailable = false;
  #generation = 0;
  #failures = 0;
  #failedAtUs = 0;
  #watchId = 0;
  #watches = 0;
  #watchStartUs = 0;
  #eventsInWatch = 0;
  #broken = false;

  /** `index` is what the back-off timer carries in `b`. */
  constructor(client: ConnectionClient, source: ReflectorSource, target: ReflectorTarget, index: number) {
    this.#client = client;
    this.#source = source;
    this.#target = target;
    this.#index = index;
  }

  /** The revision everything seen so far is complete to. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether the first list has arrived. */
  get listed(): boolean {
    return this.#listed;
  }

  /** true while a watch is open and no back-off is running. */
  get watching(): boolean {
    return this.#phase === 'watching';
  }

  start(): void {
    if (this.#phase === 'stopped') this.#list();
  }

  /** Ends the watch; what arrives later is ignored. */
  stop(): void {
    if (this.#phase === 'watching') this.#client.stopWatch(this.#watchId);
    this.#phase = 'stopped';
    this.#generation++;
  }

  /** The timer {@link OP_REFLECTOR_BACKOFF}; `generation` is its `a`. */
  onBackoffOver(generation: number): void {
    if (generation !== this.#generation) return;
    if (this.#phase === 'list-backoff') this.#list();
    else if (this.#phase === 'watch-backoff') this.#watch();
  }

  onResponse(tag: number, response: ApiResponse | null, error: StatusError | null): void {
    if (tag !== this.#generation || this.#phase !== 'listing') return;
    if (error !== null) {
      if (!this.#revisionUnavailable && (isExpired(error) || isTooLarge(error))) {
        this.#revisionUnavailable = true;
        this.#list();
      } else this.#backOff('list-backoff');
      return;
    }
    const answer = response as ApiResponse;
    this.#revisionUnavailable = false;
    this.#revision = Number(answer.resourceVersion);
    this.#listed = true;
    this.#phase = 'watching';
    this.#target.onReplace(answer.items ?? [], answer.ids ?? [], this.#revision);
    if (this.#phase === 'watching') this.#watch();
  }

  onWatchEvents(tag: number, events: readonly WatchEvent[]): void {
    for (let i = 0; i < events.length; i++) {
      if (tag !== this.#generation) return;
      const event = events[i] as WatchEvent;
      if (event.type === ERROR) {
        this.#client.stopWatch(this.#watchId);
        this.onWatchClosed(tag, event.error);
        return;
      }
      this.#eventsInWatch++;
      if (event.type === BOOKMARK) {
        if (event.revision > this.#revision) this.#revision = event.revision;
        continue;
      }
      if (event.revision <= this.#revision) {
        this.#client.ctx.mark(MARK_STALE_EVENT);
        continue;
      }
      this.#revision = event.revision;
      this.#target.onEvent(event);
    }
  }

  onWatchClosed(tag: number, error: StatusError | null): void {
    if (tag !== this.#generation || this.#phase !== 'watching') return;
    this.#broken = error !== null;
    if (error !== null && !endsWatch(error)) {
      if (isExpired(error)) this.#client.ctx.mark(MARK_RELIST_AFTER_GONE);
      this.#backOff(isConnectionRefused(error) || error.isTooManyRequests ? 'watch-backoff' : 'list-backoff');
      return;
    }
    const isShort = this.#client.ctx.now() - this.#watchStartUs < SHORT_WATCH_US && this.#eventsInWatch === 0;
    if (isShort) this.#backOff('list-backoff');
    else this.#watch();
  }

  #list(): void {
    this.#phase = 'listing';
    this.#generation++;
    this.#broken = false;
    const relistAny = this.#client.ctx.bug(BUG_RELIST_AT_ZERO);
    let resourceVersion: string | undefined = this.#listed && !relistAny ? String(this.#revision) : '0';
    if (this.#revisionUnavailable) resourceVersion = undefined;
    const { type, namespace, labelSelector, fieldSelector } = this.#source;
    const options: RequestOptions = { resourceVersion, labelSelector, fieldSelector };
    const request = this.#client.request(VERB.list, type, namespace, '', options);
    this.#client.send(request, this.#generation, this);
  }

  #watch(): void {
    this.#phase = 'watching';
    this.#generation++;
    this.#watches++;
    if (this.#broken) this.#client.ctx.mark(MARK_WATCH_RESUMED);
    this.#broken = false;
    this.#watchStartUs = this.#client.ctx.now();
    this.#eventsInWatch = 0;
    const { type, namespace, labelSelector, fieldSelector } = this.#source;
    const options: RequestOptions = {
      resourceVersion: String(this.#revision),
      labelSelector,
      fieldSelector,
      allowWatchBookmarks: true,
      timeoutUs: WATCH_TIMEOUT_US_MIN + this.#draw('watch-timeout', 300_000) * 1000,
    };
    const request = this.#client.request(VERB.watch, type, namespace, '', options);
    this.#watchId = this.#client.watch(request, this.#generation, this);
  }

  #backOff(phase: 'list-backoff' | 'watch-backoff'): void {
    const { ctx } = this.#client;
    const now = ctx.now();
    if (now - this.#failedAtUs > BACKOFF_RESET_US) this.#failures = 0;
    this.#failedAtUs = now;
    const baseUs = Math.min(BACKOFF_US_INITIAL * 2 ** Math.min(this.#failures, 10), BACKOFF_US_MAX);
    this.#failures++;
    this.#watches++;
    this.#phase = phase;
    this.#generation++;
    const isJittered = ctx.intercept(POINT_JITTER, baseUs) !== false;
    ctx.setTimer(
      baseUs + (isJittered ? scaleBackoff(baseUs, this.#draw('reflector-backoff', 1_000_000)) : 0),
      OP_REFLECTOR_BACKOFF,
      this.#generation,
      this.#index,
    );
  }

  /** A draw below `bound` for this process, type and attempt. */
  #draw(purpose: string, bound: number): number {
    const { ctx } = this.#client;
    return scaleDraw(ctx.draw(`${ctx.name}/${this.#source.type.plural}/${this.#watches}`, purpose), bound);
  }
}

function scaleBackoff(baseUs: number, millionths: number): number {
  return Math.floor((baseUs * millionths) / 1_000_000);
}

function isExpired(error: StatusError): boolean {
  return error.code === 410;
}

function isTooLarge(error: StatusError): boolean {
  return error.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge') ?? false;
}
