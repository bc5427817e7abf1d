/**
 * The scenario file format: one zod definition gives types, messages and the JSON schema for editors.
 *
 * Objects are strict: an unknown field is an error with the nearest known name. Durations are texts with a unit.
 */
import { z } from 'zod';
import { tryParseQuantity } from '../core/types/quantity.ts';
import { parseDuration } from './duration.ts';
import { describeFields } from './field-descriptions.ts';

const duration = z
  .string()
  .transform((text, context) => microsecondsOf(text, text, context))
  .describe('a duration with a unit: 30s, 10m, 250ms');

const period = duration.refine((us) => us >= 1_000, 'expected at least 1ms');
const signedDuration = z
  .string()
  .transform((text, context) => {
    if (!text.startsWith('-')) return microsecondsOf(text, text, context);
    const us = microsecondsOf(text.slice(1), text, context);
    return us === 0 ? 0 : -us;
  })
  .describe('a duration with a unit, ahead or with a minus behind: 5m, -30s');

/** µs of `text`; a problem of the field whose whole text is `shown` otherwise. */
function microsecondsOf(text: string, shown: string, context: z.core.$RefinementCtx<string>): number {
  const result = parseDuration(text);
  if (result.ok) return result.us;
  context.addIssue({ code: 'custom', message: `"${shown}": ${result.reason}` });
  return z.NEVER;
}

const count = (max: number) => z.int().min(0).max(max);
const stringMap = z.record(z.string(), z.string());
const quantity = z.union([z.string(), z.number().transform(String)]).superRefine((text, context) => {
  const amount = tryParseQuantity(text);
  if (amount === undefined || amount.isNegative)
    context.addIssue({ code: 'custom', message: `"${text}" is no amount, expected one such as 4, 500m or 16Gi` });
});
const quantities = z.record(z.string(), quantity);

const taint = z.strictObject({
  key: z.string().min(1),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

const nodeGroup = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
      'expected lower-case letters, digits, "-" and "."',
    )
    .optional(),
  count: z.int().min(1, 'a node group needs at least one node').max(20_000),
  zones: z.array(z.string().min(1)).optional(),
  capacity: quantities.optional(),
  allocatable: quantities.optional(),
  labels: stringMap.optional(),
  taints: z.array(taint).optional(),
});

const controlPlane = z.strictObject({
  storeMembers: z.int().min(1, 'a cluster needs at least one store member').max(9).optional(),
  apiServers: z.int().min(1, 'a cluster needs at least one API server').max(9).optional(),
  schedulers: count(9).optional(),
  controllerManagers: count(9).optional(),
  cloudControllerManagers: count(9).optional(),
});

const settings = z.strictObject({
  controllerQps: z.number().positive().optional(),
  controllerBurst: z.int().positive().optional(),
  schedulerQps: z.number().positive().optional(),
  schedulerBurst: z.int().positive().optional(),
  nodeMonitorGraceS: z.number().positive().optional(),
  events: z.boolean().optional(),
  proxyMode: z.enum(['default', 'same-node', 'same-zone']).optional(),
  cohorts: z.boolean().optional(),
  kubelet: z.enum(['real', 'recorded']).optional(),
  serviceAccountVolumes: z.boolean().optional(),
  serviceAccounts: z.enum(['all', 'named', 'none']).optional(),
  unpullableImages: z.array(z.string()).optional(),
  compactionPeriodS: z.number().positive().optional(),
  watchCacheEvents: z.int().min(16).max(102_400).optional(),
  schedulerPopsBackoff: z.boolean().optional(),
  schedulerConfiguration: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) for every scheduler'),
});

/** A cluster as files describe it. */
export const clusterSchema = z.strictObject({
  nodes: z.union([nodeGroup, z.array(nodeGroup).min(1, 'a cluster needs at least one node')]),
  controlPlane: controlPlane.optional(),
  settings: settings.optional(),
  operators: z
    .array(
      z.strictObject({
        module: z.string().min(1).describe('your controller, a .ts or .mjs file beside this one'),
        replicas: z.int().min(1).max(9).optional().describe('instances, of which one leads; default 1'),
      }),
    )
    .optional(),
  costs: z.record(z.string(), z.number().min(0)).optional(),
});

