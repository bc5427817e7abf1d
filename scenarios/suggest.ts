/**
 * The nearest known name to a mistyped one, for "did you mean".
 *
 * Always: the answer depends on the two inputs only; of equally near names the first in `known` wins. A suggestion is
 * offered only when it is close enough to be what was meant: a third of the longer name, at most three edits.
 * Cost: O(length²) a name; names longer than NAME_LENGTH_MAX are not compared.
 */

const NAME_LENGTH_MAX = 64;
const EDITS_MAX = 3;

/**
 * Returns the name of `known` that is nearest to `unknown` by edits (insert, delete, replace, swap of neighbours), case
 * ignored, or undefined when none is near. A name that `unknown` begins (at least three letters) counts as near.
 */
export function nearestName(unknown: string, known: Iterable<string>): string | undefined {
  const wanted = unknown.toLowerCase();
  if (wanted.length === 0 || wanted.length > NAME_LENGTH_MAX) return undefined;
  let best: string | undefined;
  let bestEdits = EDITS_MAX + 1;
  let prefixed: string | undefined;
  for (const name of known) {
    const candidate = name.toLowerCase();
    if (candidate.length === 0 || candidate.length > NAME_LENGTH_MAX) continue;
    if (prefixed === undefined && wanted.length >= 3 && candidate.startsWith(wanted)) prefixed = name;
    const edits = editDistance(wanted, candidate);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (edits <= allowed && edits < bestEdits) {
      best = name;
      bestEdits = edits;
    }
  }
  return best ?? prefixed;
}

/**
 * Number of single-character edits (insert, delete, replace, swap of two neighbours) that turn `a` into `b`: optimal
 * string alignment.
 */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  let beforeLast = new Uint16Array(width);
  let last = new Uint16Array(width);
  let current = new Uint16Array(width);
  for (let column = 0; column < width; column++) last[column] = column;
  for (let row = 1; row <= a.length; row++) {
    current[0] = row;
    for (let column = 1; column < width; column++) {
      const same = a.charCodeAt(row - 1) === b.charCodeAt(column - 1);
      let edits = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped =
        row > 1 &&
        column > 1 &&
        a.charCodeAt(row - 1) === b.charCodeAt(column - 2) &&
        a.charCodeAt(row - 2) === b.charCodeAt(column - 1);
      if (swapped) edits = Math.min(edits, beforeLast[column - 2]! + 1);
      current[column] = edits;
    }
    [beforeLast, last, current] = [last, current, beforeLast];
  }
  return last[b.length]!;
}
