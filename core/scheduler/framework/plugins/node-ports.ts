/** NodePorts: host ports of the node that the pod needs are free. Source: Kubernetes 1.34. */
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { type Rejection, unschedulable } from '../status.ts';

/** The plugin. */
export class NodePorts implements Plugin {
  readonly name = 'NodePorts';

  preFilter(cycle: Cycle): PreFilterOutcome {
    return cycle.info.hostPorts.length === 0 ? SKIP : null;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const taken = cycle.info.hostPorts.some((port) => node.clashes(port));
    return taken ? unschedulable("node(s) didn't have free ports for the requested pod ports") : null;
  }
}
