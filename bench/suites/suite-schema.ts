/**
 * The suite file format: scenarios × policies × sizes × seeds, with tags and objectives.
 *
 * One zod definition gives types, messages and the JSON schema. Objects are strict: an unknown field is an error with the
 * nearest known name.
 */
import { z } from 'zod';
import { parseSeeds } from '../cli/seeds.ts';
import { type Objective, parseObjective } from './objective.ts';

const tag = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'expected lower-case letters, digits, ".", "_" and "-"');
const tags = z.array(tag);
const policies = z.array(z.string().min(1)).min(1, 'at least one policy; leave the field out for the default');

const seeds = z
  .union([z.int().min(0), z.string()])
  .transform((value, context) => {
    const result = parseSeeds(`${value}`);
    if (result.ok) return result.seeds;
    context.addIssue({ code: 'custom', message: `"${value}": ${result.reason}` });
    return z.NEVER;
  })
  .describe('seeds of every case: 7, 1..20 or 3,5,9');

const objective = z
  .string()
  .transform((text, context): Objective => {
    const result = parseObjective(text);
    if (result.ok) return result.objective;
    context.addIssue({ code: 'custom', message: `"${text}": ${result.reason}` });
    return z.NEVER;
  })
  .describe('what each case must keep: pod-startup-p99 <= 5s');

const size = z
  .strictObject({
    name: z.string().min(1).optional().describe('shown in names of cases; default: from the numbers'),
    nodes: z.int().min(1).max(20_000).optional().describe("number of nodes instead of the scenario's"),
    replicas: z.number().positive().max(10_000).optional().describe('factor on the replicas of every workload'),
  })
  .describe('a size of the scenario; fields left out stay as the scenario says');

const benchmark = z.strictObject({
  scenario: z.string().min(1).describe('a scenario file, relative to this file'),
  tags: tags.optional(),
  policies: policies.optional().describe("instead of the suite's"),
  sizes: z.array(size).min(1, 'at least one size; leave the field out for the scenario as it is').optional(),
  objectives: z.array(objective).optional(),
});

/** One suite file. */
export const suiteSchema = z.strictObject({
  apiVersion: z.literal('seatrial/v1'),
  kind: z.literal('Suite'),
  metadata: z.strictObject({
    name: z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'expected lower-case letters, digits and "-"'),
  }),
  about: z.string(),
  tags: tags.optional().describe('tags of every case'),
  seeds: seeds.optional().describe('default: 1'),
  policies: policies.optional().describe('scheduling policies; default: kube-default'),
  objectives: z.array(objective).optional().describe('of every case'),
  benchmarks: z.array(benchmark).min(1, 'a suite needs at least one benchmark'),
});

export type SuiteFile = z.infer<typeof suiteSchema>;
export type BenchmarkFile = SuiteFile['benchmarks'][number];
export type SizeFile = z.infer<typeof size>;

/** The JSON schema of suite files, for editors. */
export function suiteJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(suiteSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
}
