/** How the scheduler's maps, tasks and messages name a pod. */
import type { Pod } from '../../types/pod.ts';

/** `namespace/name`. */
export function podKey({ metadata }: Pod): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
