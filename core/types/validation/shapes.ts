/**
 * The fields of the built-in kinds, as data: a type for each that some part of the core reads, `any` for the others.
 *
 * Always: a field that is not named here does not exist in Kubernetes 1.34 (status and metadata of parts apart), so that a mistyped
 * name can be told from one that is not simulated. Source: Kubernetes 1.34 API types; of groups of pods, 1.37's.
 */
import type { ResourceType } from '../resource-type.ts';
import { claimShapes } from './claim-shapes.ts';
import { fieldsOfAnyType, list, object, type Shape, STRINGS } from './shape-parts.ts';
import { CONDITIONS, STATUS } from './status-shapes.ts';

export type { Shape } from './shape-parts.ts';

const TOLERATIONS = list(
  object({ key: 'string', operator: 'string', value: 'string', effect: 'string', tolerationSeconds: 'long' }),
);
const TAINTS = list(object({ key: 'string', value: 'string', effect: 'string', timeAdded: 'time' }));

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
  scheme: 'string',
  host: 'string',
  httpHeaders: 'any',
});
const EXEC: Shape = object({ command: STRINGS });
const TCP_SOCKET: Shape = object({ port: 'intOrString', host: 'string' });

const PROBE: Shape = object({
  httpGet: HTTP_GET,
  tcpSocket: TCP_SOCKET,
  exec: EXEC,
  grpc: object({ port: 'int', service: 'string' }),
  initialDelaySeconds: 'int',
  periodSeconds: 'int',
  timeoutSeconds: 'int',
  successThreshold: 'int',
  failureThreshold: 'int',
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
      object({ name: 'string', containerPort: 'int', hostPort: 'int', hostIP: 'string', protocol: 'string' }),
    ),
    envFrom: list(object({ prefix: 'string', configMapRef: SOURCE_REF, secretRef: SOURCE_REF })),
    env: list(
      object({
        name: 'string',
        value: 'string',
        valueFrom: object({
          configMapKeyRef: KEY_REF,
          secretKeyRef: KEY_REF,
          fieldRef: object({ apiVersion: 'string', fieldPath: 'string' }),
          resourceFieldRef: object({ containerName: 'string', resource: 'string', divisor: 'any' }),
          fileKeyRef: 'any',
        }),
      }),
    ),
    resources: RESOURCES,
    restartPolicy: 'string',
    volumeMounts: list(
      object({
        name: 'string',
        mountPath: 'string',
        readOnly: 'bool',
        subPath: 'string',
        subPathExpr: 'any',
        mountPropagation: 'any',
        recursiveReadOnly: 'any',
      }),
    ),
    livenessProbe: PROBE,
    readinessProbe: PROBE,
    startupProbe: PROBE,
    lifecycle: object({ postStart: HANDLER, preStop: HANDLER, stopSignal: 'any' }),
    terminationMessagePath: 'string',
    terminationMessagePolicy: 'string',
    imagePullPolicy: 'string',
    securityContext: 'object',
    ...fieldsOfAnyType('workingDir resizePolicy restartPolicyRules volumeDevices stdin stdinOnce tty'),
  },
  true,
);

