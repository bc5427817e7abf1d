/**
 * What a comparison reads of a kind of pod besides what the scheduler's core does: priority, gang, lifetime.
 */
import { GANG_MIN_LABEL, GANG_NAME_LABEL } from '../../core/cluster/placement.ts';
import type { Pod } from '../../core/cluster/vocabulary.ts';
import type { CompareWorkload } from './workload.ts';

/** Priority of a kind, 0 where it names none. */
export function priorityOf(pod: Pod | undefined): number {
  return pod?.spec.priority ?? 0;
}

/** Whether pods of the workload differ in priority: only then can one take another's place. */
export function hasPriorities({ kinds }: CompareWorkload): boolean {
  return new Set(kinds.map(priorityOf)).size > 1;
}

/** `namespace/name` of the gang that a kind of pod belongs to, '' for none. */
export function gangName({ metadata }: Pod): string {
  const name = metadata.labels?.[GANG_NAME_LABEL] ?? '';
  return name === '' ? '' : `${metadata.namespace ?? ''}/${name}`;
}

/** How many pods of the gang of a kind must have a node for it to run; 1 where the label says nothing. */
export function gangNeed({ kinds }: CompareWorkload, kind: number): number {
  const text = kinds[kind]?.metadata.labels?.[GANG_MIN_LABEL] ?? '';
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 1;
}
