/**
 * The priority of a pod that names a class, as the Priority admission plugin of Kubernetes 1.34 resolves it.
 */
import type { KubeObject, PodSpec } from '../../core/cluster/vocabulary.ts';

/** Classes that every cluster has. */
const SYSTEM: readonly (readonly [string, number])[] = [
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
];

/** The priority of a pod's spec by the PriorityClasses among `objects`; 0 for a class that is not there and without a default. */
export function priorityReader(objects: readonly KubeObject[]): (spec: PodSpec) => number {
  const values = new Map<string, number>(SYSTEM);
  let standard = 0;
  for (const object of objects) {
    if (object.kind !== 'PriorityClass') continue;
    const { value = 0, globalDefault = false } = object as {
      readonly value?: number;
      readonly globalDefault?: boolean;
    };
    values.set(object.metadata.name, value);
    if (globalDefault) standard = value;
  }
  return ({ priority, priorityClassName = '' }) => {
    if (priority !== undefined) return priority;
    return priorityClassName === '' ? standard : (values.get(priorityClassName) ?? 0);
  };
}
