/**
 * RS4: no object has two controllers, or is adopted by one that has ended; in the end every pod of a ReplicaSet, DaemonSet or StatefulSet matches its selector,
 * and none that matches is without a controller. Of a StatefulSet's own are only pods with its name and a number.
 *
 * Who adopts reads the owner just before, whatever its copy says, so an end two minutes ago is known. Source: Kubernetes documentation, ReplicaSet, "Isolating Pods from a ReplicaSet" and "Non-Template Pod acquisitions".
 */
import { PART_BIRTH, PART_END, PART_METADATA, PART_OWNERS } from '../../types/changed-parts.ts';
import type { DaemonSet } from '../../types/daemon-set.ts';
import { compileSelector } from '../../types/label-selector.ts';
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodActive } from '../../types/pod-conditions.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { endingNamespaces } from '../ending.ts';
import { type Judge, keyOf, lacks, type Predicate } from '../predicate.ts';
import { Settled, UNTIL_WORK } from '../settled.ts';
import type { Commit, World } from '../world.ts';

/** Kinds whose controllers adopt. */
const OWNERS: ReadonlySet<string> = new Set(['ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job']);
/** Those that adopt pods by selector and name alone; a Job's selector names its uid. */
const PODS_OWNERS = ['ReplicaSet', 'DaemonSet', 'StatefulSet'];
/** After so long an owner's end is known to whoever reads it afresh; a request is over after a minute, µs. */
const KNOWN_US = 120_000_000;

export function selectorsMatch(judge: Judge): Predicate {
  /** When owners began to be deleted or went, by uid, µs. */
  const endedUs = new Map<string, number>();
  const settled = new Settled(judge, UNTIL_WORK);
  const predicate: Predicate = {
    id: 'RS4',
    about:
      'nothing has two controllers or one that has ended, and workloads let go of pods that do not match and adopt those that do',
    evaluations: 0,
    commitParts: PART_METADATA | PART_OWNERS | PART_BIRTH | PART_END,
    onCommit({ kind, object, previous, timeUs }: Commit) {
      const owners = object?.metadata.ownerReferences;
      if (previous !== null && OWNERS.has(kind)) noteEnd(endedUs, object, previous, timeUs);
      if (object === null || owners === undefined || owners === previous?.metadata.ownerReferences) return;
      const controllers = owners.filter(({ controller }) => controller === true);
      if (controllers.length > 1)
        judge.violate(predicate, `${kind} ${keyOf(object)} has ${controllers.length} controllers`);
      const [owner] = controllers;
      if (owner === undefined || previous === null || controllerOf(previous) !== undefined) return;
      if (timeUs - (endedUs.get(owner.uid) ?? timeUs) <= KNOWN_US) return;
      judge.violate(predicate, `${kind} ${keyOf(object)} is adopted by ${owner.kind} ${owner.name}, which has ended`);
    },
    missing() {
      if (settled.holds) return null;
      const ending = endingNamespaces(judge.world);
      for (const kind of PODS_OWNERS) {
        for (const object of judge.world.of(kind).values()) {
          const { deletionTimestamp, namespace = '' } = object.metadata;
          if (deletionTimestamp !== undefined || ending.has(namespace)) continue;
          predicate.evaluations++;
          const lack = mismatch(judge.world, object as SelectingSet);
          if (lack !== null) return lacks(predicate, kind, object, `${kind} ${keyOf(object)}: ${lack}`);
        }
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

function noteEnd(endedUs: Map<string, number>, now: KubeObject | null, before: KubeObject, timeUs: number): void {
  if (before.metadata.deletionTimestamp !== undefined) return;
  if (now === null || now.metadata.deletionTimestamp !== undefined) endedUs.set(before.metadata.uid ?? '', timeUs);
}

type SelectingSet = ReplicaSet | DaemonSet | StatefulSet;

/** The first pod that it should let go of or adopt, or null. */
function mismatch(world: World, set: SelectingSet): string | null {
  const selector = compileSelector(set.spec.selector);
  const { name = '', namespace, uid } = set.metadata;
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (!isPodActive(pod) || pod.metadata.namespace !== namespace) continue;
    const owner = controllerOf(pod);
    if (owner !== undefined && owner.uid !== uid) continue;
    const matches =
      selector.matches(pod.metadata.labels) && (set.kind !== 'StatefulSet' || isMember(name, pod.metadata.name));
    if (matches === (owner !== undefined)) continue;
    return matches
      ? `pod ${pod.metadata.name} matches and has no controller`
      : `it keeps pod ${pod.metadata.name}, which does not match`;
  }
  return null;
}

/** Whether a pod of this name may be one of the set: its name, a dash and a number. */
function isMember(set: string, pod: string): boolean {
  return pod.startsWith(`${set}-`) && /^\d+$/.test(pod.slice(set.length + 1));
}
