/**
 * The part every API object has in common.
 *
 * Objects are plain data and never changed once made; a new version shares the sub-objects that did not change. Optional
 * fields allow `undefined` so that builders may write literals with one fixed key order; `undefined` counts as absent
 * everywhere (encoding, size, hash). Source: Kubernetes 1.34, meta/v1 ObjectMeta.
 */

/** String to string, as labels, annotations and node selectors are. */
export type StringMap = Readonly<Record<string, string>>;

/** Link from a dependent to its owner (meta/v1 OwnerReference). */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

/** meta/v1 ObjectMeta. Times are strings made by `time.ts`. `resourceVersion` is set once, by the store's commit. */
export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string | undefined;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly labels?: StringMap | undefined;
  readonly annotations?: StringMap | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
}

/** Any API object; the kinds' own files narrow `spec` and `status`. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Metadata of a pod template or a volume claim template: everything but the fields the server sets. */
export interface TemplateMeta {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly labels?: StringMap | undefined;
  readonly annotations?: StringMap | undefined;
  readonly finalizers?: readonly string[] | undefined;
}

/** meta/v1 LabelSelectorRequirement. */
export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[] | undefined;
}

/** meta/v1 LabelSelector: all requirements of both parts must hold. */
export interface LabelSelector {
  readonly matchLabels?: StringMap | undefined;
  readonly matchExpressions?: readonly LabelSelectorRequirement[] | undefined;
}

/** Reference to another object, as events and endpoints carry it (core/v1 ObjectReference). */
export interface ObjectReference {
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly fieldPath?: string | undefined;
}

/** A condition as most kinds have it (pods and nodes add their own fields). */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration?: number | undefined;
  readonly lastProbeTime?: string | null | undefined;
  readonly lastHeartbeatTime?: string | undefined;
  readonly lastUpdateTime?: string | undefined;
  readonly lastTransitionTime?: string | null | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** Integer or percentage string, e.g. `3` or `"25%"`. */
export type IntOrString = number | string;

/** Resource name to quantity, e.g. `{cpu: '100m', memory: '200Mi'}`; numbers come from YAML without quotes. */
export type ResourceList = Readonly<Record<string, string | number>>;

const NO_LABELS: StringMap = Object.freeze({});

/** The object's labels; an empty map when it has none. */
export function labelsOf(object: KubeObject): StringMap {
  return object.metadata.labels ?? NO_LABELS;
}

/** The object's namespace, `''` for cluster-scoped ones. */
export function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace ?? '';
}

/** The object's uid, `''` before it was created. */
export function uidOf(object: KubeObject): string {
  return object.metadata.uid ?? '';
}

/** Whether deletion has been asked for (`metadata.deletionTimestamp` is set). */
export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}
