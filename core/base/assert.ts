/**
 * Assertions of the core: a failed one is a bug of seatrial, never of its user.
 *
 * The message says what must hold; whoever runs the simulation adds seed, digest and event number and prints
 * how to replay (exit code 3).
 */

/** A broken invariant of the simulator itself. */
export class AssertionError extends Error {
  override name = 'AssertionError';
}

/** Throws {@link AssertionError} with `message` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a branch that no value can reach; a new member of a union then fails to compile. */
export function assertNever(value: never, what: string): never {
  throw new AssertionError(`${what}: unexpected ${String(value)}`);
}
