/**
 * The fields of the built-in kinds, as data: a type for each that some part of the core reads, `any` for the others.
 *
 * Always: a field that is not named here does not exist in Kubernetes 1.34 (but for fields of metadata that nobody reads), so that
 * a mistyped name can be told from one that is not simulated. Source: Kubernetes 1.34 API types; of groups of pods, 1.37's.
 */
import { isDeviceTaintRule } from '../claim-types.ts';
import type { ResourceType } from '../resource-type.ts';
import { claimShapes } from './claim-shapes.ts';
import { fieldsOf, fieldsOfAnyType, list, mapOf, object, type Shape, STRINGS } from './shape-parts.ts';
import { CONDITIONS, STATUS } from './status-shapes.ts';
import * as limits from './value-limits.ts';
import { FIELD_REF, RESOURCE_REF, volumeShape } from './volume-shapes.ts';

export type { Shape } from './shape-parts.ts';

const tolerations = (effects: readonly string[]): Shape =>
  list(
    object({
      key: 'string',
      operator: limits.oneOf(limits.TOLERATION_OPERATORS),
      value: 'string',
      effect: limits.oneOf(effects),
      tolerationSeconds: 'long',
    }),
  );
const taint = (effects: readonly string[]): Shape =>
  object({ key: 'string', value: 'string', effect: limits.oneOf(effects), timeAdded: 'time' });

/** meta/v1 ObjectMeta. */
export const OBJECT_META: Shape = object({
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'long',
  creationTimestamp: 'time',
  deletionTimestamp: 'time',
  deletionGracePeriodSeconds: 'long',
  labels: 'map',
  annotations: 'map',
  ownerReferences: list(
    object({
      apiVersion: 'string',
      kind: 'string',
      name: 'string',
      uid: 'string',
      controller: 'bool',
      blockOwnerDeletion: 'bool',
    }),
  ),
  finalizers: STRINGS,
});

const SELECTOR: Shape = object({
  matchLabels: 'map',
  matchExpressions: list(object({ key: 'string', operator: 'string', values: STRINGS })),
});

const RESOURCE_CLAIMS: Shape = list(
  object({ name: 'string', resourceClaimName: 'string', resourceClaimTemplateName: 'string' }),
);
const RESOURCES: Shape = object({ requests: 'quantities', limits: 'quantities', claims: 'any' });

const HTTP_GET: Shape = object({
  path: 'string',
  port: 'intOrString',
  scheme: limits.oneOf(limits.SCHEMES),
  host: 'string',
  httpHeaders: list(object({ name: 'string', value: 'string' })),
});
const EXEC: Shape = object({ command: STRINGS });
const TCP_SOCKET: Shape = object({ port: 'intOrString', host: 'string' });

const PROBE: Shape = object({
  httpGet: HTTP_GET,
  tcpSocket: TCP_SOCKET,
  exec: EXEC,
  grpc: object({ port: limits.PORT, service: 'string' }),
  ...fieldsOf(limits.COUNT, 'initialDelaySeconds periodSeconds timeoutSeconds successThreshold failureThreshold'),
  terminationGracePeriodSeconds: 'long',
});

const HANDLER: Shape = object({
  exec: EXEC,
  httpGet: HTTP_GET,
  tcpSocket: TCP_SOCKET,
  sleep: object({ seconds: 'long' }),
});

const KEY_REF: Shape = object({ name: 'string', key: 'string', optional: 'bool' });
const SOURCE_REF: Shape = object({ name: 'string', optional: 'bool' });

const CONTAINER: Shape = object(
  {
    name: 'string',
    image: 'string',
    command: STRINGS,
    args: STRINGS,
    ports: list(
      object({
        name: 'string',
        containerPort: limits.PORT,
        hostPort: limits.OPTIONAL_PORT,
        hostIP: 'string',
        protocol: limits.oneOf(limits.PROTOCOLS),
      }),
    ),
    envFrom: list(object({ prefix: 'string', configMapRef: SOURCE_REF, secretRef: SOURCE_REF })),
    env: list(
      object({
        name: 'string',
        value: 'string',
        valueFrom: object({
          configMapKeyRef: KEY_REF,
          secretKeyRef: KEY_REF,
          fieldRef: FIELD_REF,
          resourceFieldRef: RESOURCE_REF,
          fileKeyRef: 'any',
        }),
      }),
    ),
    resources: RESOURCES,
    // Any other is dropped while the gate ContainerRestartRules is off.
    restartPolicy: limits.known('Always'),
    volumeMounts: list(
      object({
        name: 'string',
        mountPath: 'string',
        readOnly: 'bool',
        subPath: 'string',
        subPathExpr: 'string',
        mountPropagation: 'string',
        recursiveReadOnly: 'any',
      }),
    ),
    livenessProbe: PROBE,
    readinessProbe: PROBE,
    startupProbe: PROBE,
    lifecycle: object({ postStart: HANDLER, preStop: HANDLER, stopSignal: 'any' }),
    terminationMessagePath: 'string',
    terminationMessagePolicy: limits.oneOf(limits.MESSAGE_POLICIES),
    imagePullPolicy: limits.oneOf(limits.PULL_POLICIES),
    securityContext: 'object',
    ...fieldsOfAnyType('workingDir resizePolicy restartPolicyRules volumeDevices stdin stdinOnce tty'),
  },
  true,
);

