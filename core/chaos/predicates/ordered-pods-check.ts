/**
 * SS2: a StatefulSet that is not Parallel creates a pod only after each pod with a lower ordinal has been Ready, and is scaled down from the highest; one
 * that is being deleted creates none.
 *
 * Judged by committed history: each lower ordinal must have had a Ready pod at some time. Whether it still was one when the controller looked is not known here, because its
 * cache may lag.
 */
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { parseTime } from '../../types/time.ts';
import { VERB } from '../../types/wire.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit, World } from '../world.ts';

const CONTROLLER = 'system:serviceaccount:kube-system:statefulset-controller';

/** The parts of the API server's committed write that are read here. */
interface CommittedWrite {
  readonly op: { readonly request: { readonly user: string; readonly verb: number } };
  readonly before: KubeObject | null;
}

/** After so long a controller knows of a deletion, whatever its cache lags behind, µs. */
const KNOWN_US = 60_000_000;
const ORDINAL = /-(\d+)$/;

export function orderedPods(judge: Judge): Predicate {
  /** Ordinals that have had a Ready pod, by uid of the set. */
  const readyOnce = new Map<string, Set<number>>();
  const predicate: Predicate = {
    id: 'SS2',
    about: 'a StatefulSet creates a pod only when those before it have been ready, unless it is Parallel',
    evaluations: 0,
    commitKinds: ['Pod'],
    onCommit({ kind, object, previous }: Commit) {
      if (kind !== 'Pod' || object === null) return;
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
  listen(judge, 'api.write', (_pid, subject) => {
    const { op, before } = subject as CommittedWrite;
    if (before?.kind !== 'Pod' || op.request.verb !== VERB.delete || op.request.user !== CONTROLLER) return;
    const higher = condemnedAbove(judge, before);
    if (higher === null) return;
    predicate.evaluations++;
    judge.violate(predicate, `pod ${keyOf(before)} is scaled down before ${higher} has gone`);
  });
  return predicate;
}

/** A pod with a higher ordinal that has to go first when this one is too much, or null. */
function condemnedAbove({ world }: Judge, pod: KubeObject): string | null {
  const uid = controllerOf(pod)?.uid ?? '';
  const set = setOf(world, uid);
  if (set === undefined || set.spec.podManagementPolicy === 'Parallel') return null;
  const ordinal = ordinalOf(pod);
  if (ordinal < (set.spec.ordinals?.start ?? 0) + (set.spec.replicas ?? 1)) return null;
  for (const other of world.of('Pod').values()) {
    if (controllerOf(other)?.uid === uid && ordinalOf(other) > ordinal) return other.metadata.name;
  }
  return null;
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
