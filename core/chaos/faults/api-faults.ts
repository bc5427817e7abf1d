/**
 * Faults of API servers and their clients: a watch cache that lags, answers that are lost, requests that are refused, watchers that are
 * too slow.
 *
 * They act at declared points of the components (`api.cache-feed`, `client.response`, `api.request`, `api.watcher-slow`).
 */
import { drawUint32, type Seed } from '../../base/random.ts';
import { LOST } from '../../client/points.ts';
import type { HoldQuestion } from '../../sim/hold-back.ts';
import type { Interceptor } from '../../sim/observation.ts';
import type { Pid } from '../../sim/process.ts';
import { StatusError } from '../../types/status-error.ts';
import { type ApiRequest, type ApiResponse, VERB } from '../../types/wire.ts';
import type { FaultEffect } from '../fault-effect.ts';
import type { RefusalCode } from '../plan.ts';
import { interception } from './interceptors.ts';

/** Longer than any run. */
const FOR_EVER_US = Number.MAX_SAFE_INTEGER;

/** The servers' watch caches hear of changes `latencyUs` late; null = not until the fault ends. */
export function watchLag(servers: readonly Pid[], latencyUs: number | null): FaultEffect {
  const lag: Interceptor = (pid) => (servers.includes(pid) ? (latencyUs ?? FOR_EVER_US) : undefined);
  return interception('api.cache-feed', 'batches of changes delayed', lag, isForItem);
}

/** The clients' informers of a resource (plural name) hear of changes `latencyUs` late, others do not; null = not until the fault ends. */
export function informerLag(clients: readonly Pid[], resource: string, latencyUs: number | null): FaultEffect {
  const lag: Interceptor = (pid, question) => {
    const { plural } = (question as HoldQuestion).about as { readonly plural: string };
    return clients.includes(pid) && plural === resource ? (latencyUs ?? FOR_EVER_US) : undefined;
  };
  return interception('informer.feed', 'changes delayed', lag, isForItem);
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

/** Which requests are refused, and how. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly user?: string | undefined;
  readonly verb?: string | undefined;
  /** Plural name, `pods`. */
  readonly resource?: string | undefined;
  /** Of those requests this share. */
  readonly percent: number;
  /** Exactly these of those requests, counted from 1, instead of the share. */
  readonly only?: readonly number[] | undefined;
}

/** The servers refuse requests without looking at them. `seed` decides the draws. */
export function refusedRequests(servers: readonly Pid[], refusal: Refusal, seed: Seed): FaultEffect {
  const only = refusal.only === undefined ? null : new Set(refusal.only);
  const refused: number[] = [];
  let met = 0;
  const isMeant = (): boolean => {
    if (only !== null) return only.has(met);
    if (refusal.percent >= 100) return true;
    return drawUint32(seed, met, 0x5e_fb5e) % 10_000 < refusal.percent * 100;
  };
  const effect = interception('api.request', 'requests refused', (pid, subject) => {
    const request = subject as ApiRequest;
    if (!servers.includes(pid) || !concerns(refusal, request)) return undefined;
    met++;
    if (!isMeant()) return undefined;
    refused.push(met);
    return errorOf(refusal.code, request);
  });
  return { ...effect, done: (cluster) => ({ ...effect.done(cluster), ordinals: refused }) };
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
