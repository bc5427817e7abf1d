/**
 * The parts of a comparison of policies that a page reads; see bench/compare/compare-result.ts.
 */
import { z } from 'zod';

const number = z.number().nullable();
const values = z.array(number);

const metric = z.looseObject({
  name: z.string(),
  unit: z.enum(['%', 's', 'count', 'points', 'ratio']),
  better: z.enum(['higher', 'lower']),
  about: z.string(),
  main: z.boolean(),
  byPolicy: z.array(z.looseObject({ policy: z.string(), mean: number })),
  comparisons: z.array(
    z.looseObject({
      policy: z.string(),
      n: z.number(),
      estimate: number,
      low: number,
      high: number,
      p: number,
      wins: z.number(),
      ties: z.number(),
      losses: z.number(),
      smallestDifference: number,
      verdict: z.enum(['better', 'worse', 'same', 'undecided']),
    }),
  ),
});

const curve = z.looseObject({
  name: z.string(),
  x: z.looseObject({ name: z.string(), unit: z.string(), values: z.array(z.number()) }),
  y: z.looseObject({ name: z.string(), unit: z.string() }),
  byPolicy: z.array(z.looseObject({ policy: z.string(), values })),
});

const rules = z.looseObject({ tieRule: z.string(), nodeOrder: z.string(), sample: z.string() });

/** A comparison. */
export const comparisonShape = z.looseObject({
  workload: z.looseObject({
    name: z.string(),
    nodes: z.number(),
    gpus: z.number(),
    pods: z.number(),
    kinds: z.number(),
  }),
  policies: z.array(z.looseObject({ name: z.string(), about: z.string() })),
  baseline: z.string(),
  seeds: z.array(z.number()),
  rules,
  confidence: z.number(),
  experiments: z.array(
    z.looseObject({ name: z.string(), about: z.string(), metrics: z.array(metric), curves: z.array(curve) }),
  ),
  sensitivity: z.array(
    z.looseObject({
      policy: z.string(),
      rules,
      metric: z.string(),
      mean: number,
      difference: number,
      rank: z.number(),
      tiesMean: number,
    }),
  ),
  sensitivityFindings: z.array(z.string()),
  assumptions: z.array(z.string()),
  answers: z.array(z.looseObject({ experiment: z.string(), policy: z.string(), seed: z.number(), text: z.string() })),
  forks: z.array(
    z.looseObject({
      policy: z.string(),
      seed: z.number(),
      equalDecisions: z.number(),
      timeUs: number,
      pod: z.number(),
      kind: z.string(),
      firstNode: z.string(),
      secondNode: z.string(),
      scores: z.array(z.looseObject({ node: z.string(), first: number, second: number })),
    }),
  ),
  complete: z.boolean(),
  broken: z.array(z.looseObject({ case: z.string(), cause: z.string() })),
  /** Where the comparison stands in a result document. */
  summary: z.looseObject({ verdict: z.string(), reproduce: z.string() }).optional(),
});
