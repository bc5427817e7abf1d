/**
 * Defaulting of all built-in kinds, as the server does on every write before admission and validation.
 *
 * Shares every part it does not change and returns the object itself when nothing is missing; pod specs are done once per
 * identity. Input may lack anything a type asks for: what is wrong stays for validation to report.
 */
import { isClaimType } from '../claim-types.ts';
import type { ConfigMap } from '../config-map.ts';
import type { DaemonSet } from '../daemon-set.ts';
import type { Deployment } from '../deployment.ts';
import type { EndpointSlice } from '../endpoint-slice.ts';
import type { Job } from '../job.ts';
import type { Namespace } from '../namespace.ts';
import type { Node } from '../node.ts';
import type { KubeObject } from '../object.ts';
import type { Pod } from '../pod.ts';
import type { PodDisruptionBudget } from '../pod-disruption-budget.ts';
import type { PriorityClass } from '../priority-class.ts';
import type { ReplicaSet } from '../replica-set.ts';
import {
  CONFIGMAPS,
  DAEMONSETS,
  DEPLOYMENTS,
  ENDPOINTSLICES,
  EVENTS,
  JOBS,
  NAMESPACES,
  NODES,
  PODDISRUPTIONBUDGETS,
  PODS,
  PRIORITYCLASSES,
  REPLICASETS,
  type ResourceType,
  SECRETS,
  SERVICES,
  STATEFULSETS,
} from '../resource-type.ts';
import type { Secret } from '../secret.ts';
import type { Service } from '../service.ts';
import type { StatefulSet } from '../stateful-set.ts';
import { defaultClaimObject } from './claims.ts';
import { withField } from './fields.ts';
import {
  defaultBudget,
  defaultConfigMap,
  defaultEndpointSlice,
  defaultNamespace,
  defaultNode,
  defaultPriorityClass,
  defaultSecret,
  defaultService,
} from './others.ts';
import { defaultPod } from './pod-spec.ts';
import { withoutNullFields, withoutNulls } from './without-nulls.ts';
import { defaultDaemonSet, defaultDeployment, defaultJob, defaultReplicaSet, defaultStatefulSet } from './workloads.ts';

const BY_TYPE = new Map<number, (object: KubeObject) => KubeObject>([
  [PODS.id, (object) => defaultPod(object as Pod)],
  [NODES.id, (object) => defaultNode(object as Node)],
  [NAMESPACES.id, (object) => defaultNamespace(object as Namespace)],
  [REPLICASETS.id, (object) => defaultReplicaSet(object as ReplicaSet)],
  [DEPLOYMENTS.id, (object) => defaultDeployment(object as Deployment)],
  [STATEFULSETS.id, (object) => defaultStatefulSet(object as StatefulSet)],
  [DAEMONSETS.id, (object) => defaultDaemonSet(object as DaemonSet)],
  [JOBS.id, (object) => defaultJob(object as Job)],
  [SERVICES.id, (object) => defaultService(object as Service)],
  [ENDPOINTSLICES.id, (object) => defaultEndpointSlice(object as EndpointSlice)],
  [PRIORITYCLASSES.id, (object) => defaultPriorityClass(object as PriorityClass)],
  [CONFIGMAPS.id, (object) => defaultConfigMap(object as ConfigMap)],
  [SECRETS.id, (object) => defaultSecret(object as Secret)],
  [PODDISRUPTIONBUDGETS.id, (object) => defaultBudget(object as PodDisruptionBudget)],
]);

/** The object with its type's defaults; itself when nothing is missing. Throws StatusError (400) for input nested too deep. */
export function applyDefaults(type: ResourceType, object: KubeObject): KubeObject {
  // Times of Events are null where the recorder did not set them.
  const own = type === EVENTS ? object : withoutNullFields(object);
  const clean = withField(own, 'metadata', withoutNulls(own.metadata));
  const change = BY_TYPE.get(type.id);
  if (change !== undefined) return change(clean);
  return isClaimType(type) ? defaultClaimObject(clean) : clean;
}
