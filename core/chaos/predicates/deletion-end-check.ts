/**
 * DL1: what is being deleted goes, in the end.
 *
 * Excused is what the history or the nodes explain: a finalizer that nobody here has to take off, a pod whose node exists and is away (its object stays until the
 * node returns, unless that is declared out of service), an owner that waits for such a one. Namespaces are N1's.
 */
import type { Node } from '../../types/node.ts';
import type { Pod } from '../../types/pod.ts';
import { foreignFinalizerOf } from '../ending.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';
import { isOutOfService } from './pod-collector-check.ts';
import { FOREGROUND, waitsOf } from './waiting-ring-check.ts';

/** Kinds that come and go all the time, and that of N1. */
const LEFT_OUT: ReadonlySet<string> = new Set(['Event', 'Lease', 'Namespace']);

export function deletionsEnd(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'DL1',
    about: 'every object that is being deleted goes',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      let held: ReadonlySet<string> | null = null;
      for (const kind of judge.world.kinds) {
        if (LEFT_OUT.has(kind)) continue;
        for (const object of judge.world.of(kind).values()) {
          if (object.metadata.deletionTimestamp === undefined) continue;
          predicate.evaluations++;
          held ??= heldObjects(judge);
          if (!held.has(object.metadata.uid ?? '')) return `${kind} ${keyOf(object)} is still being deleted`;
        }
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

/** Uids of what stays for a reason: what is held itself, and owners that wait for such, over any number of steps. */
function heldObjects(judge: Judge): Set<string> {
  const held = new Set<string>();
  const isOut = outOfReach(judge);
  for (const kind of judge.world.kinds) {
    for (const object of judge.world.of(kind).values()) {
      const { uid = '' } = object.metadata;
      if (foreignFinalizerOf(object) !== undefined || (kind === 'Pod' && isOut(object as Pod))) held.add(uid);
    }
  }
  const ownersOf = new Map<string, string[]>();
  for (const [owner, { object, uids }] of waitsOf(judge.world)) {
    // A pod that waits for its Job is worked on although the Job stays.
    if (!object.metadata.finalizers?.includes(FOREGROUND)) continue;
    for (const uid of uids) {
      const owners = ownersOf.get(uid);
      if (owners === undefined) ownersOf.set(uid, [owner]);
      else owners.push(owner);
    }
  }
  // What is added is gone through as well.
  for (const uid of held) for (const owner of ownersOf.get(uid) ?? []) held.add(owner);
  return held;
}

/** Says of a pod whether its node exists and its kubelet cannot say that the pod has ended. */
function outOfReach({ world, truth }: Judge): (pod: Pod) => boolean {
  if (truth === undefined) return () => true;
  const connected = new Set(truth.connectedNodes().map(({ name }) => name));
  const away = new Set<string>();
  for (const object of world.of('Node').values()) {
    const { name } = object.metadata;
    if (!connected.has(name) && !isOutOfService(object as Node)) away.add(name);
  }
  return ({ spec }) => away.has(spec.nodeName ?? '');
}
