/**
 * A suite with wrong fields, without them: so that policies, metrics and scenarios in what is right can be checked as well, and all problems of a file come at once.
 *
 * Always: indices stay, so a problem found in the result has its place in the file.
 */
import type { z } from 'zod';

type Fields = Record<string, unknown>;
type Issue = z.core.$ZodIssue;

/** Stands where an objective was: no metric, policy or scenario is wrong with it. */
const ANY_OBJECTIVE = 'pods >= 0';

/** The part of a suite that `issues` do not touch; null where too little is left: a benchmark without a scenario. */
export function soundSuite(value: unknown, issues: readonly Issue[]): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const suite: Fields = { ...value, apiVersion: 'seatrial/v1', metadata: { name: 'suite' }, about: 'A suite.' };
  for (const issue of issues) {
    const [section, index, ...rest] = issue.path;
    if (section !== 'benchmarks') removeAt(suite, issue.path, issue);
    else {
      if (typeof index !== 'number') return null;
      const list = [...(suite['benchmarks'] as unknown[])];
      const benchmark = list[index];
      if (benchmark === null || typeof benchmark !== 'object' || rest[0] === 'scenario') return null;
      list[index] = { ...benchmark };
      removeAt(list[index] as Fields, rest, issue);
      suite['benchmarks'] = list;
    }
  }
  return suite;
}

/** Takes out of `fields`, a copy, what is wrong at `path`: an objective, or a whole field. */
function removeAt(fields: Fields, [field, index]: readonly PropertyKey[], issue: Issue): void {
  if (field === undefined) {
    for (const key of issue.code === 'unrecognized_keys' ? issue.keys : []) delete fields[key];
  } else if (field === 'objectives' && typeof index === 'number')
    fields[field] = (fields[field] as unknown[]).map((each, at) => (at === index ? ANY_OBJECTIVE : each));
  else if (field !== 'metadata' && field !== 'about' && field !== 'apiVersion') delete fields[String(field)];
}
