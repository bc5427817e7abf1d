/**
 * SS5: at quiescence the claims of a StatefulSet belong to whom its retention policy says: to the set where claims go with it, to nobody where they are retained; and
 * where claims go with pods that are scaled away, none of the set's own is left for an ordinal that it no longer has.
 *
 * Left alone are claims that somebody else controls, those of an earlier set or pod of the name, and those of ordinals whose pod was gone before the policy came.
 * Source: Kubernetes documentation, StatefulSets, "PersistentVolumeClaim retention".
 */
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';

const ORDINAL = /^\d{1,9}$/;

export function claimsRetained(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'SS5',
    about: 'the claims of a StatefulSet belong to whom its retention policy says',
    evaluations: 0,
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
            const wrong = wronglyOwned(set, claim, Number(name.slice(prefix.length)));
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

/** What is wrong with the owner of the claim of an ordinal, or null. */
function wronglyOwned({ metadata, spec }: StatefulSet, claim: KubeObject, ordinal: number): string | null {
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  const owner = controllerOf(claim);
  const start = spec.ordinals?.start ?? 0;
  const isWanted = ordinal >= start && ordinal < start + (spec.replicas ?? 1);
  const isOfSet = owner?.uid === metadata.uid;
  if (owner !== undefined && !isOfSet) return null;
  if (!isWanted) return isOfSet && whenScaled === 'Delete' ? 'stays though its pod was scaled away' : null;
  if (whenDeleted === 'Delete') return isOfSet ? null : 'does not belong to its set, with which it has to go';
  return isOfSet ? 'belongs to its set, though it has to outlive it' : null;
}
