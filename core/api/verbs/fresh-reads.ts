/**
 * Reads that must not be older than something: they wait until the cache is there.
 *
 * "Most recent" (resourceVersion unset) asks the store for its revision first; one such question serves all reads
 * that arrived before it left. A revision in the future is waited for up to 3 s. Source: Kubernetes 1.34,
 * storage/cacher (consistent reads from cache, KEP-2340).
 */
import { OP_STORE_RANGE, StoreRange } from '../../store/client-interface.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ApiCore } from '../core.ts';
import { type GivenUp, MARK_TOO_LARGE_RV, MARK_WAITED_FOR_CACHE, POINT_GIVEN_UP } from '../declarations.ts';
import { FRESH_WAIT_US } from '../limits.ts';
import type { Operation } from '../operation.ts';
import { STEP_NONE, STEP_WAIT_CACHE, STEP_WAIT_PROGRESS } from '../steps.ts';
import { HEALTH_KEY } from '../storage/key-names.ts';

/** What a read does once the cache is fresh enough. */
export type Ready = (core: ApiCore, op: Operation) => void;

/** The revision that a resourceVersion option names, −1 when it is unset. Throws StatusError (400), whose text begins with `what`. */
export function askedRevision(resourceVersion: string | undefined, what = ''): number {
  if (resourceVersion === undefined || resourceVersion === '') return -1;
  const revision = /^\d{1,16}$/.test(resourceVersion) ? Number(resourceVersion) : Number.NaN;
  if (!Number.isSafeInteger(revision)) {
    throw StatusError.badRequest(
      `${what}resourceVersion: Invalid value: "${resourceVersion}": strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`,
    );
  }
  return revision;
}

/** Runs `ready` when the cache is at `revision` (−1: at what the store has now; 0: at once). */
export function whenFresh(core: ApiCore, op: Operation, revision: number, ready: Ready): void {
  if (revision === 0 || (revision > 0 && revision <= core.revisionOf(op.request.type))) {
    core.guarded(op, ready);
    return;
  }
  op.memo = ready;
  op.waitUntilUs = core.ctx.now() + FRESH_WAIT_US;
  if (revision > 0) {
    op.waitRevision = revision;
    wait(core, op);
    return;
  }
  op.step = STEP_WAIT_PROGRESS;
  core.store.send(op, OP_STORE_RANGE, StoreRange.ofKey(core.cluster.keys.intern(HEALTH_KEY)), 0);
}

/** The store has told its revision. */
export function progressKnown(core: ApiCore, op: Operation, revision: number): void {
  op.waitRevision = revision;
  if (revision <= core.revisionOf(op.request.type)) core.guarded(op, op.memo as Ready);
  else wait(core, op);
}

function wait(core: ApiCore, op: Operation): void {
  core.ctx.mark(MARK_WAITED_FOR_CACHE);
  op.step = STEP_WAIT_CACHE;
  core.waiting.push(op);
  core.sweep.by(op.waitUntilUs);
  core.store.wantProgress();
}

/** The cache has got further: serves what waited for it. */
export function cacheAdvanced(core: ApiCore): void {
  const all = core.waiting.splice(0);
  for (const op of all) {
    if (op.done) continue;
    if (op.waitRevision > core.revisionOf(op.request.type)) {
      core.waiting.push(op);
      continue;
    }
    op.step = STEP_NONE;
    core.guarded(op, op.memo as Ready);
  }
}

/** Gives up waiting where the time is over. Run by the sweep. */
export function sweepWaiting(core: ApiCore, nowUs: number): void {
  for (const op of core.waiting.slice()) {
    if (op.done) continue;
    if (op.waitUntilUs > nowUs) {
      core.sweep.by(op.waitUntilUs);
      continue;
    }
    core.waiting.splice(core.waiting.indexOf(op), 1);
    const { type } = op.request;
    const current = core.revisionOf(type);
    const what: GivenUp = { kind: type.kind, waitedFor: 'revision', asked: op.waitRevision, current };
    core.ctx.observe(POINT_GIVEN_UP, what);
    failTooLarge(core, op, current);
  }
}

/** What the store itself answered at `revision` is older than asked for: that is not waited for; true if the read has failed. Source: storage/etcd3 validateMinimumResourceVersion. */
export function isOlderThanAsked(core: ApiCore, op: Operation, revision: number): boolean {
  if (revision >= op.waitRevision) return false;
  failTooLarge(core, op, revision);
  return true;
}

function failTooLarge(core: ApiCore, op: Operation, current: number): void {
  core.ctx.mark(MARK_TOO_LARGE_RV);
  core.fail(op, StatusError.tooLargeResourceVersion(op.waitRevision, current));
}
