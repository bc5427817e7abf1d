/**
 * Which benchmarks of a suite to run: `--grep TEXT` and `--tag a,-b`.
 */
import type { Suite, SuiteBenchmark } from './load-suite.ts';

/** What was asked for. */
export interface Selection {
  /** Text that the name holds; a whole name selects that one alone. */
  readonly grep?: string | undefined;
  /** Tags separated by commas: one of the plain ones must be there, none of those behind a minus may. */
  readonly tag?: string | undefined;
}

/** The suite with the benchmarks that match; perhaps none. */
export function selectBenchmarks(suite: Suite, { grep = '', tag = '' }: Selection): Suite {
  const exact = suite.benchmarks.filter(({ id }) => id === grep);
  const named = exact.length > 0 ? exact : suite.benchmarks.filter(({ id }) => holds(id, grep));
  const words = tag
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const unwanted = words.filter((word) => word.startsWith('-')).map((word) => word.slice(1));
  const wanted = words.filter((word) => !word.startsWith('-')).map((word) => word.replace(/^\+/, ''));
  const fits = ({ tags }: SuiteBenchmark): boolean =>
    (wanted.length === 0 || wanted.some((word) => tags.includes(word))) &&
    !unwanted.some((word) => tags.includes(word));
  return { ...suite, benchmarks: named.filter(fits) };
}

function holds(id: string, text: string): boolean {
  return id.toLowerCase().includes(text.toLowerCase());
}
