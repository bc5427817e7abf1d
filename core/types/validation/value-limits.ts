/**
 * Which values of a field make sense, where not all of its type do.
 *
 * The lists of words are those of the API server's answers and of what is said of a scenario before it runs. Bounds of numbers are said before a run by the
 * shapes of the kinds, and by the server by the rules of each kind; a test holds them together.
 *
 * Source: Kubernetes 1.34, pkg/apis/core/validation, apps, batch, policy, discovery, storage, scheduling and the types' own constants.
 */
import type { Limited, Shape } from './shape-parts.ts';

export const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP'];
export const SCHEMES: readonly string[] = ['HTTP', 'HTTPS'];
export const RESTART_POLICIES: readonly string[] = ['Always', 'OnFailure', 'Never'];
export const DNS_POLICIES: readonly string[] = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
export const PULL_POLICIES: readonly string[] = ['Always', 'IfNotPresent', 'Never'];
export const MESSAGE_POLICIES: readonly string[] = ['FallbackToLogsOnError', 'File'];
/** Of a hostPath volume; '' looks for nothing. */
export const HOST_PATH_TYPES: readonly string[] =
  ',BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket'.split(',');
export const OPERATING_SYSTEMS: readonly string[] = ['linux', 'windows'];
export const SPREAD_MODES: readonly string[] = ['DoNotSchedule', 'ScheduleAnyway'];
/** Of a spread constraint. */
export const NODE_POLICIES: readonly string[] = ['Honor', 'Ignore'];
export const PREEMPTION_POLICIES: readonly string[] = ['PreemptLowerPriority', 'Never'];
export const TAINT_EFFECTS: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
export const TOLERATION_OPERATORS: readonly string[] = ['Equal', 'Exists'];
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
/** Of conditions. */
export const CONDITION_STATUSES: readonly string[] = ['False', 'True', 'Unknown'];
export const COMPLETION_MODES: readonly string[] = ['NonIndexed', 'Indexed'];
/** Longest session affinity, s. */
export const MAX_AFFINITY_SECONDS = 86_400;

/** A text that is one of some; the server refuses any other. */
export function oneOf(values: readonly string[]): Limited {
  return { scalar: 'string', values, isRefused: true };
}

/** The same where the server stores any other as well: no component knows it. */
export function unchecked(limit: Limited): Limited {
  return { ...limit, isRefused: false };
}

/** A text that is one of some, {@link unchecked}. */
export function known(...values: readonly string[]): Limited {
  return unchecked(oneOf(values));
}

/** A whole number from `min` to `max`; the server refuses any other. */
export function within(min: number, max: number): Limited {
  return { scalar: 'int', min, max, isRefused: true };
}

/** A number that counts something. */
export const COUNT: Limited = within(0, Number.POSITIVE_INFINITY);
/** The same with 64 bits. */
export const LONG_COUNT: Limited = { scalar: 'long', min: 0, max: Number.POSITIVE_INFINITY, isRefused: true };
/** At least one. */
export const AT_LEAST_ONE: Limited = within(1, Number.POSITIVE_INFINITY);
export const PORT: Limited = within(1, 65_535);
/** A port that is 0 where there is none. */
export const OPTIONAL_PORT: Limited = within(0, 65_535);

/** Ports of nodes that a Service can have: the server's default range. */
export const FIRST_NODE_PORT = 30_000;
export const LAST_NODE_PORT = 32_767;
export const NODE_PORT: Limited = {
  scalar: 'int',
  min: FIRST_NODE_PORT,
  max: LAST_NODE_PORT,
  orZero: true,
  isRefused: true,
};

/** Whether a value of the right type is one that makes sense; '' is what an absent text is. */
export function isWithin(value: unknown, limit: Limited): boolean {
  if (limit.scalar === 'string') return value === '' || limit.values.includes(value as string);
  if (value === 0 && limit.orZero === true) return true;
  return (value as number) >= limit.min && (value as number) <= limit.max;
}

/** What makes sense, in words. */
export function limitText(limit: Limited): string {
  if (limit.scalar === 'string')
    return limit.values.length === 1 ? `${limit.values[0]}` : `one of ${limit.values.join(', ')}`;
  const { min, max, orZero } = limit;
  const range = max === Number.POSITIVE_INFINITY ? `from ${min} on` : `from ${min} to ${max}`;
  return `${orZero === true ? '0 or ' : ''}a whole number ${range}`;
}

/** What the values of a field are limited to; null for one that has any of its type. */
export function limitedBy(shape: Shape | 'quantity'): Limited | null {
  return typeof shape === 'object' && shape.scalar !== undefined ? shape : null;
}

/** The texts that a field has; none where it is no text, or has any. */
export function wordsOf(shape: Shape | 'quantity'): readonly string[] {
  const limited = limitedBy(shape);
  return limited?.scalar === 'string' ? limited.values : [];
}
