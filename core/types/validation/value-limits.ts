/**
 * Which values of a field make sense, where not all of its type do: one table for the API server's answers and for what is said of a scenario before it runs.
 *
 * Source: Kubernetes 1.34, pkg/apis/core/validation, apps, batch, policy, discovery, storage, scheduling and the types' own constants.
 */
import type { Limited } from './shape-parts.ts';

export const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP'];
export const RESTART_POLICIES: readonly string[] = ['Always', 'OnFailure', 'Never'];
export const DNS_POLICIES: readonly string[] = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
export const PULL_POLICIES: readonly string[] = ['Always', 'IfNotPresent', 'Never'];
export const MESSAGE_POLICIES: readonly string[] = ['FallbackToLogsOnError', 'File'];
export const SPREAD_MODES: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway'];
/** Of a spread constraint. */
export const NODE_POLICIES: readonly string[] = ['Honor', 'Ignore'];
export const PREEMPTION_POLICIES: readonly string[] = ['PreemptLowerPriority', 'Never'];
export const TAINT_EFFECTS: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
/** Effects of devices' taints; None since 1.35. */
export const DEVICE_EFFECTS: readonly string[] = ['NoExecute', 'NoSchedule', 'None'];
export const SERVICE_TYPES: readonly string[] = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
export const AFFINITIES: readonly string[] = ['ClientIP', 'None'];
export const TRAFFIC_POLICIES: readonly string[] = ['Cluster', 'Local'];
export const TRAFFIC_DISTRIBUTIONS: readonly string[] = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
export const IP_FAMILIES: readonly string[] = ['IPv4', 'IPv6'];
export const IP_FAMILY_POLICIES: readonly string[] = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
export const ADDRESS_TYPES: readonly string[] = ['FQDN', 'IPv4', 'IPv6'];
export const EVICTION_POLICIES: readonly string[] = ['AlwaysAllow', 'IfHealthyBudget'];
export const ACCESS_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem'];
export const RECLAIM_POLICIES: readonly string[] = ['Delete', 'Recycle', 'Retain'];
/** Of storage classes. */
export const CLASS_RECLAIM_POLICIES: readonly string[] = ['Delete', 'Retain'];
export const BINDING_MODES: readonly string[] = ['Immediate', 'WaitForFirstConsumer'];
export const RETENTION_POLICIES: readonly string[] = ['Retain', 'Delete'];
export const STRATEGIES: readonly string[] = ['Recreate', 'RollingUpdate'];
export const UPDATE_STRATEGIES: readonly string[] = ['RollingUpdate', 'OnDelete'];
export const MANAGEMENT_POLICIES: readonly string[] = ['OrderedReady', 'Parallel'];
export const REPLACEMENT_POLICIES: readonly string[] = ['Failed', 'TerminatingOrFailed'];
export const COMPLETION_MODES: readonly string[] = ['NonIndexed', 'Indexed'];
/** Longest session affinity, s. */
export const MAX_AFFINITY_SECONDS = 86_400;

/** A text that is one of some; the server refuses any other. */
export function oneOf(values: readonly string[]): Limited {
  return { scalar: 'string', values, min: 0, max: 0, isRefused: true };
}

/** A text that is one of some; the server stores any other, and no component knows it. */
export function known(...values: readonly string[]): Limited {
  return { scalar: 'string', values, min: 0, max: 0, isRefused: false };
}

/** A whole number from `min` to `max`; the server refuses any other. */
export function within(min: number, max: number): Limited {
  return { scalar: 'int', values: [], min, max, isRefused: true };
}

/** A number that counts something. */
export const COUNT: Limited = within(0, Number.POSITIVE_INFINITY);
/** The same with 64 bits. */
export const LONG_COUNT: Limited = { ...COUNT, scalar: 'long' };
/** A number that the server does not look at and that is never negative. */
export const SEEN_COUNT: Limited = { ...COUNT, isRefused: false };
/** At least one. */
export const AT_LEAST_ONE: Limited = within(1, Number.POSITIVE_INFINITY);
export const PORT: Limited = within(1, 65_535);
/** A port that is 0 where there is none. */
export const OPTIONAL_PORT: Limited = within(0, 65_535);

/** Ports of nodes that a Service can have: the server's default range. */
export const FIRST_NODE_PORT = 30_000;
export const LAST_NODE_PORT = 32_767;

/** Whether a value of the right type is one that makes sense; '' is what an absent text is. */
export function isWithin(value: unknown, { scalar, values, min, max }: Limited): boolean {
  if (scalar === 'string') return value === '' || values.includes(value as string);
  return (value as number) >= min && (value as number) <= max;
}

/** What makes sense, in words. */
export function limitText({ scalar, values, min, max }: Limited): string {
  if (scalar === 'string') return values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`;
  return max === Number.POSITIVE_INFINITY ? `a whole number from ${min} on` : `a whole number from ${min} to ${max}`;
}
