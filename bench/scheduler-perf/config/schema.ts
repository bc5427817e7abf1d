/**
 * The files of Kubernetes' scheduler_perf: what may stand in a performance-config.yaml.
 *
 * Objects are strict: an unknown field is an error. Operations that are known and not simulated are read as they are; only
 * a workload that needs one fails. Source: Kubernetes 1.37, test/integration/scheduler_perf (README, scheduler_perf.go,
 * operations.go).
 */
import { z } from 'zod';

const text = z.string().min(1);
const count = z.int().min(0).max(10_000_000);
/** A reference to a parameter of the workload. */
const reference = z.string().regex(/^\$.+/, 'expected the name of a parameter with $ before it');
const labels = z.record(z.string(), z.string());
const namespaces = z.array(z.string());
const templateParams = z.record(z.string(), z.unknown());

const counted = { count: count.optional(), countParam: reference.optional() };
const templated = { templateParams: templateParams.optional() };

const createNodes = z.strictObject({
  opcode: z.literal('createNodes'),
  ...counted,
  nodeTemplatePath: text.optional(),
  ...templated,
  nodeAllocatableStrategy: z
    .strictObject({
      nodeAllocatable: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
      csiNodeAllocatable: z.record(z.string(), z.strictObject({ count: z.int().min(0).optional() })).optional(),
      migratedPlugins: z.array(z.string()).nullable().optional(),
    })
    .optional(),
  labelNodePrepareStrategy: z
    .strictObject({ labelKey: text, labelValues: z.array(z.string()).min(1), roundRobin: z.boolean().optional() })
    .optional(),
  uniqueNodeLabelStrategy: z.strictObject({ labelKey: text }).optional(),
});

const createNamespaces = z.strictObject({
  opcode: z.literal('createNamespaces'),
  prefix: text,
  ...counted,
  namespaceTemplatePath: text.optional(),
});

const createPods = z.strictObject({
  opcode: z.literal('createPods'),
  ...counted,
  countMultiplierParam: reference.optional(),
  namespace: text.optional(),
  podTemplatePath: text.optional(),
  ...templated,
  collectMetrics: z.boolean().optional(),
  skipWaitToCompletion: z.boolean().optional(),
  persistentVolumeTemplatePath: text.optional(),
  persistentVolumeClaimTemplatePath: text.optional(),
  steadyState: z.boolean().optional(),
  steadyStateParam: reference.optional(),
  duration: text.optional(),
  durationParam: reference.optional(),
  signatureBatchSize: z.int().min(0).optional(),
  signatureBatchSizeParam: reference.optional(),
  nominatedNodeName: text.optional(),
});

const createPodSets = z.strictObject({
  opcode: z.literal('createPodSets'),
  ...counted,
  namespacePrefix: text,
  createPodsOp: createPods,
});

const deletePods = z.strictObject({
  opcode: z.literal('deletePods'),
  namespace: text,
  labelSelector: labels.optional(),
  skipWaitToCompletion: z.boolean().optional(),
  deletePodsPerSecond: z.int().min(0).optional(),
});

const churn = z
  .strictObject({
    opcode: z.literal('churn'),
    mode: z.enum(['create', 'recreate']),
    number: z.int().min(0).optional(),
    intervalMilliseconds: z.int().min(0).optional(),
    namespace: text.optional(),
    templatePaths: z.array(text).min(1),
  })
  .refine(({ mode, number = 0 }) => mode === 'create' || number > 0, {
    path: ['number'],
    message: 'mode recreate needs a number above 0',
  });

const barrier = z.strictObject({
  opcode: z.literal('barrier'),
  namespaces: namespaces.optional(),
  labelSelector: labels.optional(),
  stageRequirement: z.enum(['', 'Scheduled', 'Attempted']).optional(),
});

const sleep = z.strictObject({
  opcode: z.literal('sleep'),
  duration: text.optional(),
  durationParam: reference.optional(),
});

const startCollectingMetrics = z.strictObject({
  opcode: z.literal('startCollectingMetrics'),
  name: z.string().optional(),
  namespaces: namespaces.min(1, 'at least one namespace'),
  labelSelector: labels.optional(),
});

const createAny = z.strictObject({
  opcode: z.literal('createAny'),
  namespace: text.optional(),
  templatePath: text,
  ...counted,
  ...templated,
});

