/**
 * What a comparison reads of a kind of pod besides what the scheduler's core does: its priority.
 */
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
