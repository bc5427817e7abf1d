/**
 * VolumeBinding: bound volumes can be used from the node, and claims that wait for a consumer can be bound or provisioned
 * there. Source: Kubernetes 1.34, plugins volumebinding.
 */
import type { PersistentVolumeClaim } from '../../../types/storage.ts';
import { storageClassNameOf } from '../../../types/storage-class-name.ts';
import type { Cycle, PluginState } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { claimsOf, findClaim, foreignClaim, isFullyBound } from '../pod-claims.ts';
import { type Rejection, unresolvable } from '../status.ts';
import { boundVolumesFit, findVolumes, waitsForConsumer } from '../volume-matching.ts';

const NAME = 'VolumeBinding';

interface Claims extends PluginState {
  readonly bound: readonly PersistentVolumeClaim[];
  readonly waiting: readonly PersistentVolumeClaim[];
}

/** The plugin. */
export class VolumeBinding implements Plugin {
  readonly name = NAME;

  preFilter(cycle: Cycle): PreFilterOutcome {
    const { pod } = cycle.info;
    const { objects } = cycle.view;
    const references = claimsOf(pod);
    if (references.length === 0) return SKIP;
    const claims: PersistentVolumeClaim[] = [];
    for (const { name, ephemeral } of references) {
      const claim = findClaim(objects, pod, name);
      const problem = claimProblem(claim, name, ephemeral);
      if (problem !== '') return unresolvable(problem);
      const found = claim as PersistentVolumeClaim;
      const foreign = ephemeral ? foreignClaim(pod, found) : '';
      if (foreign !== '') return unresolvable(foreign);
      claims.push(found);
    }
    const bound = claims.filter(isFullyBound);
    const unbound = claims.filter((claim) => !isFullyBound(claim));
    const waiting = unbound.filter(
      (claim) => (claim.spec?.volumeName ?? '') === '' && waitsForConsumer(objects, storageClassNameOf(claim)),
    );
    if (waiting.length < unbound.length) return unresolvable('pod has unbound immediate PersistentVolumeClaims');
    const state: Claims = { bound, waiting, clone: () => state };
    cycle.write(NAME, state);
    return null;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const { bound, waiting } = cycle.read<Claims>(NAME);
    const { objects } = cycle.view;
    const fit = boundVolumesFit(objects, bound, node.name, node.labels);
    const found = findVolumes(objects, waiting, node.name, node.labels);
    const reasons: string[] = [];
    if (fit === 'conflict') reasons.push("node(s) didn't match PersistentVolume's node affinity");
    if (!found.bindable) reasons.push("node(s) didn't find available persistent volumes to bind");
    if (!found.enoughSpace) reasons.push('node(s) did not have enough free storage');
    if (fit === 'missing') reasons.push('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
    return reasons.length === 0 ? null : unresolvable(...reasons);
  }
}

function claimProblem(claim: PersistentVolumeClaim | undefined, name: string, ephemeral: boolean): string {
  if (claim === undefined) {
    return ephemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
  }
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  return '';
}
