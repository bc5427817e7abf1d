/**
 * The kinds that a recording holds: their paths, and which fields of an event matter for each.
 */
import type { RealObject } from './connection.ts';

/** Path of the collection over all namespaces, by kind. */
export const KIND_PATHS: Readonly<Record<string, string>> = {
  Pod: '/api/v1/pods',
  Node: '/api/v1/nodes',
  Event: '/api/v1/events',
  Service: '/api/v1/services',
  Endpoints: '/api/v1/endpoints',
  EndpointSlice: '/apis/discovery.k8s.io/v1/endpointslices',
  Namespace: '/api/v1/namespaces',
  ServiceAccount: '/api/v1/serviceaccounts',
  ConfigMap: '/api/v1/configmaps',
  Secret: '/api/v1/secrets',
  ResourceQuota: '/api/v1/resourcequotas',
  LimitRange: '/api/v1/limitranges',
  PersistentVolumeClaim: '/api/v1/persistentvolumeclaims',
  PersistentVolume: '/api/v1/persistentvolumes',
  Deployment: '/apis/apps/v1/deployments',
  ReplicaSet: '/apis/apps/v1/replicasets',
  StatefulSet: '/apis/apps/v1/statefulsets',
  DaemonSet: '/apis/apps/v1/daemonsets',
  ControllerRevision: '/apis/apps/v1/controllerrevisions',
  Job: '/apis/batch/v1/jobs',
  CronJob: '/apis/batch/v1/cronjobs',
  PodDisruptionBudget: '/apis/policy/v1/poddisruptionbudgets',
  PriorityClass: '/apis/scheduling.k8s.io/v1/priorityclasses',
  Lease: '/apis/coordination.k8s.io/v1/leases',
};

/** Path of an object, of its collection without a name, or of a subresource. */
export function pathOf(kind: string, namespace: string, name = '', subresource = ''): string {
  const path = KIND_PATHS[kind];
  if (path === undefined) throw new Error(`no kind ${kind}`);
  const cut = path.lastIndexOf('/');
  const place = namespace === '' ? path : `${path.slice(0, cut)}/namespaces/${namespace}${path.slice(cut)}`;
  return [place, name, subresource].filter((part) => part !== '').join('/');
}

type Fields = Record<string, unknown>;

/** What the event of an object keeps beside its metadata. */
const OWN: Readonly<Record<string, (object: RealObject) => Fields>> = {
  Pod: podFields,
  Node: ({ spec, status }) => ({
    taints: spec?.taints,
    podCIDR: spec?.podCIDR,
    unschedulable: spec?.unschedulable,
    conditions: shortConditions(status?.conditions),
  }),
  Event: eventFields,
  Service: ({ spec }) => ({ type: spec.type, clusterIP: spec.clusterIP, selector: spec.selector }),
  Endpoints: ({ subsets }) => ({ subsets: subsets === undefined ? null : subsets.map(shortSubset) }),
  EndpointSlice: ({ endpoints, ports }) => ({
    endpoints: (endpoints ?? []).map(shortEndpoint),
    ports: ports?.map(({ port }: Fields) => port),
  }),
  Namespace: ({ spec, status }) => ({ spec, status: { phase: status.phase } }),
  ConfigMap: ({ data }) => ({ keys: data === undefined ? undefined : Object.keys(data) }),
  Secret: ({ data }) => ({ keys: data === undefined ? undefined : Object.keys(data) }),
  ResourceQuota: ({ spec, status }) => ({ spec, status }),
  LimitRange: ({ spec }) => ({ spec }),
  PersistentVolumeClaim: ({ spec, status }) => ({
    volumeName: spec.volumeName,
    storageClassName: spec.storageClassName,
    phase: status?.phase,
  }),
  PersistentVolume: ({ spec, status }) => ({
    claim: spec.claimRef?.name,
    persistentVolumeReclaimPolicy: spec.persistentVolumeReclaimPolicy,
    phase: status?.phase,
  }),
  Deployment: (object) => scaled(object, ['replicas', 'strategy', 'minReadySeconds', 'paused']),
  ReplicaSet: (object) => scaled(object, ['replicas', 'minReadySeconds']),
  StatefulSet: (object) => scaled(object, ['replicas', 'updateStrategy', 'podManagementPolicy', 'minReadySeconds']),
  DaemonSet: (object) => scaled(object, ['updateStrategy', 'minReadySeconds']),
  ControllerRevision: ({ revision }) => ({ revision }),
  Job: (object) => scaled(object, ['parallelism', 'completions', 'backoffLimit', 'suspend', 'completionMode']),
  CronJob: (object) => scaled(object, ['suspend', 'schedule']),
  PodDisruptionBudget: (object) => scaled(object, ['minAvailable', 'maxUnavailable']),
  PriorityClass: ({ value, preemptionPolicy }) => ({ value, preemptionPolicy }),
  Lease: ({ spec }) => spec,
};

