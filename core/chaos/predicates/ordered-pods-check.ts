/**
 * SS2: a StatefulSet that is not Parallel creates a pod only after each pod with a lower ordinal has been Ready, and is scaled down from the highest; its
 * rollouts go from the highest ordinal down to the partition, each pod when those above are healthy; one that is being deleted creates none.
 *
 * Creations are judged by committed history: each lower ordinal must have had a Ready pod at some time; whether it still was one when the controller
 * looked is not known. Deletions are judged in the controller's view. Source: Kubernetes documentation, StatefulSets, "Deployment and Scaling
 * Guarantees" and "Update strategies".
 */
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { parseTime } from '../../types/time.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit, World } from '../world.ts';

const REVISION = 'controller-revision-hash';

/** What the controller saw when it decided to delete a pod; all as in its own copies. */
interface Deletion {
  readonly set: StatefulSet;
  readonly pod: Pod;
  /** All pods of the set. */
  readonly pods: readonly Pod[];
  /** Name of the revision that a rollout leads to. */
  readonly updateRevision: string;
}

/** After so long a controller knows of a deletion, whatever its cache lags behind, µs. */
const KNOWN_US = 60_000_000;
const ORDINAL = /-(\d+)$/;

export function orderedPods(judge: Judge): Predicate {
  /** Ordinals that have had a Ready pod, by uid of the set. */
  const readyOnce = new Map<string, Set<number>>();
  const predicate: Predicate = {
    id: 'SS2',
    about: 'a StatefulSet creates, deletes and replaces pods in their order, unless it is Parallel',
    evaluations: 0,
    commitKinds: ['Pod'],
    onCommit({ object, previous }: Commit) {
      if (object === null) return;
      const owner = controllerOf(object);
      if (owner?.kind !== 'StatefulSet') return;

      let ready = readyOnce.get(owner.uid);
      if (ready === undefined) {
        ready = new Set();
        readyOnce.set(owner.uid, ready);
      }
      const ordinal = ordinalOf(object);
      if (isPodReady(object as Pod) || isPodTerminal(object as Pod)) ready.add(ordinal);
      if (previous !== null) return;
      const set = setOf(judge.world, owner.uid);
      if (set === undefined) return;
      if (endedUs(set, object) > KNOWN_US)
        judge.violate(predicate, `StatefulSet ${keyOf(set)} creates pod ${ordinal} a minute after its deletion`);
      if (set.spec.podManagementPolicy === 'Parallel') return;
      predicate.evaluations++;
      for (let before = set.spec.ordinals?.start ?? 0; before < ordinal; before++) {
        if (ready.has(before)) continue;
        judge.violate(
          predicate,
          `StatefulSet ${keyOf(set)} creates pod ${ordinal}, pod ${before} has never been ready`,
        );
        return;
      }
    },
  };
  listen(judge, 'statefulset.delete', (_pid, subject) => {
    const deletion = subject as Deletion;
    predicate.evaluations++;
    const why = whyNot(deletion);
    if (why !== null)
      judge.violate(predicate, `StatefulSet ${keyOf(deletion.set)} deletes ${deletion.pod.metadata.name}, ${why}`);
  });
  return predicate;
}

/** Why this pod may not be deleted now, or null. */
function whyNot(deletion: Deletion): string | null {
  const { pod, set } = deletion;
  if (!wantsOrdinal(set, ordinalOf(pod)))
    return set.spec.podManagementPolicy === 'Parallel' ? null : whyNotCondemned(deletion);
  return isPodTerminal(pod) ? null : whyNotReplaced(deletion);
}

/** Whether the set is to have a pod of the ordinal. */
export function wantsOrdinal({ spec }: StatefulSet, ordinal: number): boolean {
  const start = spec.ordinals?.start ?? 0;
  return ordinal >= start && ordinal < start + (spec.replicas ?? 1);
}

/**
 * Pods too many go from the highest ordinal on, one that is not healthy only if all wanted ones are and it is the lowest such. A later `ordinals.start` leaves
 * pods too many below those that are wanted.
 */
function whyNotCondemned({ pod, pods, set }: Deletion): string | null {
  const isWanted = (other: Pod): boolean => wantsOrdinal(set, ordinalOf(other));
  const ordinal = ordinalOf(pod);
  const higher = pods.find((other) => ordinalOf(other) > ordinal && !isWanted(other));
  if (higher !== undefined) return `which is too much, before ${higher.metadata.name} has gone`;
  if (isPodReady(pod)) return null;
  const lower = pods.find((other) => (ordinalOf(other) < ordinal || isWanted(other)) && !isHealthy(other));
  return lower === undefined ? null : `which is not ready, before ${lower.metadata.name} is`;
}

/** A rollout replaces pods of old revisions from the highest ordinal down to the partition, each when those above are healthy. */
function whyNotReplaced({ pod, pods, set, updateRevision }: Deletion): string | null {
  const { updateStrategy } = set.spec;
  const ordinal = ordinalOf(pod);
  if (updateStrategy?.type === 'OnDelete') return 'though its pods are replaced by hand (OnDelete)';
  if (ordinal < (updateStrategy?.rollingUpdate?.partition ?? 0)) return 'which is below its partition';
  if (pod.metadata.labels?.[REVISION] === updateRevision) return 'which is of the newest revision';
  for (let above = ordinal + 1; wantsOrdinal(set, above); above++) {
    const other = pods.find((each) => ordinalOf(each) === above);
    if (other === undefined || !isHealthy(other)) return `before pod ${above} is ready`;
  }
  return null;
}

function isHealthy(pod: Pod): boolean {
  return isPodReady(pod) && pod.metadata.deletionTimestamp === undefined;
}

function ordinalOf({ metadata }: KubeObject): number {
  return Number(ORDINAL.exec(metadata.name)?.[1] ?? 0);
}

function setOf(world: World, uid: string): StatefulSet | undefined {
  for (const object of world.of('StatefulSet').values()) {
    if (object.metadata.uid === uid) return object as StatefulSet;
  }
  return undefined;
}

/** How long the set had been on its way out when the pod was created, µs; 0 while it stays. */
function endedUs({ metadata }: StatefulSet, pod: KubeObject): number {
  if (metadata.deletionTimestamp === undefined) return 0;
  return parseTime(pod.metadata.creationTimestamp ?? '') - parseTime(metadata.deletionTimestamp);
}
