/**
 * NodeDeclaredFeatures (from 1.36): only nodes that declare the features that the pod's spec needs. Source: Kubernetes 1.36.3, plugins
 * nodedeclaredfeatures; component-helpers nodedeclaredfeatures/features, of which these two say something of a new pod. A pod that needs none is
 * skipped.
 */
import type { Container, Pod, PodSpec } from '../../../types/pod.ts';
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { type Rejection, unresolvable } from '../status.ts';

/** By which specs a feature is needed. */
const FEATURES: readonly { readonly name: string; isNeededBy(spec: PodSpec): boolean }[] = [
  { name: 'RestartAllContainersOnContainerExits', isNeededBy: restartsAll },
  { name: 'UserNamespacesHostNetworkSupport', isNeededBy: sharesNetwork },
];
const NONE: readonly string[] = [];
const NO_CONTAINERS: readonly Container[] = [];

/** The plugin. */
export class NodeDeclaredFeatures implements Plugin {
  readonly name = 'NodeDeclaredFeatures';

  preFilter(cycle: Cycle): PreFilterOutcome {
    return needsFeatures(cycle.info.pod) ? null : SKIP;
  }

  filter(cycle: Cycle, { node }: NodeInfo): Rejection | null {
    const declared = node.status?.declaredFeatures ?? NONE;
    const { spec } = cycle.info.pod;
    const isMet = FEATURES.every(({ name, isNeededBy }) => !isNeededBy(spec) || declared.includes(name));
    return isMet ? null : unresolvable("node(s) didn't match Pod's required features");
  }
}

/** Whether a pod needs any feature that a node must declare. */
export function needsFeatures({ spec }: Pod): boolean {
  for (const { isNeededBy } of FEATURES) if (isNeededBy(spec)) return true;
  return false;
}

function sharesNetwork({ hostNetwork, hostUsers }: PodSpec): boolean {
  return hostNetwork === true && hostUsers === false;
}

function restartsAll({ containers, initContainers }: PodSpec): boolean {
  return haveRestartAll(containers) || haveRestartAll(initContainers);
}

function haveRestartAll(containers: readonly Container[] | undefined): boolean {
  for (const { restartPolicyRules } of containers ?? NO_CONTAINERS) {
    if (restartPolicyRules === undefined) continue;
    for (const { action } of restartPolicyRules) if (action === 'RestartAllContainers') return true;
  }
  return false;
}