/** The fields `f` of a recorded event. */
export function eventFieldsOf(kind: string, object: RealObject): Fields {
  const { generation, labels, annotations, finalizers, deletionTimestamp, deletionGracePeriodSeconds } =
    object.metadata;
  const owners = object.metadata.ownerReferences?.map(({ kind: ownerKind, name, controller, blockOwnerDeletion }) => ({
    kind: ownerKind,
    name,
    controller,
    blockOwnerDeletion,
  }));
  const metadata = {
    generation,
    labels,
    annotations,
    finalizers,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    owners,
  };
  return { ...metadata, ...OWN[kind]?.(object) };
}

function podFields({ spec, status }: RealObject): Fields {
  return {
    nodeName: spec.nodeName,
    priority: spec.priority,
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds,
    schedulingGates: spec.schedulingGates,
    phase: status?.phase,
    qosClass: status?.qosClass,
    podIP: status?.podIP,
    nominatedNodeName: status?.nominatedNodeName,
    reason: status?.reason,
    message: status?.message,
    conditions: shortConditions(status?.conditions),
    containers: status?.containerStatuses?.map(({ name, ready, state }: Fields) => ({
      name,
      ready,
      state: Object.keys(state as Fields)[0],
    })),
  };
}

function eventFields(event: RealObject): Fields {
  const { reason, message, count, reportingComponent, type, source, involvedObject, action, series } = event;
  return {
    reason,
    message,
    count,
    reportingComponent,
    eventType: type,
    source: source?.component,
    involved: { kind: involvedObject.kind, name: involvedObject.name },
    action,
    series,
  };
}

function shortConditions(conditions: readonly Fields[] | undefined): Fields[] | undefined {
  return conditions?.map(({ type, status, reason, observedGeneration }) => ({
    type,
    status,
    reason,
    observedGeneration,
  }));
}

function shortEndpoint({ targetRef, nodeName, zone, conditions }: Fields): Fields {
  return { target: (targetRef as Fields | undefined)?.['name'], node: nodeName, zone, ...(conditions as Fields) };
}

function shortSubset({ addresses, notReadyAddresses, ports }: Fields): Fields {
  const names = (list: unknown): unknown =>
    (list as Fields[] | undefined)?.map(({ targetRef: t }) => (t as Fields)['name']);
  return {
    ready: names(addresses),
    notReady: names(notReadyAddresses),
    ports: (ports as Fields[] | undefined)?.map(({ port }) => port),
  };
}

function scaled({ spec, status }: RealObject, names: readonly string[]): Fields {
  const kept = Object.fromEntries(names.filter((name) => spec[name] !== undefined).map((name) => [name, spec[name]]));
  const conditions = (status?.conditions as Fields[] | undefined)?.map(
    ({ lastTransitionTime, lastUpdateTime, lastProbeTime, ...rest }) => rest,
  );
  return { spec: kept, status: conditions === undefined ? (status ?? {}) : { ...status, conditions } };
}