const VOLUME: Shape = object({
  name: 'string',
  configMap: object({ name: 'string', optional: 'bool', defaultMode: 'int', items: 'any' }),
  secret: object({ secretName: 'string', optional: 'bool', defaultMode: 'int', items: 'any' }),
  projected: object({ sources: list('object'), defaultMode: 'int' }),
  downwardAPI: object({
    items: list(object({ fieldRef: 'object', path: 'any', resourceFieldRef: 'any', mode: 'any' })),
    defaultMode: 'int',
  }),
  emptyDir: 'object',
  hostPath: object({ path: 'string', type: 'string' }),
  persistentVolumeClaim: object({ claimName: 'string', readOnly: 'bool' }),
  ...fieldsOfAnyType(
    'nfs iscsi csi ephemeral image gcePersistentDisk awsElasticBlockStore gitRepo glusterfs rbd flexVolume cinder cephfs flocker fc',
  ),
  ...fieldsOfAnyType('azureFile azureDisk vsphereVolume quobyte photonPersistentDisk portworxVolume scaleIO storageos'),
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
const POD_AFFINITY: Shape = object({
  requiredDuringSchedulingIgnoredDuringExecution: list(POD_TERM),
  preferredDuringSchedulingIgnoredDuringExecution: list(object({ weight: 'int', podAffinityTerm: POD_TERM })),
});

const POD_SPEC: Shape = object(
  {
    volumes: list(VOLUME),
    initContainers: list(CONTAINER),
    containers: list(CONTAINER),
    restartPolicy: 'string',
    terminationGracePeriodSeconds: 'long',
    activeDeadlineSeconds: 'long',
    dnsPolicy: 'string',
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
        preferredDuringSchedulingIgnoredDuringExecution: list(object({ weight: 'int', preference: NODE_TERM })),
      }),
      podAffinity: POD_AFFINITY,
      podAntiAffinity: POD_AFFINITY,
    }),
    resourceClaims: RESOURCE_CLAIMS,
    schedulerName: 'string',
    tolerations: TOLERATIONS,
    priorityClassName: 'string',
    priority: 'int',
    readinessGates: list(object({ conditionType: 'string' })),
    runtimeClassName: 'string',
    enableServiceLinks: 'bool',
    preemptionPolicy: 'string',
    overhead: 'quantities',
    topologySpreadConstraints: list(
      object({
        maxSkew: 'int',
        topologyKey: 'string',
        whenUnsatisfiable: 'string',
        labelSelector: SELECTOR,
        minDomains: 'int',
        nodeAffinityPolicy: 'string',
        nodeTaintsPolicy: 'string',
        matchLabelKeys: STRINGS,
      }),
    ),
    schedulingGates: list(object({ name: 'string' })),
    schedulingGroup: object({ podGroupName: 'string' }),
    resources: RESOURCES,
    ...fieldsOfAnyType('ephemeralContainers hostPID hostIPC hostUsers shareProcessNamespace hostAliases dnsConfig os'),
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

const ROLLING: Shape = object({ maxUnavailable: 'intOrString', maxSurge: 'intOrString', partition: 'int' });
const COMMON = { selector: SELECTOR, template: TEMPLATE, minReadySeconds: 'int', revisionHistoryLimit: 'int' } as const;

