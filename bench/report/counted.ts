/** A number with its noun, for every text that counts something. */
import type { FaultDone } from '../../core/chaos/fault-effect.ts';

/** `1 node`, `3 nodes`; `what` is the singular of a noun whose plural ends in s. */
export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** The same for `processes taken down` and its like: `what` begins with the plural of its noun; `1 process taken down`. */
export function countOfDone(count: number, what: string): string {
  return `${count} ${count === 1 ? what.replace(/^(\w+?)(?:(?<=ss|tch)es|s)\b/, '$1') : what}`;
}

/** What a fault did, and what the servers refused of it; `none` for one that did nothing, and which other one had its target. */
export function doneText({ count, what, refused, takenBy = [] }: FaultDone, none: string): string {
  const taken = takenBy.length === 0 ? '' : `: fault ${takenBy.join(', ')} had its target`;
  const did = count === 0 ? `${none}${taken}` : countOfDone(count, what);
  return refused === undefined ? did : `${did}; ${refused.count} refused: ${refused.message}`;
}

/** `a, b and c`: all of them. */
export function andText(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
