/**
 * Fields of a workload that a search lets somebody change for a time: those that a user may change at any time, so that the cluster has to follow, there and back.
 *
 * Left out is what controllers own (counts of ReplicaSets, labels of pods): who changes that gets, until the end, what nobody wants.
 */
import type { IntOrString, KubeObject, StringMap } from '../../types/object.ts';
import type { ChangedField } from '../faults/field-fault.ts';
import { nameOf, SCALABLE } from '../workloads.ts';

/** What is read of any object. */
interface Spec {
  readonly replicas?: number;
  readonly selector?: StringMap;
  readonly ports?: readonly { readonly port?: number }[];
  readonly minAvailable?: IntOrString;
  readonly maxUnavailable?: IntOrString;
}

/** The fields, in the order of the objects. Counts of pods only rise: what is promised to stay ready stays possible. */
export function changeableFields(workload: readonly KubeObject[]): ChangedField[] {
  const found: ChangedField[] = [];
  for (const each of workload) {
    const { kind } = each;
    const object = nameOf(each);
    const spec = ((each as { readonly spec?: Spec }).spec ?? {}) as Spec;
    if (SCALABLE.includes(kind)) found.push({ object, field: 'spec.replicas', value: (spec.replicas ?? 1) + 1 });
    if (kind === 'Deployment') found.push({ object, field: 'spec.paused', value: true });
    if (kind === 'Service') {
      for (const key of Object.keys(spec.selector ?? {})) found.push({ object, field: `spec.selector.${key}` });
      (spec.ports ?? []).forEach((_, index) => {
        found.push({ object, field: `spec.ports.${index}.port` });
      });
    }
    if (kind !== 'PodDisruptionBudget') continue;
    for (const field of ['minAvailable', 'maxUnavailable'] as const)
      if (typeof spec[field] === 'number') found.push({ object, field: `spec.${field}` });
  }
  return found;
}
