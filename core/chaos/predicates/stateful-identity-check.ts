/**
 * SS4: in the end a StatefulSet has a live pod for each of its ordinals and none beyond: from the partition on at the newest revision, below it at the
 * current one. The newest one is its template. Where the partition was raised, or rolled only later, ordinals below it stay at what they were given before.
 *
 * Source: Kubernetes documentation, StatefulSets, "Partitioned rolling updates".
 */
import { PART_SPEC } from '../../types/changed-parts.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodActive } from '../../types/pod-conditions.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { isEnding } from '../ending.ts';
import { type Judge, keyOf, lacks, type Predicate } from '../predicate.ts';
import { Settled, UNTIL_WORK } from '../settled.ts';
import type { Commit, World } from '../world.ts';
import { newestRevision, revisionLacks } from './template-truth.ts';

const REVISION = 'controller-revision-hash';
const ORDINAL = /-(\d+)$/;

export function statefulIdentities(judge: Judge): Predicate {
  const settled = new Settled(judge, UNTIL_WORK);
  /** Uids of sets whose partition was once lower. */
  const raised = new Set<string>();
  const predicate: Predicate = {
    id: 'SS4',
    about: 'a StatefulSet has each of its ordinals and no other, at the revision that its partition gives them',
    evaluations: 0,
    commitKinds: ['StatefulSet'],
    commitParts: PART_SPEC,
    onCommit({ object, previous }: Commit) {
      if (object === null || previous === null) return;
      const [now, before] = [object as StatefulSet, previous as StatefulSet];
      if (!rolls(before) || keptBelow(now) > keptBelow(before)) raised.add(now.metadata.uid ?? '');
    },
    missing() {
      if (settled.holds) return null;
      for (const object of judge.world.of('StatefulSet').values()) {
        const set = object as StatefulSet;
        if (isEnding(judge.world, set)) continue;
        predicate.evaluations++;
        const lack = wrongIdentity(judge.world, set, raised.has(set.metadata.uid ?? ''));
        if (lack !== null) return lacks(predicate, 'StatefulSet', set, `StatefulSet ${keyOf(set)}: ${lack}`);
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

function rolls({ spec }: StatefulSet): boolean {
  return (spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/** The first ordinal that an update reaches. */
function keptBelow({ spec }: StatefulSet): number {
  return (spec.ordinals?.start ?? 0) + (spec.updateStrategy?.rollingUpdate?.partition ?? 0);
}

/** The first ordinal that is missing, too much or of another revision, or null. */
function wrongIdentity(world: World, set: StatefulSet, wasRaised: boolean): string | null {
  const { metadata, spec, status } = set;
  const start = spec.ordinals?.start ?? 0;
  const missing = new Set(Array.from({ length: spec.replicas ?? 1 }, (_, index) => start + index));
  const kept = keptBelow(set);
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (!isPodActive(pod) || controllerOf(pod)?.uid !== metadata.uid) continue;
    const ordinal = Number(ORDINAL.exec(pod.metadata.name)?.[1] ?? -1);
    if (!missing.delete(ordinal)) return `pod ${pod.metadata.name} is none of its ordinals`;
    const wanted = ordinal < kept ? status?.currentRevision : status?.updateRevision;
    const revision = pod.metadata.labels?.[REVISION];
    if (rolls(set) && revision !== wanted && !(wasRaised && ordinal < kept))
      return `pod ${pod.metadata.name} is at ${revision}, not at ${wanted}`;
  }
  const [ordinal] = missing;
  if (ordinal !== undefined) return `it has no pod ${ordinal}`;
  const newest = newestRevision(world, set);
  if (newest !== undefined && newest.metadata.name !== status?.updateRevision)
    return `its newest revision is ${newest.metadata.name}, by its status ${status?.updateRevision}`;
  return revisionLacks(newest, spec.template);
}
