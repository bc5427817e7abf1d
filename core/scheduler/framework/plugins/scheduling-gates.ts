/** SchedulingGates: a pod with gates does not enter the queue. Source: Kubernetes 1.34. */
import type { Pod } from '../../../types/pod.ts';
import type { Plugin } from '../plugin.ts';
import { type Rejection, unresolvable } from '../status.ts';

/** The plugin. */
export class SchedulingGates implements Plugin {
  readonly name = 'SchedulingGates';

  preEnqueue(pod: Pod): Rejection | null {
    const gates = pod.spec.schedulingGates ?? [];
    if (gates.length === 0) return null;
    return unresolvable(`waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`);
  }
}
