/**
 * Objects at the end of a timeline without what differs from run to run, so that those of a replay and of its recording can be equal.
 *
 * The recordings call unstable which of several equal pods goes and which node a pod gets; so pods are compared without their numbers.
 */
import type { Json } from './whole-recording.ts';

const TIME = /^(\d{4}-\d\d-\d\dT[\d:.]+Z|t[+-][\d.]+s)$/;
const IP_KEYS: ReadonlySet<string> = new Set(['podIP', 'hostIP', 'ip', 'podCIDR', 'clusterIP', 'address']);
const IP_LISTS: ReadonlySet<string> = new Set(['podCIDRs', 'clusterIPs', 'addresses']);
const TOKEN_VOLUME = 'kube-api-access';
const UID = /^(uid-\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** Gives the normalised form of a text. */
type Naming = (text: string) => string;

/** A copy of a final object for the comparison; `name` gives the recording's form of a text. */
export function comparable(kind: string, object: unknown, name: Naming): Json {
  const json = masked(object, kind === 'Node' ? name : (text) => plainText(name(text)));
  if (kind === 'Node') {
    // Address and port belong to the recorder's fake kubelets, which differ from recording to recording.
    const { addresses, daemonEndpoints, ...status } = (json['status'] ?? {}) as Json;
    return { ...json, status };
  }
  if (kind !== 'EndpointSlice') return json;
  // How many changes a write holds is not stable, nor is the order in which pods became ready.
  const { generation, ...metadata } = json['metadata'] as Json;
  // Ports stand in the order of their hashes (endpointslice util NewPortMapKey); none are null.
  const [endpoints, ports] = ['endpoints', 'ports'].map((field) => sortedByText((json[field] as Json[] | null) ?? []));
  return { ...json, metadata, endpoints, ports };
}

/** Uids in labels, numbers of equal pods, nodes that a pod is pinned to. */
function plainText(text: string): string {
  return plainName(text.replace(UID, '<uid>')).replace(/^node-\d+$/, '<node>');
}

/** A name without the numbers of equal pods. */
export function plainName(name: string): string {
  return name.replace(/-pod\d+/g, '-pod');
}

function sortedByText<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, text: textOf(value) }))
    .sort((left, right) => (left.text < right.text ? -1 : 1))
    .map(({ value }) => value);
}

/** The JSON of a value; the order of its keys tells nothing. */
export function textOf(value: unknown): string {
  return JSON.stringify(withSortedKeys(value));
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withSortedKeys(inner)]));
}

/**
 * A copy of `object` in which what differs from run to run is replaced: uids, times, addresses, a pod's node; the volume of the service
 * account and its mount are left out, resourceVersion and managedFields too.
 */
function masked(object: unknown, name: Naming): Json {
  return maskValue(JSON.parse(JSON.stringify(object)), '', name) as Json;
}

function maskValue(value: unknown, key: string, name: Naming): unknown {
  if (typeof value === 'string') return maskText(value, key, name);
  if (Array.isArray(value)) return maskList(value, key, name);
  if (value === null || typeof value !== 'object') return value;
  const result: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(value)) {
    if (field === 'resourceVersion' || field === 'managedFields') continue;
    const next = maskValue(inner, field, name);
    if ((field === 'volumes' || field === 'volumeMounts') && Array.isArray(next) && next.length === 0) continue;
    result[name(field)] = next;
  }
  return result;
}

function maskList(value: readonly unknown[], key: string, name: Naming): unknown[] {
  const isToken = (item: unknown): boolean =>
    key.startsWith('volume') && String((item as { name?: unknown } | null)?.name).startsWith(TOKEN_VOLUME);
  const itemKey = IP_LISTS.has(key) ? 'ip' : '';
  return value.filter((item) => !isToken(item)).map((item) => maskValue(item, itemKey, name));
}

function maskText(value: string, key: string, name: Naming): string {
  if (key === 'uid') return '<uid>';
  if (key === 'nodeName') return '<node>';
  if (IP_KEYS.has(key)) return '<ip>';
  if (TIME.test(value)) return '<time>';
  return name(value);
}
