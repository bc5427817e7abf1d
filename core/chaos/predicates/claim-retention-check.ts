/**
 * SS5: at quiescence the claims of a StatefulSet belong to whom its retention policy says: to the set where claims go with it, to nobody where they are retained; and
 * where claims go with pods that are scaled away, none is left that belonged to nobody or to the set when its controller took such a pod away.
 *
 * Left alone are claims that somebody else controls, those of an earlier set or pod of the name, and those of ordinals whose pod was gone before the policy came, was
 * taken away while a fault acted, by what may be an older copy of the set, by somebody else, or for an update and was not there again when the set was scaled: the
 * controller looks at the claims of pods that it sees (Kubernetes 1.34.1, stateful_set_control.go, updateStatefulSet: condemned are pods that exist).
 * Source: Kubernetes documentation, StatefulSets, "PersistentVolumeClaim retention".
 */
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady } from '../../types/pod-conditions.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { CONTROLLER_USER } from '../../types/user-names.ts';
import { type CommittedWrite, type Judge, keyOf, listenLater, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';
import type { Commit } from '../world.ts';
import { wantsOrdinal } from './ordered-pods-check.ts';

const ORDINAL = /^\d{1,9}$/;
const CONTROLLER = `${CONTROLLER_USER}statefulset-controller`;
/** A controller knows a policy that is so old, µs. */
const KNOWN_US = 10_000_000;

export function claimsRetained(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const condemned = new CondemnedClaims(judge);
  const listens = listenLater(judge, 'api.write', (_pid, subject) => condemned.see(subject as CommittedWrite), ['Pod']);
  const predicate: Predicate = {
    id: 'SS5',
    about: 'the claims of a StatefulSet belong to whom its retention policy says',
    evaluations: 0,
    commitKinds: ['StatefulSet'],
    onCommit(commit: Commit) {
      if (deletesWhenScaled(commit.object as StatefulSet | null)) listens();
      condemned.seePolicy(commit);
    },
    missing() {
      if (settled.holds) return null;
      const claims = judge.world.of('PersistentVolumeClaim');
      if (claims.size === 0) return null;
      const names = new Map([...claims.values()].map((claim) => [keyOf(claim), claim]));
      for (const object of judge.world.of('StatefulSet').values()) {
        const set = object as StatefulSet;
        if (set.metadata.deletionTimestamp !== undefined) continue;
        for (const template of set.spec.volumeClaimTemplates ?? []) {
          const prefix = `${keyOf({ metadata: { ...template.metadata, namespace: set.metadata.namespace } })}-${set.metadata.name}-`;
          for (const [name, claim] of names) {
            if (!name.startsWith(prefix) || !ORDINAL.test(name.slice(prefix.length))) continue;
            predicate.evaluations++;
            const wrong = wronglyOwned(set, claim, Number(name.slice(prefix.length)), condemned);
            if (wrong !== null) return `PersistentVolumeClaim ${name} ${wrong}`;
          }
        }
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

function deletesWhenScaled(set: StatefulSet | null): boolean {
  return set?.spec.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete';
}

/** The claims that have to go because a controller that knew the policy has scaled their pod away. */
class CondemnedClaims {
  readonly #judge: Judge;
  /** When the policy of a set changed last, by uid, µs; sets that keep their first one are not in here. */
  readonly #changedUs = new Map<string, number>();
  /** By uid. */
  readonly #claims = new Set<string>();
  /** Claims of pods that somebody else has deleted, or the controller while they were wanted, until there is a pod of the name again. */
  readonly #ofAbsent = new Set<string>();

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  has(claim: KubeObject): boolean {
    return this.#claims.has(claim.metadata.uid ?? '');
  }

  isOfAbsent(claim: KubeObject): boolean {
    return this.#ofAbsent.has(claim.metadata.uid ?? '');
  }

  seePolicy({ object, previous, timeUs }: Commit): void {
    if (previous === null) return;
    if (deletesWhenScaled(object as StatefulSet | null) === deletesWhenScaled(previous as StatefulSet)) return;
    this.#changedUs.set(previous.metadata.uid ?? '', timeUs);
    this.#claims.clear();
  }

  /** A pod is written: whether its controller begins its deletion, and what becomes of its claims. */
  see({ op, before, after }: CommittedWrite): void {
    if (before !== null && before.metadata.deletionTimestamp !== undefined) return;
    if (before !== null && after !== null && after.metadata.deletionTimestamp === undefined) return;
    const pod = (before ?? after) as Pod;
    const set = this.#setOf(pod);
    if (set === undefined) return;
    const ordinal = Number(pod.metadata.name.slice(set.metadata.name.length + 1));
    const isByController = op.request.user === CONTROLLER;
    const isAbsent = before !== null && (!isByController || wantsOrdinal(set, ordinal));
    const goes = before !== null && isByController && this.#isScaledAway(pod, set, ordinal);
    const names = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => `${metadata.name}-${pod.metadata.name}`);
    for (const { metadata } of this.#judge.world.of('PersistentVolumeClaim').values()) {
      if (metadata.namespace !== pod.metadata.namespace || !names.includes(metadata.name)) continue;
      const uid = metadata.uid ?? '';
      if (isAbsent) this.#ofAbsent.add(uid);
      else this.#ofAbsent.delete(uid);
      if (goes) this.#claims.add(uid);
      else if (isByController) this.#claims.delete(uid);
    }
  }

  /** Pods that are not ready or of an old revision may go for other reasons, by a copy of the set that still wants them. */
  #isScaledAway(pod: Pod, set: StatefulSet, ordinal: number): boolean {
    const { sim, calmSinceUs } = this.#judge;
    const changedUs = this.#changedUs.get(set.metadata.uid ?? '') ?? Number.NEGATIVE_INFINITY;
    if (calmSinceUs > sim.now || sim.now - changedUs < KNOWN_US) return false;
    const isNewest = pod.metadata.labels?.['controller-revision-hash'] === set.status?.updateRevision;
    return deletesWhenScaled(set) && !wantsOrdinal(set, ordinal) && isNewest && isPodReady(pod);
  }

  #setOf(pod: Pod): StatefulSet | undefined {
    const owner = controllerOf(pod)?.uid;
    for (const set of this.#judge.world.of('StatefulSet').values()) {
      if (set.metadata.uid === owner) return set as StatefulSet;
    }
    return undefined;
  }
}

/** What is wrong with the owner of the claim of an ordinal, or null. */
function wronglyOwned(set: StatefulSet, claim: KubeObject, ordinal: number, condemned: CondemnedClaims): string | null {
  const { metadata, spec } = set;
  const owner = controllerOf(claim);
  const isOfSet = owner?.uid === metadata.uid;
  if (owner !== undefined && !isOfSet) return null;
  if (!wantsOrdinal(set, ordinal)) {
    const stays = condemned.has(claim) || (isOfSet && deletesWhenScaled(set) && !condemned.isOfAbsent(claim));
    return stays ? 'stays though its pod was scaled away' : null;
  }
  if (spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete')
    return isOfSet ? null : 'does not belong to its set, with which it has to go';
  return isOfSet ? 'belongs to its set, though it has to outlive it' : null;
}
