/**
 * What a controller has asked for and not yet seen in its own informer.
 *
 * As long as creations or deletions of a key are outstanding, its next sync must not act on the copy, which lacks them. An
 * expectation that is not met within five minutes no longer counts. Keys are integer ids; a key without expectations
 * costs nothing. Source: Kubernetes 1.34 pkg/controller/controller_utils.go (ControllerExpectations,
 * UIDTrackingControllerExpectations, ExpectationsTimeout).
 */
import type { Context } from '../sim/context.ts';
import { MARK_EXPECTATION_EXPIRED } from './marks.ts';

/** After so long an expectation is given up, µs. */
const EXPECTATIONS_TIMEOUT_US = 300_000_000;

class Expectation {
  adds: number;
  deletes: number;
  sinceUs: number;

  constructor(adds: number, deletes: number, sinceUs: number) {
    this.adds = adds;
    this.deletes = deletes;
    this.sinceUs = sinceUs;
  }
}

export class Expectations {
  readonly #ctx: Context;
  readonly #byKey = new Map<number, Expectation>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** `count` creations for `key` are about to be sent; replaces what was expected before. */
  expectCreations(key: number, count: number): void {
    this.#byKey.set(key, new Expectation(count, 0, this.#ctx.now()));
  }

  /** `count` deletions for `key` are about to be sent; replaces what was expected before. */
  expectDeletions(key: number, count: number): void {
    this.#byKey.set(key, new Expectation(0, count, this.#ctx.now()));
  }

  /** Both at once (daemon sets). */
  expect(key: number, creations: number, deletions: number): void {
    this.#byKey.set(key, new Expectation(creations, deletions, this.#ctx.now()));
  }

  /** A creation showed up in the informer, or was refused for certain. */
  creationObserved(key: number, count = 1): void {
    const expectation = this.#byKey.get(key);
    if (expectation !== undefined) expectation.adds -= count;
  }

  /** A deletion showed up in the informer, or was refused for certain. */
  deletionObserved(key: number, count = 1): void {
    const expectation = this.#byKey.get(key);
    if (expectation !== undefined) expectation.deletes -= count;
  }

  /** Whether a sync of `key` may act: everything was seen, nothing was expected, or it took too long. */
  satisfied(key: number): boolean {
    const expectation = this.#byKey.get(key);
    if (expectation === undefined) return true;
    if (expectation.adds <= 0 && expectation.deletes <= 0) return true;
    if (this.#ctx.now() - expectation.sinceUs <= EXPECTATIONS_TIMEOUT_US) return false;
    this.#ctx.mark(MARK_EXPECTATION_EXPIRED);
    return true;
  }

  /** The owner of `key` is gone. */
  delete(key: number): void {
    this.#byKey.delete(key);
  }

  /** Keys with an expectation that is still open: for liveness bounds. */
  openCount(): number {
    let open = 0;
    for (const expectation of this.#byKey.values()) if (expectation.adds > 0 || expectation.deletes > 0) open++;
    return open;
  }
}

/**
 * Expectations that know which objects are to go: a deletion seen twice (a terminating update and the final event) counts
 * once. `objectId` is the object's local id.
 */
export class TrackedExpectations extends Expectations {
  readonly #deleting = new Map<number, Set<number>>();

  /** These objects are about to be deleted for `key`. */
  expectDeletionsOf(key: number, objectIds: readonly number[]): void {
    this.expectDeletions(key, objectIds.length);
    this.#deleting.set(key, new Set(objectIds));
  }

  /** `objectId` is terminating or gone, or its deletion was refused for certain. */
  deletionObservedOf(key: number, objectId: number): void {
    if (this.#deleting.get(key)?.delete(objectId) === true) this.deletionObserved(key);
  }

  override delete(key: number): void {
    super.delete(key);
    this.#deleting.delete(key);
  }
}
