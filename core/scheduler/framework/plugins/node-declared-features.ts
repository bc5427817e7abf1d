/**
 * NodeDeclaredFeatures (from 1.36): nodes without a feature that the pod's spec needs. Of the features known to 1.36 only
 * those that follow from a new pod's spec matter here; restartable init containers with a restart policy per container are
 * one (`RestartAllContainersOnContainerExits` and `UserNamespacesHostNetwork` are alpha and off).
 * A pod that needs none is skipped.
 */
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { type Rejection, unresolvable } from '../status.ts';

/** The plugin. */
export class NodeDeclaredFeatures implements Plugin {
  readonly name = 'NodeDeclaredFeatures';

  preFilter(cycle: Cycle): PreFilterOutcome {
    return requiredFeatures(cycle).length === 0 ? SKIP : null;
  }

  filter(cycle: Cycle, { node }: NodeInfo): Rejection | null {
    const declared =
      (node.status as { readonly declaredFeatures?: readonly string[] } | undefined)?.declaredFeatures ?? [];
    const missing = requiredFeatures(cycle).filter((feature) => !declared.includes(feature));
    return missing.length === 0
      ? null
      : unresolvable(`node declared features check failed - unsatisfied requirements: ${missing.join(', ')}`);
  }
}

/** No feature of 1.36 that is on by default is inferred from a pod that has just been created. */
function requiredFeatures(_cycle: Cycle): readonly string[] {
  return [];
}
