/**
 * Who owns a claim of a StatefulSet by its persistentVolumeClaimRetentionPolicy: the set where claims go with it, the pod where the pod was scaled away
 * and claims go with that, else nobody. The garbage collector does the rest.
 *
 * Source: Kubernetes 1.34 pkg/controller/statefulset/stateful_set_utils.go (isClaimOwnerUpToDate, updateClaimOwnerRefForSetAndPod).
 */
import type { KubeObject, OwnerReference } from '../../types/object.ts';
import { uidOf } from '../../types/object.ts';
import { controllerReference } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { ordinalOf, startOrdinal } from './identity.ts';

/** true if the claims of a pod that is scaled away go with it. */
export function deletesWhenScaled({ spec }: StatefulSet): boolean {
  return spec.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete';
}

function deletesWhenDeleted({ spec }: StatefulSet): boolean {
  return spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
}

/** Whether the reference is to an object of this name, whatever its uid. */
function names(reference: OwnerReference, { apiVersion, kind, metadata }: KubeObject): boolean {
  return reference.apiVersion === apiVersion && reference.kind === kind && reference.name === metadata.name;
}

/** true if the claim belongs to a pod of this name; before the next one is made that is an earlier one, whose end it follows. */
export function isOfPod({ metadata }: KubeObject, name: string): boolean {
  const references = metadata.ownerReferences ?? [];
  return references.some((reference) => reference.kind === 'Pod' && reference.name === name);
}

/** true if somebody else, or an earlier owner of these names, has a claim that the retention policy is about. */
export function hasOtherController({ metadata }: KubeObject, set: StatefulSet, pod: Pod): boolean {
  if (!deletesWhenScaled(set) && !deletesWhenDeleted(set)) return false;
  return (metadata.ownerReferences ?? []).some((reference) => {
    if (names(reference, set)) return reference.uid !== uidOf(set);
    return names(reference, pod) ? reference.uid !== uidOf(pod) : reference.controller === true;
  });
}

/** The owner references that the claim of a pod should have; null where it has them, or where earlier owners of the same names are none of ours. */
export function ownersToSet(claim: KubeObject, set: StatefulSet, pod: Pod): readonly OwnerReference[] | null {
  const references = claim.metadata.ownerReferences ?? [];
  const own = references.filter((reference) => names(reference, set) || names(reference, pod));
  if (own.some((reference) => reference.uid !== uidOf(names(reference, set) ? set : pod))) return null;
  const others = references.filter((reference) => !own.includes(reference));
  const wanted = wantedOwner(set, pod, others);
  const isRight =
    wanted === null
      ? own.length === 0
      : own.length === 1 && own[0]?.uid === uidOf(wanted) && own[0]?.controller === true;
  if (isRight) return null;
  return wanted === null ? others : [...others, controllerReference(wanted)];
}

function wantedOwner(set: StatefulSet, pod: Pod, others: readonly OwnerReference[]): KubeObject | null {
  // What somebody else controls is theirs to keep.
  if (others.some(({ controller }) => controller === true)) return null;
  const place = ordinalOf(set, pod) - startOrdinal(set);
  const isScaledAway = place < 0 || place >= (set.spec.replicas ?? 1);
  if (isScaledAway && deletesWhenScaled(set)) return pod;
  return deletesWhenDeleted(set) ? set : null;
}
