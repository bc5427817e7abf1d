/**
 * The parts of results that a report page reads, as they stand in files.
 *
 * Always: only what is drawn is required, so that a newer result with more fields can be read; what is missing or of another
 * type is a problem with its place, never a page with holes.
 */
import { z } from 'zod';
import { comparisonShape } from './comparison-shape.ts';

const texts = z.array(z.string());
const mark = z.enum(['failed', 'degraded', 'unknown', 'survived']);

const cardRow = z.looseObject({
  trial: z.string(),
  mark,
  subject: z.string(),
  seed: z.number(),
  counted: z.enum(['endpoints', 'pods']),
  replicas: z.number(),
  floor: z.number(),
  lowest: z.number(),
  boundUs: z.number(),
  belowFloorUs: z.number(),
  longestNoneUs: z.number(),
  recoveryUs: z.number(),
  reasons: texts,
  blockers: texts,
  cases: z.number(),
  replay: z.string(),
  curve: z.array(z.number()),
});

/** A report card, as `trial` keeps it. */
export const cardShape = z.looseObject({
  paths: texts,
  cluster: z.looseObject({ text: z.string(), reasons: texts }),
  assumptions: texts,
  notSimulated: z.array(z.looseObject({ kind: z.string(), count: z.number() })),
  trials: texts,
  seeds: z.array(z.number()),
  tolerateUs: z.number(),
  workloads: z.array(
    z.looseObject({
      id: z.string(),
      mark,
      replicas: z.number(),
      services: texts,
      budgets: texts,
      assumable: texts.default([]),
      assumed: texts.default([]),
      rows: z.array(cardRow),
    }),
  ),
  rows: z.record(mark, z.number()),
  verdict: z.string(),
  runs: z.number(),
  complete: z.boolean(),
  broken: z.array(
    z.looseObject({ trial: z.string(), subject: z.string(), seed: z.number(), cause: z.string(), replay: z.string() }),
  ),
});

const quantiles = z.record(z.string(), z.number().nullable());

const caseShape = z.looseObject({
  seed: z.number(),
  outcome: z.string(),
  asExpected: z.boolean(),
  predicate: z.string(),
  message: z.string(),
  healUs: z.number(),
  convergedUs: z.number(),
  endUs: z.number(),
  boundUs: z.number(),
  events: z.number(),
  digest: z.string(),
  replay: z.string().optional(),
});

/** A campaign, as `run` keeps it. */
export const campaignShape = z.looseObject({
  seeds: z.string(),
  complete: z.boolean(),
  verdict: z.string(),
  scenarios: z.array(
    z.looseObject({
      file: z.string(),
      twin: z.boolean(),
      name: z.string(),
      expect: z.union([z.literal('pass'), z.looseObject({ fail: z.string() })]),
      outcomes: z.record(z.string(), z.number()),
      asExpected: z.boolean(),
      warnings: texts,
      neverEvaluated: texts,
      podStartupUs: quantiles,
      recoveryUs: quantiles,
      cases: z.array(caseShape),
    }),
  ),
});

/** What `npm start` keeps: the parts are results of their own. */
export const mainJobShape = z.looseObject({
  trial: cardShape,
  scenario: campaignShape,
  comparison: comparisonShape.optional(),
});

const replayShape = z.looseObject({
  title: z.string(),
  seed: z.number(),
  outcome: z.string(),
  again: z.string(),
  frameUs: z.number().positive(),
  frameCount: z.int().min(0).max(100_000),
  endUs: z.number(),
  healUs: z.number(),
  zones: texts,
  nodes: texts,
  nodeZones: z.string(),
  cells: texts,
  podsMax: z.number(),
  pending: z.string(),
  readyPods: z.string(),
  notReadyPods: z.string(),
  notReadyNodes: z.string(),
  leaders: z.record(z.string(), z.array(z.looseObject({ timeUs: z.number(), holder: z.string() }))),
  faults: z.array(
    z.looseObject({
      id: z.string(),
      kind: z.string(),
      targets: texts,
      targetCount: z.number(),
      nodes: z.array(z.number()),
      beginUs: z.number(),
      endUs: z.number(),
    }),
  ),
  timeline: z.array(z.looseObject({ timeUs: z.number(), what: z.string() })),
});

/** Content of replay.json. */
export const replaysShape = z.looseObject({ schema: z.literal('seatrial/replays/v1'), replays: z.array(replayShape) });

/** A case with its point of no return, as `replay -o json` prints it. */
export const noReturnShape = z.looseObject({
  scenario: z.string(),
  seed: z.number(),
  noReturn: z.looseObject({
    signature: z.string(),
    violationUs: z.number(),
    openUs: z.number(),
    noReturnUs: z.number(),
    points: z.array(z.looseObject({ timeUs: z.number(), runs: z.number().positive(), failures: z.number() })).min(1),
  }),
});

/** Facts about an execution, from run.json. */
export const runShape = z.looseObject({
  startedAt: z.string(),
  durationMs: z.number(),
  workers: z.number(),
  host: z.looseObject({
    seatrial: z.string(),
    node: z.string(),
    platform: z.string(),
    cpuModel: z.string(),
    cores: z.number(),
  }),
});

export type CampaignData = z.infer<typeof campaignShape>;
export type NoReturnData = z.infer<typeof noReturnShape>;
export type RunData = z.infer<typeof runShape>;
