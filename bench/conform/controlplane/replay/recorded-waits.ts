/**
 * The wait conditions of recorded steps, asked of committed objects. What each means is said in data/controlplane/README.md.
 */
import type { World } from '../../../../core/chaos/world.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import { findCondition } from '../../../../core/types/pod-conditions.ts';
import type { WaitCondition } from '../recording.ts';
import type { RecordedNames } from './recorded-names.ts';

/** Kinds whose changes end quiet: the recorded ones without Events and Leases. */
export const WAIT_KINDS_QUIET: ReadonlySet<string> = new Set([
  'Pod',
  'Node',
  'Service',
  'EndpointSlice',
  'Namespace',
  'ServiceAccount',
  'ConfigMap',
  'Secret',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ControllerRevision',
  'Job',
  'PodDisruptionBudget',
  'PriorityClass',
]);
const OBSERVED: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'PodDisruptionBudget',
]);

/** Whether the condition holds now. */
export function conditionHolds(world: World, names: RecordedNames, condition: WaitCondition): boolean {
  const { kind = '', name = '', ns, absent, count, where = {} } = condition;
  if (absent !== undefined) return find(world, absent[0], names.original(absent[1]), undefined) === undefined;
  if (count !== undefined) {
    const [countedKind, labels] = count;
    let found = 0;
    for (const object of world.of(countedKind).values()) {
      const labelled = Object.entries(labels).every(([key, value]) => object.metadata.labels?.[key] === value);
      if (labelled && Object.entries(where).every(([path, value]) => valueAt(object, path) === value)) found++;
    }
    return compare(found, condition);
  }
  const object = find(world, kind, names.original(name), ns);
  if (object === undefined) return false;
  const path = condition.path ?? '';
  if (path.startsWith('status.') && OBSERVED.has(kind)) {
    if (valueAt(object, 'status.observedGeneration') !== object.metadata.generation) return false;
  }
  return compare(read(object, path), condition);
}

function find(world: World, kind: string, name: string, ns: string | undefined): KubeObject | undefined {
  for (const object of world.of(kind).values()) {
    if (object.metadata.name === name && (ns === undefined || object.metadata.namespace === ns)) return object;
  }
  return undefined;
}

function read(object: KubeObject, path: string): unknown {
  const conditions = (object.status as { conditions?: [] } | undefined)?.conditions;
  if (path.startsWith('cond:')) return findCondition(conditions, path.slice(5))?.status;
  if (path.startsWith('condReason:')) return findCondition(conditions, path.slice(11))?.reason;
  if (path.startsWith('taint:')) {
    const taints = (object.spec as { taints?: { key: string; effect: string }[] } | undefined)?.taints ?? [];
    return taints.some(({ key, effect }) => path === `taint:${key}:${effect}`);
  }
  return valueAt(object, path);
}

function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
  return value;
}

/** A number that is not written is zero. */
function compare(value: unknown, { eq, gte, lte }: WaitCondition): boolean {
  if (gte !== undefined) return Number(value ?? 0) >= gte;
  if (lte !== undefined) return Number(value ?? 0) <= lte;
  if (eq === undefined) return value !== undefined;
  return value === eq || (eq === 0 && value === undefined);
}
