/**
 * G2: at quiescence nothing is left whose owners have all gone (it is the garbage collector's to delete, where it knows their kinds), no finalizer of a Job that is over, and no Job
 * whose time to live after its end is over.
 */
import { distinctKind } from '../../types/foreign-kind.ts';
import { isJobFinished, type Job } from '../../types/job.ts';
import type { OwnerReference } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { BUILT_IN_TYPES } from '../../types/resource-type.ts';
import { parseTime } from '../../types/time.ts';
import { type Judge, keyOf, lacks, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';
import type { World } from '../world.ts';
import { TRACKING } from './waiting-ring-check.ts';

const ENDED: readonly string[] = ['Complete', 'Failed'];
/** Kinds that others own in a cluster without custom resources. */
export const OWNED: readonly string[] = [
  'Pod',
  'ReplicaSet',
  'ControllerRevision',
  'EndpointSlice',
  'Job',
  'PersistentVolumeClaim',
];

export function allCollected(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'G2',
    about: 'no object stays whose owners have all gone',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      for (const kind of OWNED) {
        for (const object of judge.world.of(kind).values()) {
          const owners = object.metadata.ownerReferences;
          if (owners === undefined || owners.length === 0) continue;
          predicate.evaluations++;
          if (anyExists(judge.world, owners) || !areKindsKnown(judge.world, owners)) continue;
          const owner = `${owners[0]?.kind} ${owners[0]?.name}`;
          return lacks(predicate, kind, object, `${kind} ${keyOf(object)} stays though its owner ${owner} has gone`);
        }
      }
      const stuck = uncountedPod(predicate, judge.world);
      if (stuck !== null) return stuck;
      const expired = expiredJob(predicate, judge);
      if (expired !== null) return expired;
      settled.held();
      return null;
    },
  };
  return predicate;
}

/** A Job goes so long after its time at the latest, its pods before it; clocks may be a minute apart, µs. */
const OVERDUE_US = 120_000_000;

/** A Job that has outlived its ttlSecondsAfterFinished, or null. */
function expiredJob(predicate: Predicate, { sim, world }: Judge): string | null {
  for (const object of world.of('Job').values()) {
    const { metadata, spec, status } = object as Job;
    if (spec.ttlSecondsAfterFinished === undefined) continue;
    const end = status?.conditions?.find(({ type, status: is }) => ENDED.includes(type) && is === 'True');
    if (end === undefined) continue;
    const dueUs = parseTime(end.lastTransitionTime ?? '') + spec.ttlSecondsAfterFinished * 1_000_000;
    if (sim.clocks.trueWallUs > dueUs + OVERDUE_US)
      return lacks(predicate, 'Job', object, `Job ${keyOf({ metadata })} has outlived its time`);
  }
  return null;
}

function anyExists(world: World, owners: readonly OwnerReference[]): boolean {
  for (const owner of owners) if (exists(world, owner.kind, owner.uid)) return true;
  return false;
}

/** What names an owner of a kind that no server knows stays: nobody can say that this owner is gone. Source: Kubernetes 1.34.1, pkg/controller/garbagecollector, getObject. */
function areKindsKnown(world: World, owners: readonly OwnerReference[]): boolean {
  return owners.every(({ apiVersion, kind }) => {
    if (BUILT_IN_TYPES.some((type) => type.apiVersion === apiVersion && type.kind === kind)) return true;
    const distinct = distinctKind(apiVersion, kind);
    return world.of(distinct).size > 0 || world.lastUs(distinct) > 0;
  });
}

function exists(world: World, kind: string, uid: string): boolean {
  for (const object of world.of(kind).values()) if (object.metadata.uid === uid) return true;
  return false;
}

/** An ended pod that a Job which is over still holds by its finalizer, or null. */
function uncountedPod(predicate: Predicate, world: World): string | null {
  for (const object of world.of('Pod').values()) {
    const owner = controllerOf(object);
    if (owner?.kind !== 'Job' || !isPodTerminal(object as Pod)) continue;
    if (object.metadata.finalizers?.includes(TRACKING) !== true) continue;
    const job = [...world.of('Job').values()].find(({ metadata }) => metadata.uid === owner.uid) as Job | undefined;
    if (job !== undefined && !isJobFinished(job)) continue;
    return lacks(predicate, 'Pod', object, `Pod ${keyOf(object)} has ended and is held by ${TRACKING}`);
  }
  return null;
}
