/**
 * Delta debugging: the fewest items of a list with which something still holds.
 *
 * Always: the result is 1-minimal, that is, taking any single item away makes `holds` false (unless `holds` gave up on the way);
 * the order of items stays. O(n log n) questions when one item matters, O(n²) at worst. Source: Zeller and Hildebrandt, "Simplifying and
 * Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002 (the complement half of ddmin: subsets alone rarely fail here).
 */

/** The items of `items` that are needed for `holds`, which is true for all of them. */
export function minimalList<T>(items: readonly T[], holds: (subset: readonly T[]) => boolean): readonly T[] {
  let current = items;
  if (current.length > 0 && holds([])) return [];
  let parts = 2;
  while (current.length >= 2) {
    const smaller = withoutAPart(current, parts, holds);
    if (smaller !== null) {
      current = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= current.length) break;
    else parts = Math.min(current.length, parts * 2);
  }
  return current;
}

/** The list without the first of `parts` pieces that is not needed; null if each is. */
function withoutAPart<T>(
  items: readonly T[],
  parts: number,
  holds: (subset: readonly T[]) => boolean,
): readonly T[] | null {
  const size = Math.ceil(items.length / parts);
  // From the back: what happened late is the least likely cause.
  for (let end = items.length; end > 0; end -= size) {
    const rest = [...items.slice(0, Math.max(0, end - size)), ...items.slice(end)];
    if (rest.length > 0 && holds(rest)) return rest;
  }
  return null;
}
