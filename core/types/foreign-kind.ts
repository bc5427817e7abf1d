/**
 * Kinds of other API groups that bear the name of a kind that is simulated: the Service of Knative, the Job of Volcano, the Node of Longhorn.
 *
 * Inside a cluster, and wherever objects are read, such a kind has its group in its name (`Service.serving.knative.dev`, as kubectl tells them apart), so that
 * nobody who asks for Services takes it for one. It gets that name where objects come in, and its own one back where they go out. Names of kinds
 * have no dots (apiextensions validation, Kubernetes 1.34: a DNS label), so that the way back is sure.
 */
import { CLAIM_TYPES } from './claim-types.ts';
import type { KubeObject } from './object.ts';
import { BUILT_IN_TYPES, ownKind } from './resource-type.ts';

/** Group of each kind that anything here reads by its name. */
const GROUPS: ReadonlyMap<string, string> = new Map([
  ...[...BUILT_IN_TYPES, ...CLAIM_TYPES].map(({ kind, apiVersion }) => [kind, groupOf(apiVersion)] as const),
  ['CronJob', 'batch'],
  ['CustomResourceDefinition', 'apiextensions.k8s.io'],
  ['DeviceTaintRule', 'resource.k8s.io'],
  ['HorizontalPodAutoscaler', 'autoscaling'],
  ['NetworkPolicy', 'networking.k8s.io'],
  ['PodGroup', 'scheduling.k8s.io'],
  ['PodMetrics', 'metrics.k8s.io'],
  ['PodTemplate', ''],
  ['ReplicationController', ''],
]);

/** The group of an API version, `''` for core. */
function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The name of a kind that no other group's has: mostly its own. */
export function distinctKind(apiVersion: string, kind: string): string {
  const home = GROUPS.get(kind);
  if (home === undefined) return kind;
  const group = groupOf(apiVersion);
  // A core kind of another version of a group that is gone is told as such, not renamed.
  return group === home || group === 'extensions' ? kind : `${kind}.${group}`;
}

/** The object under the distinct name of its kind: itself but for such kinds. */
export function withDistinctKind<T extends KubeObject>(object: T): T {
  const kind = distinctKind(object.apiVersion, object.kind);
  return kind === object.kind ? object : { ...object, kind };
}

/** The object as its author wrote it. */
export function withOwnKind<T extends KubeObject>(object: T): T {
  const kind = ownKind(object.kind);
  return kind === object.kind ? object : { ...object, kind };
}
