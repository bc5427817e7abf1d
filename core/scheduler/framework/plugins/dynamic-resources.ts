/**
 * DynamicResources for simple claims: allocated claims bind the pod to the nodes they can be used from; claims that are not
 * allocated need devices of the requested class, whose drivers publish them in ResourceSlices. Source: Kubernetes 1.34
 * (resource.k8s.io/v1, structured parameters). A request with CEL selectors, constraints or sub-requests is refused with a
 * reason that says so: a wrong guess would be a wrong placement.
 */
import type { Pod } from '../../../types/pod.ts';
import type { Cycle, PluginState } from '../cycle.ts';
import { allocateOn, claimsOfPod, type DeviceClaim, usableFrom } from '../device-claims.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { type Rejection, unresolvable, unschedulable } from '../status.ts';

const NAME = 'DynamicResources';

interface Claims extends PluginState {
  readonly all: readonly DeviceClaim[];
}

/** The plugin. */
export class DynamicResources implements Plugin {
  readonly name = NAME;

  preEnqueue(_pod: Pod): Rejection | null {
    return null;
  }

  preFilter(cycle: Cycle): PreFilterOutcome {
    const found = claimsOfPod(cycle.info.pod, cycle.view.objects);
    if (typeof found === 'string') return unresolvable(found);
    const state: Claims = { all: found, clone: () => state };
    cycle.write(NAME, state);
    return found.length === 0 ? SKIP : null;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const { all } = cycle.read<Claims>(NAME);
    for (const claim of all) {
      if (claim.allocation !== null && !usableFrom(claim.allocation, node)) {
        return unresolvable('resourceclaim not available on the node');
      }
    }
    const waiting = all.filter(({ allocation }) => allocation === null);
    if (waiting.length === 0 || allocateOn(node, waiting, cycle.view.objects) !== null) return null;
    return unschedulable('cannot allocate all claims');
  }

  score(): number {
    return 0;
  }

  normalize(): void {}
}

/** What PostFilter says: nothing is deallocated here, since no claim is reserved by the scheduler alone. */
export function dynamicResourcesPostFilter(cycle: Cycle): string {
  return cycle.read<Claims>(NAME).all.length === 0 ? 'no new claims to deallocate' : 'still not schedulable';
}
