/**
 * Kinds that bear the name of a kind that is simulated: those of other API groups (the Service of Knative, the Job of Volcano, the Node of Longhorn), and those
 * of a version that Kubernetes does not have (`v2` Pod).
 *
 * Inside a cluster, and wherever objects are read, such a kind has its group, or version and group, in its name (`Service.serving.knative.dev`,
 * `Deployment.v2.apps`, as kubectl tells them apart), so that nobody who asks for Services takes it for one. It gets that name where objects come in, and its own one back where they go out. Names of kinds
 * have no dots (apiextensions validation, Kubernetes 1.34: a DNS label), so that the way back is sure.
 */
import { CLAIM_TYPES, RESOURCE } from './claim-types.ts';
import type { KubeObject } from './object.ts';
import { BUILT_IN_TYPES, ownKind } from './resource-type.ts';

/** Group and version of each kind that is simulated in one version. */
const VERSIONS: ReadonlyMap<string, string> = new Map(
  [...BUILT_IN_TYPES, ...CLAIM_TYPES].map(({ kind, apiVersion }) => [kind, apiVersion]),
);
/** Versions that Kubernetes 1.34 serves besides. */
const OLDER_VERSIONS: readonly string[] = ['resource.k8s.io/v1beta1', 'resource.k8s.io/v1beta2'];

/** Group of each kind that anything here reads by its name. */
const GROUPS: ReadonlyMap<string, string> = new Map([
  ...[...VERSIONS].map(([kind, apiVersion]) => [kind, groupOf(apiVersion)] as const),
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

/** The version in which Kubernetes 1.34 has a kind that is simulated, where `apiVersion` is one of its or the core group in which it has not; `''` otherwise. */
export function servedVersion(apiVersion: string, kind: string): string {
  const served = VERSIONS.get(kind);
  const group = groupOf(apiVersion);
  // The core group is Kubernetes' own, whatever kind is looked for there.
  if (served === undefined || served === apiVersion || (group !== '' && groupOf(served) !== group)) return '';
  return served === RESOURCE && OLDER_VERSIONS.includes(apiVersion) ? '' : served;
}

/** The name of a kind that no other group's or version's has: mostly its own. */
export function distinctKind(apiVersion: string, kind: string): string {
  const home = GROUPS.get(kind);
  if (home === undefined) return kind;
  const group = groupOf(apiVersion);
  // A core kind of another version of a group that is gone is told as such, not renamed.
  if (group === 'extensions') return kind;
  if (group !== home && group !== '') return `${kind}.${group}`;
  if (group === home && servedVersion(apiVersion, kind) === '') return kind;
  return `${kind}.${apiVersion.split('/').reverse().join('.')}`;
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
