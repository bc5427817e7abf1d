/**
 * Seeds on the command line: `7`, `1..20`, `3,5,9`, and mixtures such as `1..3,9`.
 *
 * Always: integers 0 to SEED_MAX in the order written, each once; a range includes both ends. A range is never expanded
 * before its size is known to be within SEED_COUNT_MAX.
 */

/** Largest seed: the largest integer that JSON and a double keep exactly. */
export const SEED_MAX = Number.MAX_SAFE_INTEGER;
/** Most seeds of one command. */
const SEED_COUNT_MAX = 100_000;

/** Either seeds or what is wrong with the text. */
export type SeedsResult =
  | { readonly ok: true; readonly seeds: readonly number[] }
  | { readonly ok: false; readonly reason: string };

/** Reads a list of seeds and ranges; never throws. */
export function parseSeeds(text: string): SeedsResult {
  const seeds = new Set<number>();
  let count = 0;
  for (const part of text.split(',')) {
    const range = /^(\d{1,17})(?:\.\.(\d{1,17}))?$/.exec(part.trim());
    if (range === null) return bad('expected a seed such as 7, a range 1..20 or a list 3,5,9');
    const first = Number(range[1]);
    const last = range[2] === undefined ? first : Number(range[2]);
    if (first > SEED_MAX || last > SEED_MAX) return bad(`a seed is at most ${SEED_MAX}`);
    if (last < first) return bad(`the range ${first}..${last} runs backwards`);
    count += last - first + 1;
    if (count > SEED_COUNT_MAX) return bad(`more than ${SEED_COUNT_MAX} seeds`);
    for (let seed = first; seed <= last; seed++) seeds.add(seed);
  }
  return { ok: true, seeds: [...seeds] };
}

/** Writes seeds in one way, runs of them as ranges, for replay lines and folder names: 1,2,4,9,10,11 → `1..2,4,9..11`. */
export function formatSeeds(seeds: readonly number[]): string {
  const parts: string[] = [];
  let index = 0;
  while (index < seeds.length) {
    const first = seeds[index]!;
    let last = first;
    while (index + 1 < seeds.length && seeds[index + 1] === last + 1) {
      index++;
      last++;
    }
    parts.push(last === first ? `${first}` : `${first}..${last}`);
    index++;
  }
  return parts.join(',');
}

function bad(reason: string): SeedsResult {
  return { ok: false, reason };
}
