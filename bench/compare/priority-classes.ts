/**
 * The priority of a pod that names a class, as the Priority admission plugin of Kubernetes 1.34 resolves it.
 */
import type { KubeObject, PodSpec } from '../../core/cluster/vocabulary.ts';

/** Classes that every cluster has. */
const SYSTEM: readonly (readonly [string, number])[] = [
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
];

/** A spec with the priority and preemption policy that its class stands for. */
export type PriorityReader = (spec: PodSpec) => PodSpec;

interface ClassFields {
  readonly value?: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: PodSpec['preemptionPolicy'];
}

/** Reads the PriorityClasses among `objects`; a class that is not there, and none without a default, mean priority 0. */
export function priorityReader(objects: readonly KubeObject[]): PriorityReader {
  const classes = new Map<string, ClassFields>(SYSTEM.map(([name, value]) => [name, { value }]));
  let standard: ClassFields = {};
  for (const object of objects) {
    if (object.kind !== 'PriorityClass') continue;
    const fields = object as ClassFields;
    classes.set(object.metadata.name, fields);
    if (fields.globalDefault === true) standard = fields;
  }
  return (spec) => {
    const { priority, preemptionPolicy, priorityClassName = '' } = spec;
    const named = priorityClassName === '' ? standard : classes.get(priorityClassName);
    const policy = preemptionPolicy ?? named?.preemptionPolicy;
    return {
      ...spec,
      priority: priority ?? named?.value ?? 0,
      ...(policy === undefined ? {} : { preemptionPolicy: policy }),
    };
  };
}
