/**
 * G1: the garbage collector deletes an object only when none of its owners exists, or those that do wait for their dependents to go; an owner that is
 * deleted in the foreground goes after the dependents that block it, and what an orphaning deletion leaves behind stays.
 *
 * Judged by committed history: an owner that has gone does not come back under its uid, so nothing has to be known of when the collector looked. Which
 * dependents an owner has it knows of those a minute old, whatever its caches lag behind. Source: Kubernetes documentation, Garbage collection, "Owners
 * and dependents", "Foreground cascading deletion", "Orphaned dependents".
 */
import { PART_BIRTH, PART_END, PART_METADATA, PART_OWNERS } from '../../types/changed-parts.ts';
import type { KubeObject, OwnerReference } from '../../types/object.ts';
import { CONTROLLER_USER } from '../../types/user-names.ts';
import { VERB } from '../../types/wire.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit, World } from '../world.ts';
import { OWNED } from './collected-check.ts';
import { FOREGROUND } from './waiting-ring-check.ts';

const COLLECTOR = `${CONTROLLER_USER}generic-garbage-collector`;
const KNOWN_US = 60_000_000;

/** What owners that were deleted in the foreground, or to leave their dependents, owned then. */
class Cascades {
  /** Since when objects have their owners, by uid, µs. */
  readonly #ownedUs = new Map<string, number>();
  /** Uids of dependents by uid of the owner. */
  readonly #blocking = new Map<string, ReadonlySet<string>>();
  readonly #orphaned = new Map<string, ReadonlySet<string>>();

  see({ object, previous, timeUs }: Commit): void {
    const uid = (object ?? previous)?.metadata.uid ?? '';
    if (object === null) this.#ownedUs.delete(uid);
    else if (object.metadata.ownerReferences !== previous?.metadata.ownerReferences) this.#ownedUs.set(uid, timeUs);
  }

  /** A deletion has begun. */
  begin(world: World, owner: KubeObject, policy: string, nowUs: number): void {
    const uid = owner.metadata.uid ?? '';
    const cascades = policy === 'Foreground' ? this.#blocking : this.#orphaned;
    const dependents = new Set<string>();
    for (const object of dependentsOf(world, uid)) {
      const own = object.metadata.uid ?? '';
      const isBound = policy === 'Orphan' || referenceTo(object, uid)?.blockOwnerDeletion === true;
      if (isBound && nowUs - (this.#ownedUs.get(own) ?? nowUs) >= KNOWN_US) dependents.add(own);
    }
    if (dependents.size > 0) cascades.set(uid, dependents);
  }

  /** A dependent that still blocks the owner's end, or null. */
  blocker(world: World, owner: string): KubeObject | null {
    const dependents = this.#blocking.get(owner);
    if (dependents === undefined) return null;
    for (const object of dependentsOf(world, owner)) {
      const isBlocking = referenceTo(object, owner)?.blockOwnerDeletion === true;
      if (isBlocking && dependents.has(object.metadata.uid ?? '')) return object;
    }
    return null;
  }

  /** The owner that was to leave this object behind, or undefined. */
  leftBy({ metadata }: KubeObject): OwnerReference | undefined {
    return metadata.ownerReferences?.find(({ uid }) => this.#orphaned.get(uid)?.has(metadata.uid ?? '') === true);
  }
}

export function collectedOrphans(judge: Judge): Predicate {
  const cascades = new Cascades();
  const predicate: Predicate = {
    id: 'G1',
    about: 'the garbage collector deletes nothing that has an owner which stays, and no owner before what blocks it',
    evaluations: 0,
    commitKinds: OWNED,
    commitParts: PART_OWNERS | PART_BIRTH | PART_END,
    onCommit: (commit) => cascades.see(commit),
  };
  /** A write that may begin a deletion, take a finalizer away or end an object. */
  const heard = (subject: unknown): void => {
    const { op, before, after } = subject as CommittedWrite;
    if (before === null) return;
    const { user, verb, options } = op.request;
    const isDelete = verb === VERB.delete;
    const policy = isDelete ? (options.propagationPolicy ?? '') : '';
    const isCascade = policy === 'Foreground' || policy === 'Orphan';
    if (isCascade && before.metadata.deletionTimestamp === undefined)
      cascades.begin(judge.world, before, policy, judge.sim.now);
    if (isCascade || user === COLLECTOR) ends(before, after);
    if (isDelete && user === COLLECTOR) collects(before);
  };
  listen(judge, 'api.write', (_pid, subject) => heard(subject), undefined, PART_METADATA | PART_OWNERS | PART_END);
  /** An object may lose the finalizer that lets it wait for its dependents, or goes. */
  const ends = (before: KubeObject, after: KubeObject | null): void => {
    if (after?.metadata.finalizers?.includes(FOREGROUND) === true) return;
    const blocker = cascades.blocker(judge.world, before.metadata.uid ?? '');
    if (blocker === null) return;
    predicate.evaluations++;
    const what = `is let go before its ${blocker.kind} ${keyOf(blocker)}, which blocks its deletion`;
    judge.violate(predicate, `${before.kind} ${keyOf(before)} ${what}`);
  };
  const collects = (object: KubeObject): void => {
    predicate.evaluations++;
    const name = `${object.kind} ${keyOf(object)} is deleted`;
    const owner = object.metadata.ownerReferences?.find((reference) => stays(judge.world, reference));
    if (owner !== undefined) judge.violate(predicate, `${name} while its owner ${owner.kind} ${owner.name} exists`);
    const left = cascades.leftBy(object);
    if (left !== undefined)
      judge.violate(predicate, `${name} although its owner ${left.kind} ${left.name} was to leave it behind`);
  };
  return predicate;
}

function* dependentsOf(world: World, owner: string): Generator<KubeObject, void, undefined> {
  for (const kind of OWNED) {
    for (const object of world.of(kind).values()) if (referenceTo(object, owner) !== undefined) yield object;
  }
}

function referenceTo({ metadata }: KubeObject, owner: string): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ uid }) => uid === owner);
}

/** Whether an owner exists and does not wait for its dependents. */
function stays(world: World, { kind, uid }: OwnerReference): boolean {
  for (const { metadata } of world.of(kind).values()) {
    if (metadata.uid !== uid) continue;
    return metadata.deletionTimestamp === undefined || metadata.finalizers?.includes(FOREGROUND) !== true;
  }
  return false;
}