/** What a claim for a volume asks for. */
const CLAIM_SPEC: Shape = object({
  accessModes: STRINGS,
  resources: RESOURCES,
  volumeMode: 'string',
  selector: SELECTOR,
  volumeName: 'string',
  storageClassName: 'string',
  ...fieldsOfAnyType('dataSource dataSourceRef volumeAttributesClassName'),
});

const REQUIREMENTS = list(object({ key: 'string', operator: 'string', values: STRINGS }));
const NODE_TERM: Shape = object({ matchExpressions: REQUIREMENTS, matchFields: REQUIREMENTS });
const POD_TERM: Shape = object({
  labelSelector: SELECTOR,
  namespaces: STRINGS,
  namespaceSelector: SELECTOR,
  topologyKey: 'string',
  matchLabelKeys: STRINGS,
  mismatchLabelKeys: STRINGS,
});
const WEIGHT = limits.within(1, 100);
const POD_AFFINITY: Shape = object({
  requiredDuringSchedulingIgnoredDuringExecution: list(POD_TERM),
  preferredDuringSchedulingIgnoredDuringExecution: list(object({ weight: WEIGHT, podAffinityTerm: POD_TERM })),
});

const POD_SPEC: Shape = object(
  {
    volumes: list(volumeShape(object({ metadata: OBJECT_META, spec: CLAIM_SPEC }))),
    initContainers: list(CONTAINER),
    containers: list(CONTAINER),
    restartPolicy: limits.oneOf(limits.RESTART_POLICIES),
    terminationGracePeriodSeconds: 'long',
    activeDeadlineSeconds: 'long',
    dnsPolicy: limits.oneOf(limits.DNS_POLICIES),
    nodeSelector: 'map',
    serviceAccountName: 'string',
    serviceAccount: 'string',
    automountServiceAccountToken: 'bool',
    nodeName: 'string',
    hostNetwork: 'bool',
    securityContext: 'object',
    imagePullSecrets: list(object({ name: 'string' })),
    hostname: 'string',
    subdomain: 'string',
    affinity: object({
      nodeAffinity: object({
        requiredDuringSchedulingIgnoredDuringExecution: object({ nodeSelectorTerms: list(NODE_TERM) }),
        preferredDuringSchedulingIgnoredDuringExecution: list(object({ weight: WEIGHT, preference: NODE_TERM })),
      }),
      podAffinity: POD_AFFINITY,
      podAntiAffinity: POD_AFFINITY,
    }),
    resourceClaims: RESOURCE_CLAIMS,
    schedulerName: 'string',
    tolerations: tolerations(limits.TAINT_EFFECTS),
    priorityClassName: 'string',
    priority: 'int',
    readinessGates: list(object({ conditionType: 'string' })),
    runtimeClassName: 'string',
    enableServiceLinks: 'bool',
    preemptionPolicy: limits.oneOf(limits.PREEMPTION_POLICIES),
    overhead: 'quantities',
    topologySpreadConstraints: list(
      object({
        maxSkew: limits.AT_LEAST_ONE,
        topologyKey: 'string',
        whenUnsatisfiable: limits.oneOf(limits.SPREAD_MODES),
        labelSelector: SELECTOR,
        minDomains: limits.AT_LEAST_ONE,
        ...fieldsOf(limits.oneOf(limits.NODE_POLICIES), 'nodeAffinityPolicy nodeTaintsPolicy'),
        matchLabelKeys: STRINGS,
      }),
    ),
    schedulingGates: list(object({ name: 'string' })),
    schedulingGroup: object({ podGroupName: 'string' }),
    resources: RESOURCES,
    hostAliases: list(object({ ip: 'string', hostnames: STRINGS })),
    dnsConfig: object({
      nameservers: STRINGS,
      searches: STRINGS,
      options: list(object({ name: 'string', value: 'string' })),
    }),
    os: object({ name: limits.oneOf(limits.OPERATING_SYSTEMS) }),
    ...fieldsOf('bool', 'hostPID hostIPC hostUsers shareProcessNamespace'),
    ephemeralContainers: 'any',
    ...fieldsOfAnyType('setHostnameAsFQDN hostnameOverride workloadRef'),
  },
  true,
);