const target = z.strictObject({
  node: z.string().optional(),
  zone: z.string().optional(),
  hosting: z.string().optional().describe('Kind/namespace/name of a workload'),
  anyNode: z.literal(true).optional(),
  component: z.string().optional(),
  instance: z.union([z.int().min(0), z.enum(['leader', 'all'])]).optional(),
  count: z.int().min(1).optional(),
  percent: z.number().positive().max(100).optional(),
});

const taskCondition = z.strictObject({
  task: z.string().describe('label of a task: replicaset, binding …'),
  key: z.string().optional().describe('namespace/name of the object it works on'),
  run: z.int().min(1).optional().describe('its n-th run on that key'),
  point: z.int().min(1).optional().describe('the n-th request of that run is sent and not answered'),
});

const objectCondition = z.strictObject({
  object: z.string().describe('kind of the object: Pod'),
  namespace: z.string().optional(),
  name: z.string().optional(),
  change: z.enum(['created', 'deleted', 'changed']).describe('what has to happen to it'),
  field: z.string().optional().describe('dotted path of the field that has to change: status.phase'),
  from: z.string().optional().describe('its value before, as text'),
  to: z.string().optional().describe('its value after, as text'),
  nth: z.int().min(1).optional().describe('the n-th such change; default: the first'),
  seenBy: z
    .string()
    .optional()
    .describe(
      'who sees it: store (committed, the default), apiserver (sent to a watcher), or a component by its informer',
    ),
});

const timeCondition = z.strictObject({ at: duration });

/** What a fault can wait for: a point of a task, a change of an object, or several of these. */
type WhenFile =
  | z.infer<typeof taskCondition>
  | z.infer<typeof objectCondition>
  | z.infer<typeof timeCondition>
  | { all: WhenFile[] }
  | { any: WhenFile[] }
  | { sequence: WhenFile[] };

const when: z.ZodType<WhenFile> = z.lazy(() =>
  z.union([
    taskCondition,
    objectCondition,
    timeCondition,
    z.strictObject({ all: z.array(when).min(1) }),
    z.strictObject({ any: z.array(when).min(1) }),
    z.strictObject({ sequence: z.array(when).min(1) }),
  ]),
);

const faultBase = {
  id: z.string().min(1).optional(),
  target,
  at: duration.optional(),
  when: when.optional(),
  for: duration.optional(),
};

const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('node-crash'), ...faultBase }),
  z.strictObject({ kind: z.literal('kubelet-stop'), ...faultBase }),
  z.strictObject({
    kind: z.literal('process-crash'),
    ...faultBase,
    unsynced: z.enum(['lost', 'kept', 'torn']).optional(),
  }),
  z.strictObject({ kind: z.literal('process-pause'), ...faultBase }),
  z.strictObject({
    kind: z.literal('partition'),
    ...faultBase,
    peer: target,
    direction: z.enum(['both', 'from', 'to']).optional(),
  }),
  z.strictObject({
    kind: z.literal('slow-link'),
    ...faultBase,
    peer: target,
    latency: duration,
    jitter: duration.optional(),
  }),
  z.strictObject({
    kind: z.literal('lossy-link'),
    ...faultBase,
    peer: target,
    lossPercent: z.number().min(0).max(100),
  }),
  z.strictObject({ kind: z.literal('clock-rate'), ...faultBase, rate: z.number().min(0.01).max(100) }),
  z.strictObject({ kind: z.literal('clock-offset'), ...faultBase, offset: signedDuration }),
  z.strictObject({ kind: z.literal('slow-disk'), ...faultBase, extraSync: duration }),
  z.strictObject({ kind: z.literal('disk-failure'), ...faultBase, reason: z.enum(['io-error', 'no-space']) }),
  z.strictObject({ kind: z.literal('bit-flip'), ...faultBase, file: z.enum(['wal', 'snapshot', 'backend']) }),
  z.strictObject({ kind: z.literal('leader-transfer'), ...faultBase }),
  z.strictObject({ kind: z.literal('slow-snapshot'), ...faultBase, latency: duration }),
  z.strictObject({ kind: z.literal('slow-apply'), ...faultBase, latency: duration }),
  z.strictObject({ kind: z.literal('crash-in-apply'), ...faultBase }),
  z.strictObject({ kind: z.literal('compaction-storm'), ...faultBase, every: period }),
  z.strictObject({
    kind: z.literal('watch-lag'),
    ...faultBase,
    latency: duration.optional().describe('how late; absent: nothing arrives until the fault ends'),
  }),
  z.strictObject({ kind: z.literal('lost-replies'), ...faultBase }),
  z.strictObject({
    kind: z.literal('refused-requests'),
    ...faultBase,
    code: z.union([z.literal(409), z.literal(429), z.literal(500), z.literal(503)]),
    user: z.string().min(1).optional(),
    verb: z.enum(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']).optional(),
    resource: z.string().min(1).optional().describe('plural name: pods'),
    percent: z.number().positive().max(100).optional(),
  }),
  z.strictObject({ kind: z.literal('slow-watchers'), ...faultBase }),
  z.strictObject({ kind: z.literal('instance-removed'), ...faultBase }),
]);

