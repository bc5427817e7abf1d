/**
 * The wait conditions of recorded steps, asked of the live objects of a real control plane (README of the shared recordings).
 */
import type { WaitCondition } from '../../bench/conform/controlplane/recording.ts';
import type { RealObject } from './connection.ts';

const OBSERVED = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'PodDisruptionBudget'];

type Condition = { type: string; status: string; reason?: string };

/** Whether the condition holds of the live objects; `quiet` is not asked here. */
export function holds(objects: (kind: string) => RealObject[], condition: WaitCondition): boolean {
  const { kind = '', name, ns, path = '', absent, count, where = {} } = condition;
  const find = (of: string, called: string | undefined): RealObject | undefined =>
    objects(of).find(({ metadata }) => metadata.name === called && (ns === undefined || metadata.namespace === ns));
  if (absent !== undefined) return find(absent[0], absent[1]) === undefined;
  if (count !== undefined) {
    const found = objects(count[0]).filter(
      (object) =>
        Object.entries(count[1]).every(([key, value]) => object.metadata.labels?.[key] === value) &&
        Object.entries(where).every(([at, value]) => valueAt(object, at) === value),
    );
    return compare(found.length, condition);
  }
  const object = find(kind, name);
  if (object === undefined) return false;
  if (path.startsWith('status.') && OBSERVED.includes(kind)) {
    if (object['status']?.observedGeneration !== object.metadata.generation) return false;
  }
  return compare(read(object, path), condition);
}

function read(object: RealObject, path: string): unknown {
  const named = (type: string): Condition | undefined =>
    (object['status']?.conditions as Condition[] | undefined)?.find((each) => each.type === type);
  if (path.startsWith('cond:')) return named(path.slice(5))?.status;
  if (path.startsWith('condReason:')) return named(path.slice(11))?.reason;
  if (path.startsWith('taint:')) {
    const taints: { key: string; effect: string }[] = object['spec']?.taints ?? [];
    return taints.some(({ key, effect }) => path === `taint:${key}:${effect}`);
  }
  return valueAt(object, path);
}

function valueAt(object: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], object);
}

/** A number that is not written is zero. */
function compare(value: unknown, { eq, gte, lte }: WaitCondition): boolean {
  if (gte !== undefined) return Number(value ?? 0) >= gte;
  if (lte !== undefined) return Number(value ?? 0) <= lte;
  if (eq === undefined) return value !== undefined;
  return value === eq || (eq === 0 && value === undefined);
}
