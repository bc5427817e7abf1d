/** NodeName: `spec.nodeName`, where a pod has one already. Source: Kubernetes 1.34. */
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import type { Plugin } from '../plugin.ts';
import { type Rejection, unresolvable } from '../status.ts';

/** The plugin. */
export class NodeName implements Plugin {
  readonly name = 'NodeName';

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const wanted = cycle.info.pod.spec.nodeName ?? '';
    return wanted === '' || wanted === node.name ? null : unresolvable("node(s) didn't match the requested node name");
  }
}
