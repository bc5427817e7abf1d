/** Counts in a status: the API leaves out those that are 0 (Go's `omitempty`), and controllers write them so. */

/** `count`, or undefined for 0. */
export function orAbsent(count: number): number | undefined {
  return count === 0 ? undefined : count;
}
