/** Types of the fields of `status`, by kind. Source: Kubernetes 1.34 API types. */
import { fieldsOf, fieldsOfAnyType, list, mapOf, object, type Shape, STRINGS } from './shape-parts.ts';
import { CONDITION_STATUSES, COUNT, known, LONG_COUNT, unchecked } from './value-limits.ts';

/** What kinds of conditions have: some of them only those of pods, nodes or Deployments. */
export const CONDITIONS = list(
  object({
    ...fieldsOf('string', 'type reason message'),
    status: known(...CONDITION_STATUSES),
    ...fieldsOf('time', 'lastTransitionTime lastProbeTime lastHeartbeatTime lastUpdateTime'),
    observedGeneration: 'long',
  }),
);

const CONTAINER_STATE: Shape = object({
  waiting: object({ reason: 'string', message: 'string' }),
  running: object({ startedAt: 'time' }),
  terminated: object({
    ...fieldsOf('int', 'exitCode signal'),
    ...fieldsOf('string', 'reason message containerID'),
    ...fieldsOf('time', 'startedAt finishedAt'),
  }),
});
const CONTAINERS = list(
  object({
    ...fieldsOf('string', 'name image imageID containerID'),
    ...fieldsOf('bool', 'ready started'),
    restartCount: unchecked(COUNT),
    state: CONTAINER_STATE,
    lastState: CONTAINER_STATE,
    ...fieldsOfAnyType('allocatedResources allocatedResourcesStatus resources volumeMounts user stopSignal'),
  }),
);
const ADDRESSES = list(object({ ip: 'string' }));

/** The status of a kind, where it has one. */
export const STATUS = {
  Pod: object({
    conditions: CONDITIONS,
    observedGeneration: LONG_COUNT,
    phase: known('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'),
    qosClass: known('Guaranteed', 'Burstable', 'BestEffort'),
    ...fieldsOf('string', 'message reason nominatedNodeName hostIP podIP resize'),
    startTime: 'time',
    hostIPs: ADDRESSES,
    podIPs: ADDRESSES,
    containerStatuses: CONTAINERS,
    initContainerStatuses: CONTAINERS,
    ephemeralContainerStatuses: CONTAINERS,
    ...fieldsOfAnyType('resourceClaimStatuses extendedResourceClaimStatus allocatedResources resources'),
  }),
  Node: object({
    ...fieldsOf('quantities', 'capacity allocatable'),
    conditions: CONDITIONS,
    addresses: list(object({ type: 'string', address: 'string' })),
    phase: 'string',
    nodeInfo: 'object',
    ...fieldsOfAnyType('daemonEndpoints images volumesInUse volumesAttached config runtimeHandlers features'),
    declaredFeatures: STRINGS,
  }),
  Namespace: object({ conditions: CONDITIONS, phase: known('Active', 'Terminating') }),
  Deployment: object({
    conditions: CONDITIONS,
    observedGeneration: LONG_COUNT,
    ...fieldsOf(COUNT, 'replicas updatedReplicas readyReplicas availableReplicas'),
    ...fieldsOf(COUNT, 'unavailableReplicas terminatingReplicas collisionCount'),
  }),
  ReplicaSet: object({
    conditions: CONDITIONS,
    observedGeneration: LONG_COUNT,
    ...fieldsOf(COUNT, 'replicas fullyLabeledReplicas readyReplicas availableReplicas'),
    terminatingReplicas: COUNT,
  }),
  StatefulSet: object({
    conditions: CONDITIONS,
    observedGeneration: LONG_COUNT,
    ...fieldsOf(COUNT, 'replicas readyReplicas currentReplicas updatedReplicas'),
    ...fieldsOf(COUNT, 'availableReplicas collisionCount'),
    ...fieldsOf('string', 'currentRevision updateRevision'),
  }),
  DaemonSet: object({
    conditions: CONDITIONS,
    ...fieldsOf(COUNT, 'currentNumberScheduled numberMisscheduled desiredNumberScheduled numberReady'),
    observedGeneration: LONG_COUNT,
    ...fieldsOf(COUNT, 'updatedNumberScheduled numberAvailable numberUnavailable collisionCount'),
  }),
  Job: object({
    conditions: CONDITIONS,
    ...fieldsOf(COUNT, 'active succeeded failed terminating ready'),
    ...fieldsOf('string', 'completedIndexes failedIndexes'),
    ...fieldsOf('time', 'startTime completionTime'),
    uncountedTerminatedPods: object({ succeeded: STRINGS, failed: STRINGS }),
  }),
  Service: object({ conditions: CONDITIONS, loadBalancer: 'any' }),
  PodDisruptionBudget: object({
    conditions: CONDITIONS,
    observedGeneration: unchecked(LONG_COUNT),
    ...fieldsOf(COUNT, 'disruptionsAllowed currentHealthy desiredHealthy expectedPods'),
    disruptedPods: mapOf('time'),
  }),
} as const satisfies Readonly<Record<string, Shape>>;
