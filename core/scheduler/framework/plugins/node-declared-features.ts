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
    const isMet = requiredFeatures(cycle.info.pod).every((feature) => declared.includes(feature));
    return isMet ? null : unresolvable("node(s) didn't match Pod's required features");
  }
}

/** Whether a pod needs any feature that a node must declare. */
export function needsFeatures({ spec }: Pod): boolean {
  return sharesNetwork(spec) || restartsAll(spec.containers) || restartsAll(spec.initContainers);
}

function requiredFeatures({ spec }: Pod): readonly string[] {
  const features: string[] = [];
  if (restartsAll(spec.containers) || restartsAll(spec.initContainers)) {
    features.push('RestartAllContainersOnContainerExits');
  }
  if (sharesNetwork(spec)) features.push('UserNamespacesHostNetworkSupport');
  return features;
}

function sharesNetwork({ hostNetwork, hostUsers }: PodSpec): boolean {
  return hostNetwork === true && hostUsers === false;
}

function restartsAll(containers: readonly Container[] | undefined): boolean {
  for (const { restartPolicyRules } of containers ?? NO_CONTAINERS) {
    if (restartPolicyRules === undefined) continue;
    for (const { action } of restartPolicyRules) if (action === 'RestartAllContainers') return true;
  }
  return false;
}