const TEMPLATE: Shape = object({
  metadata: object({
    name: 'string',
    labels: 'map',
    annotations: 'map',
    finalizers: STRINGS,
    ...fieldsOfAnyType('generateName namespace creationTimestamp ownerReferences'),
  }),
  spec: POD_SPEC,
});

const ROLLING: Shape = object({ maxUnavailable: 'intOrString', maxSurge: 'intOrString', partition: limits.COUNT });
const COMMON = {
  selector: SELECTOR,
  template: TEMPLATE,
  ...fieldsOf(limits.COUNT, 'minReadySeconds revisionHistoryLimit'),
};

const BY_KIND: Readonly<Record<string, Shape>> = {
  Pod: object({ spec: POD_SPEC, status: STATUS.Pod }),
  Node: object({
    spec: object({
      podCIDR: 'string',
      podCIDRs: STRINGS,
      providerID: 'string',
      unschedulable: 'bool',
      taints: list(taint(limits.TAINT_EFFECTS)),
      ...fieldsOfAnyType('configSource externalID'),
    }),
    status: STATUS.Node,
  }),
  Namespace: object({ spec: object({ finalizers: STRINGS }), status: STATUS.Namespace }),
  Deployment: object({
    spec: object({
      ...COMMON,
      replicas: limits.COUNT,
      paused: 'bool',
      progressDeadlineSeconds: limits.COUNT,
      strategy: object({ type: limits.oneOf(limits.STRATEGIES), rollingUpdate: ROLLING }),
    }),
    status: STATUS.Deployment,
  }),
  ReplicaSet: object({
    spec: object({ ...COMMON, replicas: limits.COUNT }),
    status: STATUS.ReplicaSet,
  }),
  StatefulSet: object({
    spec: object({
      ...COMMON,
      replicas: limits.COUNT,
      serviceName: 'string',
      podManagementPolicy: limits.oneOf(limits.MANAGEMENT_POLICIES),
      updateStrategy: object({ type: limits.oneOf(limits.UPDATE_STRATEGIES), rollingUpdate: ROLLING }),
      volumeClaimTemplates: list(
        object({
          metadata: OBJECT_META,
          spec: CLAIM_SPEC,
          ...fieldsOfAnyType('apiVersion kind status'),
        }),
      ),
      persistentVolumeClaimRetentionPolicy: object(
        fieldsOf(limits.oneOf(limits.RETENTION_POLICIES), 'whenDeleted whenScaled'),
      ),
      ordinals: object({ start: limits.COUNT }),
    }),
    status: STATUS.StatefulSet,
  }),
  DaemonSet: object({
    spec: object({
      ...COMMON,
      updateStrategy: object({ type: limits.oneOf(limits.UPDATE_STRATEGIES), rollingUpdate: ROLLING }),
    }),
    status: STATUS.DaemonSet,
  }),
  Job: object({
    spec: object({
      selector: SELECTOR,
      template: TEMPLATE,
      ...fieldsOf(limits.COUNT, 'parallelism completions backoffLimit backoffLimitPerIndex maxFailedIndexes'),
      activeDeadlineSeconds: limits.LONG_COUNT,
      manualSelector: 'bool',
      ttlSecondsAfterFinished: limits.COUNT,
      completionMode: limits.oneOf(limits.COMPLETION_MODES),
      suspend: 'bool',
      podReplacementPolicy: limits.oneOf(limits.REPLACEMENT_POLICIES),
      podFailurePolicy: object({
        rules: list(
          object({
            action: 'string',
            onPodConditions: list(object({ type: 'string', status: 'string' })),
            onExitCodes: object({ containerName: 'string', operator: 'string', values: list('int') }),
          }),
        ),
      }),
      successPolicy: object({ rules: list(object({ succeededIndexes: 'string', succeededCount: 'int' })) }),
      managedBy: 'string',
    }),
    status: STATUS.Job,
  }),
  Service: object({
    spec: object({
      ports: list(
        object({
          name: 'string',
          protocol: limits.oneOf(limits.PROTOCOLS),
          port: limits.PORT,
          targetPort: 'intOrString',
          nodePort: limits.NODE_PORT,
          appProtocol: 'string',
        }),
      ),
      selector: 'map',
      clusterIP: 'string',
      clusterIPs: STRINGS,
      type: limits.oneOf(limits.SERVICE_TYPES),
      externalIPs: STRINGS,
      sessionAffinity: limits.oneOf(limits.AFFINITIES),
      sessionAffinityConfig: object({
        clientIP: object({ timeoutSeconds: limits.within(1, limits.MAX_AFFINITY_SECONDS) }),
      }),
      externalName: 'string',
      ...fieldsOf(limits.oneOf(limits.TRAFFIC_POLICIES), 'externalTrafficPolicy internalTrafficPolicy'),
      publishNotReadyAddresses: 'bool',
      ipFamilies: list(limits.oneOf(limits.IP_FAMILIES)),
      ipFamilyPolicy: limits.oneOf(limits.IP_FAMILY_POLICIES),
      trafficDistribution: limits.oneOf(limits.TRAFFIC_DISTRIBUTIONS),
      loadBalancerSourceRanges: STRINGS,
      allocateLoadBalancerNodePorts: 'bool',
      healthCheckNodePort: 'int',
      ...fieldsOf('string', 'loadBalancerIP loadBalancerClass'),
    }),
    status: STATUS.Service,
  }),
  EndpointSlice: object({
    addressType: limits.oneOf(limits.ADDRESS_TYPES),
    endpoints: list(
      object({
        addresses: STRINGS,
        conditions: object({ ready: 'bool', serving: 'bool', terminating: 'bool' }),
        nodeName: 'string',
        zone: 'string',
        targetRef: 'object',
        ...fieldsOfAnyType('hostname deprecatedTopology hints'),
      }),
    ),
    ports: list(
      object({
        name: 'string',
        protocol: limits.oneOf(limits.PROTOCOLS),
        port: limits.unchecked(limits.PORT),
        appProtocol: 'any',
      }),
    ),
  }),
  Lease: object({
    spec: object({
      holderIdentity: 'string',
      leaseDurationSeconds: limits.AT_LEAST_ONE,
      acquireTime: 'microTime',
      renewTime: 'microTime',
      leaseTransitions: limits.COUNT,
      ...fieldsOfAnyType('strategy preferredHolder'),
    }),
  }),
  Event: object({
    involvedObject: 'object',
    reason: 'string',
    message: 'string',
    count: 'int',
    type: 'string',
    firstTimestamp: 'time',
    lastTimestamp: 'time',
    eventTime: 'microTime',
    ...fieldsOfAnyType('source series action related'),
    ...fieldsOfAnyType('reportingComponent reportingInstance'),
  }),
  PriorityClass: object({
    value: 'int',
    globalDefault: 'bool',
    description: 'string',
    preemptionPolicy: limits.oneOf(limits.PREEMPTION_POLICIES),
  }),
  PodDisruptionBudget: object({
    spec: object({
      minAvailable: 'intOrString',
      maxUnavailable: 'intOrString',
      selector: SELECTOR,
      unhealthyPodEvictionPolicy: limits.oneOf(limits.EVICTION_POLICIES),
    }),
    status: STATUS.PodDisruptionBudget,
  }),
  ServiceAccount: object({
    secrets: list('object'),
    imagePullSecrets: list('object'),
    automountServiceAccountToken: 'any',
  }),
  ConfigMap: object({ immutable: 'bool', data: 'map', binaryData: mapOf('base64') }),
  Secret: object({ immutable: 'bool', data: mapOf('base64'), stringData: 'map', type: 'string' }),
  PodGroup: object({
    spec: object({
      schedulingPolicy: object({ basic: 'object', gang: object({ minCount: limits.AT_LEAST_ONE }) }),
      schedulingConstraints: object({ topology: list(object({ key: 'string' })) }),
      priority: 'int',
      disruptionMode: object({ single: 'object', all: 'object' }),
      resourceClaims: RESOURCE_CLAIMS,
      preemptionPolicy: limits.oneOf(limits.PREEMPTION_POLICIES),
      ...fieldsOfAnyType('podGroupTemplateRef priorityClassName parentCompositePodGroupName'),
    }),
    status: object({
      conditions: CONDITIONS,
      resourceClaimStatuses: list(object({ name: 'string', resourceClaimName: 'string' })),
    }),
  }),
  ControllerRevision: object({ revision: 'long', data: 'any' }),
  ...claimShapes({
    taint: taint(limits.DEVICE_EFFECTS),
    tolerations: tolerations(limits.DEVICE_EFFECTS),
    selector: SELECTOR,
    nodeTerm: NODE_TERM,
    conditions: CONDITIONS,
  }),
};

/** The shape of a built-in kind; undefined for others, of which only metadata is read. */
export function shapeOf(type: ResourceType): Shape | undefined {
  const isKnown = type.simulated || isDeviceTaintRule(type);
  return isKnown && Object.hasOwn(BY_KIND, type.kind) ? BY_KIND[type.kind] : undefined;
}
