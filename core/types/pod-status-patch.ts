/**
 * The status patch that kubelets send, applied field by field.
 *
 * A kubelet's patch names the pod's uid and a whole status: conditions in their order, addresses, container statuses. For patches and
 * pods of just that form this does what the strategic merge patch does, a tenth as dear; for everything else it answers null, and the
 * strategic merge patch, which defines what is right, has to be asked. Parts that do not change keep their identity.
 * Source: Kubernetes 1.34 API types (patch strategies of PodStatus), kubelet status manager.
 */
import { isRecord, type JsonRecord, jsonEqual } from './json-value.ts';
import type { Condition } from './object.ts';
import type { ContainerStatus, Pod, PodStatus } from './pod.ts';

type Address = { readonly ip: string };

const ORDER_OF_CONDITIONS = '$setElementOrder/conditions';

/** Status fields of which the patch's value takes the place of the old one. */
const SCALARS: ReadonlySet<string> = new Set([
  'observedGeneration',
  'phase',
  'message',
  'reason',
  'nominatedNodeName',
  'hostIP',
  'podIP',
  'startTime',
  'qosClass',
]);

const LISTS: ReadonlySet<string> = new Set([
  'conditions',
  'hostIPs',
  'podIPs',
  'initContainerStatuses',
  'containerStatuses',
]);

const CONDITION_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'status',
  'observedGeneration',
  'lastProbeTime',
  'lastTransitionTime',
  'reason',
  'message',
]);

const NULLABLE_FIELDS: ReadonlySet<string> = new Set(['lastProbeTime', 'lastTransitionTime', 'reason', 'message']);

/** A condition as a patch has it: null takes a text away. */
type ConditionPatch = Omit<Condition, 'reason' | 'message'> & {
  readonly reason?: string | null | undefined;
  readonly message?: string | null | undefined;
};

/** The pod after `patch` of its status subresource, itself when nothing changes; null when the patch or the pod is not of the usual form. */
export function podAfterStatusPatch(pod: Pod, patch: unknown): Pod | null {
  if (!isRecord(patch) || !namesOnlyUid(patch['metadata'], pod.metadata.uid)) return null;
  for (const key in patch) if (key !== 'metadata' && key !== 'status') return null;
  const change = patch['status'];
  if (!isRecord(change) || !isUsualStatus(change, true)) return null;
  const old = (pod.status ?? {}) as PodStatus;
  if (!isUsualStatus(old as JsonRecord, false)) return null;
  const status = mergedStatus(old, change as PodStatus, change[ORDER_OF_CONDITIONS]);
  if (status === null) return null;
  if (status === old) return pod;
  return { apiVersion: pod.apiVersion, kind: pod.kind, metadata: pod.metadata, spec: pod.spec, status };
}

function namesOnlyUid(metadata: unknown, uid: string | undefined): boolean {
  if (!isRecord(metadata) || metadata['uid'] !== uid || uid === undefined) return false;
  for (const key in metadata) if (key !== 'uid') return false;
  return true;
}

/** Known fields of scalars and lists only; nulls delete, which is not usual. */
function isUsualStatus(status: JsonRecord, isPatch: boolean): boolean {
  for (const key in status) {
    const value = status[key];
    if (value === undefined) continue;
    if (SCALARS.has(key)) {
      if (typeof value === 'object') return false;
    } else if (LISTS.has(key)) {
      if (!Array.isArray(value)) return false;
    } else if (!isPatch || key !== ORDER_OF_CONDITIONS) return false;
  }
  return true;
}

function mergedStatus(old: PodStatus, change: PodStatus, order: unknown): PodStatus | null {
  const conditions = mergedConditions(old.conditions, change.conditions, order);
  if (conditions === null) return null;
  const hostIPs = mergedAddresses(old.hostIPs, change.hostIPs);
  const podIPs = mergedAddresses(old.podIPs, change.podIPs);
  const init = replacedList(old.initContainerStatuses, change.initContainerStatuses);
  const containers = replacedList(old.containerStatuses, change.containerStatuses);
  if (hostIPs === null || podIPs === null || init === null || containers === null) return null;
  const status: PodStatus = {
    observedGeneration: change.observedGeneration ?? old.observedGeneration,
    phase: change.phase ?? old.phase,
    conditions,
    message: change.message ?? old.message,
    reason: change.reason ?? old.reason,
    nominatedNodeName: change.nominatedNodeName ?? old.nominatedNodeName,
    hostIP: change.hostIP ?? old.hostIP,
    hostIPs,
    podIP: change.podIP ?? old.podIP,
    podIPs,
    startTime: change.startTime ?? old.startTime,
    initContainerStatuses: init,
    containerStatuses: containers,
    qosClass: change.qosClass ?? old.qosClass,
  };
  return sameFields(status, old) ? old : status;
}

function sameFields(status: PodStatus, old: PodStatus): boolean {
  return (
    status.conditions === old.conditions &&
    status.containerStatuses === old.containerStatuses &&
    status.initContainerStatuses === old.initContainerStatuses &&
    status.hostIPs === old.hostIPs &&
    status.podIPs === old.podIPs &&
    status.observedGeneration === old.observedGeneration &&
    status.phase === old.phase &&
    status.message === old.message &&
    status.reason === old.reason &&
    status.nominatedNodeName === old.nominatedNodeName &&
    status.hostIP === old.hostIP &&
    status.podIP === old.podIP &&
    status.startTime === old.startTime &&
    status.qosClass === old.qosClass
  );
}

