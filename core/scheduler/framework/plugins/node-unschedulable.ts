/** NodeUnschedulable: a cordoned node, unless the pod tolerates the cordon's taint. Source: Kubernetes 1.34. */
import type { Taint } from '../../../types/node.ts';
import { isTolerated } from '../../../types/tolerations.ts';
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import type { Plugin } from '../plugin.ts';
import { type Rejection, unresolvable } from '../status.ts';

const CORDON: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** The plugin. */
export class NodeUnschedulable implements Plugin {
  readonly name = 'NodeUnschedulable';

  filter(cycle: Cycle, { node }: NodeInfo): Rejection | null {
    if (node.spec?.unschedulable !== true || isTolerated(cycle.info.pod.spec.tolerations, CORDON)) return null;
    return unresolvable('node(s) were unschedulable');
  }
}
