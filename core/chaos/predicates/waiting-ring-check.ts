/**
 * X8: nothing that is being deleted waits for itself.
 *
 * Who waits for whom by committed history: an owner that is deleted in the foreground waits for each dependent that blocks it; a pod of a Job that has ended and is held by the Job's
 * finalizer waits for the Job to be worked on. A ring of such waits is broken within the bound: by the garbage collector, which lets owners go that wait for each other,
 * and by controllers that work on what is being deleted. Webhooks do not exist here; who waits for a node, a budget or a person is in no ring.
 */
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import { Settled, UNTIL_WORK } from '../settled.ts';
import type { World } from '../world.ts';

export const FOREGROUND = 'foregroundDeletion';
/** What holds a pod of a Job until it is counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

/** Whom each object that is being deleted and waits for others waits for, by uid. */
type Waits = Map<string, { readonly object: KubeObject; readonly uids: string[] }>;

export function waitsEnd(judge: Judge): Predicate {
  const settled = new Settled(judge, UNTIL_WORK);
  const predicate: Predicate = {
    id: 'X8',
    about: 'no objects that are being deleted wait for each other in a ring',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      const waits = waitsOf(judge.world);
      predicate.evaluations += waits.size;
      const ring = ringIn(waits);
      if (ring !== null)
        return ring
          .map((object) => `${object.kind} ${keyOf(object)}`)
          .join(', which waits for ')
          .replace(', which', '');
      settled.held();
      return null;
    },
  };
  return predicate;
}

/** Who waits for whom at present; two passes over the world at most. */
export function waitsOf(world: World): Waits {
  const waits: Waits = new Map();
  let anyOwner = false;
  for (const kind of world.kinds) {
    for (const object of world.of(kind).values()) {
      const { deletionTimestamp, finalizers, uid = '' } = object.metadata;
      if (deletionTimestamp === undefined || finalizers === undefined) continue;
      if (finalizers.includes(FOREGROUND)) {
        waits.set(uid, { object, uids: [] });
        anyOwner = true;
      } else if (kind === 'Pod' && finalizers.includes(TRACKING) && isPodTerminal(object as Pod))
        waits.set(uid, { object, uids: [controllerOf(object)?.uid ?? ''] });
    }
  }
  if (anyOwner) addBlockingDependents(world, waits);
  return waits;
}

function addBlockingDependents(world: World, waits: Waits): void {
  for (const kind of world.kinds) {
    for (const { metadata } of world.of(kind).values()) {
      for (const { uid, blockOwnerDeletion } of metadata.ownerReferences ?? []) {
        const owner = blockOwnerDeletion === true ? waits.get(uid) : undefined;
        if (owner?.object.metadata.finalizers?.includes(FOREGROUND)) owner.uids.push(metadata.uid ?? '');
      }
    }
  }
}

/** A ring in the order of waiting, its first object again at the end; null where there is none. */
function ringIn(waits: Waits): KubeObject[] | null {
  const done = new Set<string>();
  for (const first of waits.keys()) {
    const path: string[] = [];
    const ring = follow(waits, first, path, done);
    if (ring !== null) return ring.map((uid) => (waits.get(uid) as { readonly object: KubeObject }).object);
  }
  return null;
}

function follow(waits: Waits, uid: string, path: string[], done: Set<string>): string[] | null {
  const since = path.indexOf(uid);
  if (since >= 0) return [...path.slice(since), uid];
  if (done.has(uid)) return null;
  path.push(uid);
  for (const next of waits.get(uid)?.uids ?? []) {
    const ring = follow(waits, next, path, done);
    if (ring !== null) return ring;
  }
  path.pop();
  done.add(uid);
  return null;
}