const BY_KIND: Readonly<Record<string, Shape>> = {
  Pod: object({ spec: POD_SPEC, status: STATUS.Pod }),
  Node: object({
    spec: object({
      podCIDR: 'string',
      podCIDRs: STRINGS,
      providerID: 'string',
      unschedulable: 'bool',
      taints: TAINTS,
      ...fieldsOfAnyType('configSource externalID'),
    }),
    status: STATUS.Node,
  }),
  Namespace: object({ spec: object({ finalizers: STRINGS }), status: STATUS.Namespace }),
  Deployment: object({
    spec: object({
      ...COMMON,
      replicas: 'int',
      paused: 'bool',
      progressDeadlineSeconds: 'int',
      strategy: object({ type: 'string', rollingUpdate: ROLLING }),
    }),
    status: STATUS.Deployment,
  }),
  ReplicaSet: object({
    spec: object({ ...COMMON, replicas: 'int' }),
    status: STATUS.ReplicaSet,
  }),
  StatefulSet: object({
    spec: object({
      ...COMMON,
      replicas: 'int',
      serviceName: 'string',
      podManagementPolicy: 'string',
      updateStrategy: object({ type: 'string', rollingUpdate: ROLLING }),
      volumeClaimTemplates: list(
        object({
          metadata: OBJECT_META,
          spec: object({
            resources: RESOURCES,
            volumeMode: 'string',
            ...fieldsOfAnyType('accessModes selector volumeName storageClassName dataSource dataSourceRef'),
            volumeAttributesClassName: 'any',
          }),
          ...fieldsOfAnyType('apiVersion kind status'),
        }),
      ),
      persistentVolumeClaimRetentionPolicy: object({ whenDeleted: 'string', whenScaled: 'string' }),
      ordinals: object({ start: 'int' }),
    }),
    status: STATUS.StatefulSet,
  }),
  DaemonSet: object({
    spec: object({ ...COMMON, updateStrategy: object({ type: 'string', rollingUpdate: ROLLING }) }),
    status: STATUS.DaemonSet,
  }),
  Job: object({
    spec: object({
      selector: SELECTOR,
      template: TEMPLATE,
      parallelism: 'int',
      completions: 'int',
      activeDeadlineSeconds: 'long',
      backoffLimit: 'int',
      backoffLimitPerIndex: 'int',
      maxFailedIndexes: 'int',
      manualSelector: 'bool',
      ttlSecondsAfterFinished: 'int',
      completionMode: 'string',
      suspend: 'bool',
      podReplacementPolicy: 'string',
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
          protocol: 'string',
          port: 'int',
          targetPort: 'intOrString',
          nodePort: 'int',
          appProtocol: 'any',
        }),
      ),
      selector: 'map',
      clusterIP: 'string',
      clusterIPs: STRINGS,
      type: 'string',
      externalIPs: STRINGS,
      sessionAffinity: 'string',
      sessionAffinityConfig: object({ clientIP: object({ timeoutSeconds: 'int' }) }),
      externalName: 'string',
      externalTrafficPolicy: 'string',
      internalTrafficPolicy: 'string',
      publishNotReadyAddresses: 'bool',
      ipFamilies: STRINGS,
      ipFamilyPolicy: 'string',
      trafficDistribution: 'string',
      ...fieldsOfAnyType(
        'loadBalancerIP loadBalancerSourceRanges healthCheckNodePort allocateLoadBalancerNodePorts loadBalancerClass',
      ),
    }),
    status: STATUS.Service,
  }),
  EndpointSlice: object({
    addressType: 'string',
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
    ports: list(object({ name: 'string', protocol: 'string', port: 'int', appProtocol: 'any' })),
  }),
  Lease: object({
    spec: object({
      holderIdentity: 'string',
      leaseDurationSeconds: 'int',
      acquireTime: 'microTime',
      renewTime: 'microTime',
      leaseTransitions: 'int',
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
    preemptionPolicy: 'string',
  }),
  PodDisruptionBudget: object({
    spec: object({
      minAvailable: 'intOrString',
      maxUnavailable: 'intOrString',
      selector: SELECTOR,
      unhealthyPodEvictionPolicy: 'string',
    }),
    status: STATUS.PodDisruptionBudget,
  }),
  ServiceAccount: object({
    secrets: list('object'),
    imagePullSecrets: list('object'),
    automountServiceAccountToken: 'any',
  }),
  ConfigMap: object({ immutable: 'bool', data: 'map', binaryData: 'map' }),
  Secret: object({ immutable: 'bool', data: 'map', stringData: 'map', type: 'string' }),
  PodGroup: object({
    spec: object({
      schedulingPolicy: object({ basic: 'object', gang: object({ minCount: 'int' }) }),
      schedulingConstraints: object({ topology: list(object({ key: 'string' })) }),
      priority: 'int',
      disruptionMode: object({ single: 'object', all: 'object' }),
      resourceClaims: RESOURCE_CLAIMS,
      ...fieldsOfAnyType('podGroupTemplateRef priorityClassName preemptionPolicy parentCompositePodGroupName'),
    }),
    status: object({
      conditions: CONDITIONS,
      resourceClaimStatuses: list(object({ name: 'string', resourceClaimName: 'string' })),
    }),
  }),
  ControllerRevision: object({ revision: 'long', data: 'any' }),
  ...claimShapes({
    taints: TAINTS,
    tolerations: TOLERATIONS,
    selector: SELECTOR,
    nodeTerm: NODE_TERM,
    conditions: CONDITIONS,
  }),
};

/** The shape of a built-in kind; undefined for others, of which only metadata is read. */
export function shapeOf(type: ResourceType): Shape | undefined {
  return type.simulated && Object.hasOwn(BY_KIND, type.kind) ? BY_KIND[type.kind] : undefined;
}
