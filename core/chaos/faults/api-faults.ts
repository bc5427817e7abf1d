/**
 * Faults of API servers and their clients: a watch cache that lags, answers that are lost, requests that are refused, watchers that are
 * too slow.
 *
 * They act at declared points of the components (`api.cache-feed`, `api.kind-feed`, `api.bookmark`, `api.watch-window`, `client.response`, `api.request`,
 * `api.watcher-slow`, `informer.feed`, `informer.repeat`, `client.jitter`).
 */
import type { Seed } from '../../base/random.ts';
import { LOST } from '../../client/points.ts';
import type { HoldQuestion } from '../../sim/hold-back.ts';
import type { Interceptor } from '../../sim/observation.ts';
import type { Pid } from '../../sim/process.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { type ApiRequest, type ApiResponse, VERB } from '../../types/wire.ts';
import type { FaultEffect } from '../fault-effect.ts';
import type { RefusalCode } from '../plan.ts';
import { interception } from './interceptors.ts';
import { type Share, ShareDraws } from './share-draws.ts';

/** Longer than any run. */
const FOR_EVER_US = Number.MAX_SAFE_INTEGER;

/** The servers' watch caches hear of changes `latencyUs` late, of a resource (plural name) or of all; null = not until the fault ends. */
export function watchLag(servers: readonly Pid[], resource: string | undefined, latencyUs: number | null): FaultEffect {
  if (resource !== undefined) return feedLag('api.kind-feed', servers, resource, latencyUs);
  const lag: Interceptor = (pid) => (servers.includes(pid) ? (latencyUs ?? FOR_EVER_US) : undefined);
  return interception('api.cache-feed', 'batches of changes delayed', lag, isForItem);
}

/** The clients' informers of a resource (plural name) hear of changes `latencyUs` late, others do not; null = not until the fault ends. */
export function informerLag(clients: readonly Pid[], resource: string, latencyUs: number | null): FaultEffect {
  return feedLag('informer.feed', clients, resource, latencyUs);
}

/** What comes in at a point that asks about a resource is late there. */
function feedLag(point: string, pids: readonly Pid[], resource: string, latencyUs: number | null): FaultEffect {
  const lag: Interceptor = (pid, question) => {
    const { plural } = (question as HoldQuestion).about as { readonly plural: string };
    return pids.includes(pid) && plural === resource ? (latencyUs ?? FOR_EVER_US) : undefined;
  };
  return interception(point, 'changes delayed', lag, isForItem);
}

/** The servers leave out the bookmarks that are due, of a resource (plural name) or of all. */
export function noBookmarks(servers: readonly Pid[], resource: string | undefined): FaultEffect {
  return interception('api.bookmark', 'bookmarks left out', (pid, subject) => {
    const { type } = subject as { readonly type: ResourceType };
    return servers.includes(pid) && (resource === undefined || type.plural === resource) ? false : undefined;
  });
}

/** Whether a change has come, and not only its wait is asked about again. */
function isForItem(question: unknown): boolean {
  return (question as HoldQuestion).isForItem;
}

/** Answers to writes of the clients are lost: they were carried out, and nobody hears of it. */
export function lostReplies(clients: readonly Pid[]): FaultEffect {
  return interception('client.response', 'answers lost', (pid, subject) => {
    if (!clients.includes(pid)) return undefined;
    // Lists and watches have no single object; a lost answer to a read harms nobody.
    return (subject as ApiResponse).object === null ? undefined : LOST;
  });
}

/** Every watch of the servers is closed as soon as it has something to deliver: its client did not keep up. */
export function slowWatchers(servers: readonly Pid[]): FaultEffect {
  return interception('api.watcher-slow', 'watches closed', (pid) => (servers.includes(pid) ? false : undefined));
}

/**
 * Each watch of the servers (of a resource, plural name, or of all) is closed at its next change, the one that follows it, too, and its position is too old when its
 * client goes on from there.
 */
export function expiredWatches(servers: readonly Pid[], resource: string | undefined): FaultEffect {
  const isMeant = (pid: Pid, type: ResourceType): boolean =>
    servers.includes(pid) && (resource === undefined || type.plural === resource);
  const closing = interception('api.watcher-slow', 'watches closed', (pid, watcher) =>
    isMeant(pid, (watcher as { readonly type: ResourceType }).type) ? false : undefined,
  );
  const expiry = interception('api.watch-window', 'watches had too old a position', (pid, type) =>
    isMeant(pid, type as ResourceType) ? false : undefined,
  );
  return {
    begin(cluster) {
      closing.begin(cluster);
      expiry.begin(cluster);
    },
    end(cluster) {
      closing.end(cluster);
      expiry.end(cluster);
    },
    done: expiry.done,
  };
}

/** The clients' informers of a resource (plural name) or of all tell their handlers of each change twice, but of deletions. */
export function repeatedEvents(clients: readonly Pid[], resource: string | undefined): FaultEffect {
  return interception('informer.repeat', 'changes told twice', (pid, type) => {
    const { plural } = type as ResourceType;
    return clients.includes(pid) && (resource === undefined || plural === resource) ? true : undefined;
  });
}

/** The clients try again after exactly their back-off or retry period, all alike. */
export function noJitter(clients: readonly Pid[]): FaultEffect {
  return interception('client.jitter', 'waits without jitter', (pid) => (clients.includes(pid) ? false : undefined));
}

/** Which requests are refused, and how. */
export interface Refusal extends Share {
  readonly code: RefusalCode;
  readonly user?: string | undefined;
  readonly verb?: string | undefined;
  /** Plural name, `pods`. */
  readonly resource?: string | undefined;
}

/** The servers refuse requests without looking at them. `seed` decides the draws. */
export function refusedRequests(servers: readonly Pid[], refusal: Refusal, seed: Seed): FaultEffect {
  const draws = new ShareDraws(refusal, seed, 0x5e_fb5e);
  const effect = interception('api.request', 'requests refused', (pid, subject) => {
    const request = subject as ApiRequest;
    if (!servers.includes(pid) || !concerns(refusal, request)) return undefined;
    return draws.next() ? errorOf(refusal.code, request) : undefined;
  });
  return { ...effect, done: (cluster) => ({ ...effect.done(cluster), hits: { requests: draws.hit } }) };
}

function concerns({ user, verb, resource }: Refusal, request: ApiRequest): boolean {
  if (user !== undefined && request.user !== user) return false;
  if (resource !== undefined && request.type.plural !== resource) return false;
  return verb === undefined || VERB[verb as keyof typeof VERB] === request.verb;
}

function errorOf(code: RefusalCode, { type, name }: ApiRequest): StatusError {
  switch (code) {
    case 401:
      return StatusError.unauthorized();
    case 409:
      return StatusError.conflict(type, name);
    case 429:
      return StatusError.tooManyRequests('too many requests, please try again later', 1);
    case 500:
      return StatusError.internalError('injected failure');
    case 503:
      return StatusError.serviceUnavailable('injected failure');
    case 504:
      return StatusError.timeout('injected failure');
  }
}
