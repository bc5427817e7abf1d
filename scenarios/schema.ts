/**
 * The scenario file format: one zod definition gives types, messages and the JSON schema for editors.
 *
 * Objects are strict: an unknown field is an error with the nearest known name. Durations are texts with a unit.
 */
import { z } from 'zod';
import { DEVICE_GATES } from '../core/types/device-gates.ts';
import { tryParseQuantity } from '../core/types/quantity.ts';
import { faultList, target } from './fault-schema.ts';
import { describeFields } from './field-descriptions.ts';
import { count, duration, labelKey, labelMap, labelValue } from './field-types.ts';

const quantity = z.union([z.string(), z.number().transform(String)]).superRefine((text, context) => {
  const amount = tryParseQuantity(text);
  if (amount === undefined || amount.isNegative)
    context.addIssue({ code: 'custom', message: `"${text}" is no amount, expected one such as 4, 500m or 16Gi` });
});
const quantities = z.record(z.string(), quantity);

const taint = z.strictObject({
  key: labelKey,
  value: labelValue.optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

const nodeName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'expected lower-case letters, digits, "-" and "."',
  );

const nodeGroup = z.strictObject({
  name: nodeName.optional(),
  names: z.array(nodeName).optional(),
  count: z.int().min(1, 'a node group needs at least one node').max(20_000),
  zones: z.array(labelValue.min(1)).optional(),
  capacity: quantities.optional(),
  allocatable: quantities.optional(),
  labels: labelMap.optional(),
  taints: z.array(taint).optional(),
  unschedulable: z.boolean().optional(),
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
  storeQuotaBytes: z.int().positive().optional(),
  watchCacheEvents: z.int().min(16).max(102_400).optional(),
  readsInFlight: z.int().min(1).max(100_000).optional(),
  writesInFlight: z.int().min(1).max(100_000).optional(),
  eventTtlS: z.int().min(2).max(31_536_000).optional(),
  schedulerPopsBackoff: z.boolean().optional(),
  deviceGates: z.array(z.enum(DEVICE_GATES)).optional(),
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
      z.strictObject(
        {
          module: z.string().min(1).describe('your controller, a .ts or .mjs file beside this one'),
          replicas: z.int().min(1).max(9).optional().describe('instances, of which one leads; default 1'),
        },
        { error: ({ code }) => (code === 'invalid_type' ? 'expected {module: ./mine.mjs}' : undefined) },
      ),
      'expected a list such as [{module: ./mine.mjs}]',
    )
    .optional(),
  costs: z.record(z.string(), z.number().min(0)).optional(),
});

const workloadName = z.string().regex(/^[A-Za-z]+\/[^/]+\/[^/]+$/, 'expected Kind/namespace/name');
const objectName = z
  .string()
  .regex(/^[A-Za-z]+(\/[^/]+){1,2}$/, 'expected Kind/namespace/name, or Kind/name for what has no namespace');
const operation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('scale'), at: duration, workload: workloadName, replicas: count(1_000_000) }),
  z.strictObject({ kind: z.literal('set-image'), at: duration, workload: workloadName, image: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('delete'),
    at: duration,
    workload: objectName,
    cascade: z.enum(['background', 'foreground', 'orphan']).optional(),
  }),
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
  z.strictObject({
    kind: z.literal('store-restore'),
    at: duration,
    instance: z.int().min(0),
    bumpRevision: z.int().min(0).max(1_000_000_000).optional(),
  }),
  z.strictObject({ kind: z.literal('store-defragment'), at: duration, instance: z.int().min(0).optional() }),
  z.strictObject({ kind: z.literal('store-alarm-disarm'), at: duration }),
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

const expectation = z.union([
  z.literal('pass', { error: 'expected pass, or {fail: ID} with the predicate that has to fail, such as X1' }),
  z.strictObject({ fail: z.string() }),
]);

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
  faults: faultList.optional(),
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
    .strictObject({
      predicates: z.array(z.string()).optional(),
      excuses: z.array(z.string()).optional(),
      comparisons: z.array(z.enum(['X3', 'X4'])).optional(),
    })
    .optional(),
  bugs: z.array(z.string()).optional(),
  expect: expectation.optional(),
  interleaving: count(0xffff_ffff).optional(),
  reorderings: z.array(z.strictObject({ at: duration, order: z.array(z.string()).min(2) })).optional(),
  budget: z.strictObject({ events: z.int().min(1).optional() }).optional(),
  twin: z.strictObject({ patch: z.looseObject({}), expect: expectation }).optional(),
});

export type ScenarioFile = z.infer<typeof scenarioSchema>;
/** A scenario as people write it: durations are texts, defaults are absent. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
export type TargetFile = z.infer<typeof target>;
export type OperationFile = NonNullable<ScenarioFile['operations']>[number];
export type ClusterFile = z.infer<typeof clusterSchema>;

/** The JSON schema of scenario files, for editors. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
  describeFields(schema);
  return schema;
}
