/**
 * The difference of two texts by lines, as a unified diff without headers: `-` is expected, `+` came out.
 *
 * Lines are matched by a longest common subsequence between the common head and tail; texts too long for that are shown as
 * one replaced block.
 */

/** Equal lines shown around each difference. */
const CONTEXT_LINES = 3;
/** Largest product of line counts that is matched exactly. */
const MATCHED_CELLS_MAX = 4_000_000;

/** The lines that differ, with context; empty for equal texts. */
export function textDifference(expected: string, actual: string): string {
  const left = lines(expected);
  const right = lines(actual);
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head++;
  let tail = 0;
  while (tail < left.length - head && tail < right.length - head && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
  if (head + tail === left.length && left.length === right.length) return '';
  const middle = changed(left.slice(head, left.length - tail), right.slice(head, right.length - tail));
  const before = left.slice(Math.max(0, head - CONTEXT_LINES), head).map((line) => ` ${line}`);
  const after = left.slice(left.length - tail, left.length - tail + CONTEXT_LINES).map((line) => ` ${line}`);
  return [...before, ...middle, ...after].join('\n');
}

function lines(text: string): string[] {
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  return all;
}

function changed(left: readonly string[], right: readonly string[]): string[] {
  if (left.length * right.length > MATCHED_CELLS_MAX) {
    return [...left.map((line) => `-${line}`), ...right.map((line) => `+${line}`)];
  }
  // common[i][j]: longest common subsequence of left from i and right from j.
  const width = right.length + 1;
  const common = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const both = left[i] === right[j] ? (common[(i + 1) * width + j + 1] as number) + 1 : 0;
      common[i * width + j] = Math.max(
        both,
        common[(i + 1) * width + j] as number,
        common[i * width + j + 1] as number,
      );
    }
  }
  const shown: string[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      shown.push(` ${left[i]}`);
      i++;
      j++;
    } else if (
      j === right.length ||
      (i < left.length && (common[(i + 1) * width + j] as number) >= (common[i * width + j + 1] as number))
    ) {
      shown.push(`-${left[i++]}`);
    } else shown.push(`+${right[j++]}`);
  }
  return shown;
}