/**
 * Conditions by type, all of them named in the patch's order; null when that is not so. With every old condition among them the result is in
 * just that order.
 */
function mergedConditions(
  old: readonly Condition[] | undefined,
  change: readonly Condition[] | undefined,
  order: unknown,
): readonly Condition[] | null {
  if (change === undefined || change.length === 0 || !Array.isArray(order) || order.length !== change.length)
    return null;
  const merged: Condition[] = new Array<Condition>(change.length);
  let found = 0;
  let isSame = old !== undefined && old.length === change.length;
  for (let i = 0; i < change.length; i++) {
    const next: unknown = change[i];
    if (!isUsualCondition(next) || (order[i] as Condition | null)?.type !== next.type) return null;
    for (let k = 0; k < i; k++) if ((change[k] as Condition).type === next.type) return null;
    const before = old === undefined ? -1 : indexOfType(old, next.type);
    if (before >= 0) found++;
    const condition =
      before < 0 ? withoutNullTexts(next) : mergedCondition((old as readonly Condition[])[before] as Condition, next);
    if (condition === null) return null;
    if (before !== i || condition !== old?.[i]) isSame = false;
    merged[i] = condition;
  }
  // An old condition of another type, or a second one of the same, has a place to be found.
  if (old !== undefined && found !== old.length) return null;
  return isSame ? (old as readonly Condition[]) : merged;
}

function indexOfType(conditions: readonly Condition[], type: string): number {
  for (let i = 0; i < conditions.length; i++) if (conditions[i]?.type === type) return i;
  return -1;
}

/** Nulls are usual for times, and where a patch takes a reason or a message away. */
function isUsualCondition(condition: unknown): condition is ConditionPatch {
  if (!isRecord(condition) || typeof condition['type'] !== 'string') return false;
  for (const key in condition) {
    if (!CONDITION_FIELDS.has(key)) return false;
    const value = condition[key];
    if (typeof value !== 'object') continue;
    if (value !== null || !NULLABLE_FIELDS.has(key)) return false;
  }
  return true;
}

function withoutNullTexts(next: ConditionPatch): Condition {
  if (next.reason !== null && next.message !== null) return next as Condition;
  return { ...next, reason: next.reason ?? undefined, message: next.message ?? undefined };
}

function mergedCondition(old: ConditionPatch, change: ConditionPatch): Condition | null {
  if (old === change) return old as Condition;
  if (!isUsualCondition(old) || old.reason === null || old.message === null) return null;
  const status = change.status === undefined ? old.status : change.status;
  const observedGeneration = change.observedGeneration ?? old.observedGeneration;
  const lastProbeTime = change.lastProbeTime === undefined ? old.lastProbeTime : change.lastProbeTime;
  const lastTransitionTime =
    change.lastTransitionTime === undefined ? old.lastTransitionTime : change.lastTransitionTime;
  const reason = change.reason === null ? undefined : (change.reason ?? old.reason);
  const message = change.message === null ? undefined : (change.message ?? old.message);
  if (
    status === old.status &&
    observedGeneration === old.observedGeneration &&
    lastProbeTime === old.lastProbeTime &&
    lastTransitionTime === old.lastTransitionTime &&
    reason === old.reason &&
    message === old.message
  ) {
    return old as Condition;
  }
  return { type: old.type, observedGeneration, status, lastProbeTime, lastTransitionTime, reason, message };
}

/** One address that is new or the same as before; null for everything else. */
function mergedAddresses(
  old: readonly Address[] | undefined,
  change: readonly Address[] | undefined,
): readonly Address[] | undefined | null {
  if (change === undefined) return old;
  const address: unknown = change[0];
  if (change.length !== 1 || !isRecord(address) || typeof address['ip'] !== 'string') return null;
  for (const key in address) if (key !== 'ip') return null;
  if (old === undefined) return change;
  return old.length === 1 && old[0]?.ip === address['ip'] ? old : null;
}

/** A list without merge key is replaced as a whole; null when it holds what a merge would leave out. */
function replacedList(
  old: readonly ContainerStatus[] | undefined,
  change: readonly ContainerStatus[] | undefined,
): readonly ContainerStatus[] | undefined | null {
  if (change === undefined || change === old) return old;
  if (!isPlain(change, 0)) return null;
  return jsonEqual(old, change) ? old : change;
}

/** Deepest nesting that is walked; container statuses have four levels. */
const DEPTH_MAX = 8;

/** Whether a value holds neither nulls nor directives. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== 'object') return true;
  if (value === null || depth > DEPTH_MAX) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth + 1)) return false;
    return true;
  }
  const record = value as JsonRecord;
  for (const key in record) {
    if (key.charCodeAt(0) === 0x24) return false;
    const member = record[key];
    if (typeof member === 'object' && !isPlain(member, depth + 1)) return false;
  }
  return true;
}
