/**
 * What searches add to the common form of results, as it stands in files; see bench/search/search-result.ts.
 */
import { z } from 'zod';

const count = z.int().min(0);
/** One a place; null where nothing was counted. */
const counts = z.array(count.nullable());

/** A search for failures. */
export const searchShape = z.looseObject({
  runs: count,
  possible: z.number().min(0).nullable(),
  excused: count,
  events: count,
  canaryFound: z.boolean(),
  complete: z.boolean(),
  broken: z.array(z.looseObject({ caseNumber: z.int(), cause: z.string() })),
  findings: z.array(z.looseObject({ signature: z.string(), message: z.string(), cases: count })),
  coverage: z.looseObject({ marks: counts, faultsByState: counts }),
});

/** A campaign over planted bugs. */
export const mutationShape = z.looseObject({
  mutants: z.array(z.looseObject({ bug: z.string(), foundBy: z.string(), falseAlarm: z.string(), runs: count })),
  sound: z.array(z.looseObject({ plan: z.string(), alarm: z.string() })),
  broken: z.array(z.looseObject({ bug: z.string(), cause: z.string() })),
  complete: z.boolean(),
});

/** A search for the largest value that still heals. */
export const thresholdShape = z.looseObject({
  file: z.string(),
  path: z.string(),
  trials: z.array(z.looseObject({ value: z.number() })),
  complete: z.boolean(),
});
