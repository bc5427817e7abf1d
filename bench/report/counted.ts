/** A number with its noun, for every text that counts something. */

/** `1 node`, `3 nodes`; `what` is the singular of a noun whose plural ends in s. */
export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