const workloadName = z.string().regex(/^[A-Za-z]+\/[^/]+\/[^/]+$/, 'expected Kind/namespace/name');
const operation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('scale'), at: duration, workload: workloadName, replicas: count(1_000_000) }),
  z.strictObject({ kind: z.literal('set-image'), at: duration, workload: workloadName, image: z.string().min(1) }),
  z.strictObject({ kind: z.literal('delete'), at: duration, workload: workloadName }),
  z.strictObject({
    kind: z.literal('apply'),
    at: duration,
    manifests: z.array(z.string()).optional(),
    objects: z.array(z.looseObject({})).optional(),
  }),
  z.strictObject({ kind: z.literal('store-member-add'), at: duration }),
  z.strictObject({ kind: z.literal('store-member-promote'), at: duration, instance: z.int().min(0) }),
  z.strictObject({ kind: z.literal('store-member-remove'), at: duration, instance: z.int().min(0) }),
  z.strictObject({ kind: z.literal('store-rolling-restart'), at: duration }),
  z.strictObject({ kind: z.literal('cordon'), at: duration, target }),
  z.strictObject({ kind: z.literal('uncordon'), at: duration, target }),
  z.strictObject({
    kind: z.literal('drain'),
    at: duration,
    target,
    timeout: duration.optional(),
    uncordon: z.boolean().optional(),
  }),
]);

const expectation = z.union([z.literal('pass'), z.strictObject({ fail: z.string() })]);

/** One scenario file. */
export const scenarioSchema = z.strictObject({
  apiVersion: z.literal('seatrial/v1'),
  kind: z.literal('Scenario'),
  metadata: z.strictObject({ name: z.string().min(1) }),
  about: z.string(),
  source: z.string().optional(),
  tags: z.array(z.string()).optional(),
  cluster: clusterSchema,
  workload: z
    .strictObject({ manifests: z.array(z.string()).optional(), objects: z.array(z.looseObject({})).optional() })
    .optional(),
  operations: z.array(operation).optional(),
  faults: z.array(fault).optional(),
  phases: z
    .strictObject({
      warmUp: duration.optional(),
      safety: duration.optional(),
      heal: z.strictObject({ core: z.union([z.literal('all'), z.array(z.string())]) }).optional(),
      liveness: z
        .strictObject({ bound: z.union([z.literal('auto'), duration]).optional(), stable: duration.optional() })
        .optional(),
    })
    .optional(),
  checks: z
    .strictObject({ predicates: z.array(z.string()).optional(), excuses: z.array(z.string()).optional() })
    .optional(),
  bugs: z.array(z.string()).optional(),
  expect: expectation.optional(),
  budget: z.strictObject({ events: z.int().min(1).optional() }).optional(),
  twin: z.strictObject({ patch: z.looseObject({}), expect: expectation }).optional(),
});

export type ScenarioFile = z.infer<typeof scenarioSchema>;
/** A scenario as people write it: durations are texts, defaults are absent. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
export type FaultFile = NonNullable<ScenarioFile['faults']>[number];
export type { WhenFile };
export type TargetFile = z.infer<typeof target>;
export type OperationFile = NonNullable<ScenarioFile['operations']>[number];
export type ClusterFile = z.infer<typeof clusterSchema>;

/** The JSON schema of scenario files, for editors. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
  describeFields(schema);
  return schema;
}
