/**
 * SS2: a StatefulSet that is not Parallel creates a pod only after each pod with a lower ordinal has been Ready, and is scaled down from the highest, of
 * several that are not Ready the lowest first; one that is being deleted creates none.
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
  /** Since when pods are not Ready, by uid, µs. */
  const unreadyUs = new Map<string, number>();
  const predicate: Predicate = {
    id: 'SS2',
    about: 'a StatefulSet creates a pod only when those before it have been ready, unless it is Parallel',
    evaluations: 0,
    commitKinds: ['Pod'],
    onCommit({ object, previous, timeUs }: Commit) {
      const owner = controllerOf((object ?? previous) as KubeObject);
      if (owner?.kind !== 'StatefulSet') return;
      const uid = (object ?? previous)?.metadata.uid ?? '';
      if (object === null || isPodReady(object as Pod)) unreadyUs.delete(uid);
      else if (!unreadyUs.has(uid)) unreadyUs.set(uid, timeUs);
      if (object === null) return;
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
    const condemned = condemnedWith(judge, before);
    if (condemned === null) return;
    predicate.evaluations++;
    const ordinal = ordinalOf(before);
    const higher = condemned.find((other) => ordinalOf(other) > ordinal);
    if (higher !== undefined)
      judge.violate(predicate, `pod ${keyOf(before)} is scaled down before ${higher.metadata.name} has gone`);
    const longUnready = ({ metadata }: KubeObject): boolean =>
      judge.sim.now - (unreadyUs.get(metadata.uid ?? '') ?? judge.sim.now) > KNOWN_US;
    const lower = condemned.find((other) => ordinalOf(other) < ordinal && longUnready(other));
    if (lower === undefined || !longUnready(before)) return;
    judge.violate(
      predicate,
      `pod ${keyOf(before)}, which is not ready, is scaled down before ${lower.metadata.name} is`,
    );
  });
  return predicate;
}

/** The other pods of the set where this one is too much and they go in order, else null. */
function condemnedWith({ world }: Judge, pod: KubeObject): KubeObject[] | null {
  const uid = controllerOf(pod)?.uid ?? '';
  const set = setOf(world, uid);
  if (set === undefined || set.spec.podManagementPolicy === 'Parallel') return null;
  if (ordinalOf(pod) < (set.spec.ordinals?.start ?? 0) + (set.spec.replicas ?? 1)) return null;
  return [...world.of('Pod').values()].filter((other) => controllerOf(other)?.uid === uid);
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