const updateAny = z.strictObject({
  opcode: z.literal('updateAny'),
  namespace: text.optional(),
  templatePath: text,
  ...counted,
  ...templated,
  updatePerSecond: z.int().min(0).optional(),
  subresources: z.array(text).optional(),
});

const stopCollectingMetrics = z.strictObject({ opcode: z.literal('stopCollectingMetrics') });

const createResourceClaims = z.strictObject({
  opcode: z.literal('createResourceClaims'),
  namespace: text,
  templatePath: text,
  ...counted,
});

/** Up to Kubernetes 1.33: slices of a driver for the nodes that a pattern names. */
const createResourceDriver = z.strictObject({
  opcode: z.literal('createResourceDriver'),
  driverName: text,
  nodes: text,
  maxClaimsPerNode: z.int().min(0).optional(),
  maxClaimsPerNodeParam: reference.optional(),
});

const allocResourceClaims = z.strictObject({ opcode: z.literal('allocResourceClaims'), namespace: text.optional() });

const createPodGroups = z.strictObject({
  opcode: z.literal('createPodGroups'),
  namespace: text,
  templatePath: text,
  ...counted,
  ...templated,
});

/** Operations of the original whose subject is not simulated. */
const NOT_SIMULATED = [
  'checkPodScheduled',
  'createCompositePodGroups',
  'runCommand',
  'startCollectingProfile',
  'stopCollectingProfile',
  'updateDeviceConditions',
  'waitForPodGroups',
] as const;

const notSimulated = z.looseObject({ opcode: z.enum(NOT_SIMULATED) });

const SIMULATED = [
  createNodes,
  createNamespaces,
  createPods,
  createPodSets,
  deletePods,
  churn,
  barrier,
  sleep,
  startCollectingMetrics,
  stopCollectingMetrics,
  createAny,
  updateAny,
  createResourceClaims,
  createResourceDriver,
  allocResourceClaims,
  createPodGroups,
] as const;

/** One operation. */
export const operationSchema = z.discriminatedUnion('opcode', [...SIMULATED, notSimulated]);

/** Every operation that a file may name. */
export const OPCODES: readonly string[] = [
  'allocResourceClaims',
  'barrier',
  'churn',
  'createAny',
  'createNamespaces',
  'createNodes',
  'createPodGroups',
  'createPodSets',
  'createPods',
  'createResourceClaims',
  'createResourceDriver',
  'deletePods',
  'sleep',
  'startCollectingMetrics',
  'stopCollectingMetrics',
  'updateAny',
  ...NOT_SIMULATED,
];

const featureGates = z.record(z.string(), z.boolean());

const selector = z.strictObject({
  name: text,
  labels: labels.optional(),
  dataBucket: text,
  expectLower: z.boolean().optional(),
});

const labelValues = z.strictObject({ label: text, values: z.array(z.string()) });
const collectorConfig = z.strictObject({
  metrics: z.record(z.string(), z.union([labelValues, z.array(labelValues)]).nullable()),
});

/** One workload. */
export const workloadSchema = z.strictObject({
  name: text,
  params: z.record(z.string(), z.unknown()).optional(),
  labels: z.array(text).optional(),
  threshold: z.union([z.number().min(0), z.record(z.string(), z.number().min(0))]).optional(),
  thresholdMetricSelector: selector.optional(),
  featureGates: featureGates.optional(),
});

/** One test case. */
export const testCaseSchema = z.strictObject({
  name: text,
  labels: z.array(text).optional(),
  featureGates: featureGates.optional(),
  // Empty is refused where a pod is made by it, as upstream, which then finds no such file.
  defaultPodTemplatePath: z.string().optional(),
  schedulerConfigPath: text.optional(),
  metricsCollectorConfig: collectorConfig.optional(),
  defaultThresholdMetricSelector: selector.optional(),
  schedulerAPIClientQPS: z.number().optional(),
  schedulerAPIClientBurst: z.number().optional(),
  workloadTemplate: z.array(operationSchema).min(1, 'at least one operation'),
  workloads: z.array(workloadSchema).min(1, 'at least one workload'),
});

/** A whole file. */
export const configSchema = z.array(testCaseSchema).min(1, 'at least one test case');

export type TestCaseFile = z.infer<typeof testCaseSchema>;
export type WorkloadFile = z.infer<typeof workloadSchema>;
export type OperationFile = z.infer<typeof operationSchema>;
export type CreatePodsFile = z.infer<typeof createPods>;

/** The JSON schema, for the names of fields. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
}
