/**
 * SS3: what a member of a StatefulSet keeps, it keeps: the pod of one name has the same claims whenever it is made anew, and nobody but a user, the retention policy or the
 * end of the namespace deletes them.
 *
 * Source: Kubernetes documentation, StatefulSets, "Stable Storage" and "PersistentVolumeClaim retention".
 */
import { PART_BIRTH } from '../../types/changed-parts.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { CONTROLLER_USER } from '../../types/user-names.ts';
import { type CommittedWrite, type Judge, keyOf, listenLater, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const CONTROLLER = `${CONTROLLER_USER}statefulset-controller`;
const NAMESPACE_CONTROLLER = `${CONTROLLER_USER}namespace-controller`;

export function claimsKept(judge: Judge): Predicate {
  /** `volume=claim` of each pod of a set, by uid of the set and name of the pod. */
  const claims = new Map<string, string>();
  /** Uids of claims that the controller has made. */
  const made = new Set<string>();
  const listenToWrites = listenLater(judge, 'api.write', (_pid, subject) => heard(subject), ['PersistentVolumeClaim']);
  const predicate: Predicate = {
    id: 'SS3',
    about: 'a member of a StatefulSet has the same claims each time, and these are deleted by users and policies only',
    evaluations: 0,
    commitKinds: ['Pod', 'StatefulSet'],
    commitParts: PART_BIRTH,
    onCommit({ kind, object, previous }: Commit) {
      if (kind === 'StatefulSet') {
        listenToWrites();
        return;
      }
      const owner = previous === null && object !== null ? controllerOf(object) : undefined;
      if (owner?.kind !== 'StatefulSet') return;
      const pod = object as Pod;
      const now = claimsOf(pod, templatesOf(judge, owner.uid));
      if (now === '') return;
      predicate.evaluations++;
      const key = `${owner.uid} ${pod.metadata.name}`;
      const before = claims.get(key);
      claims.set(key, now);
      if (before !== undefined && before !== now)
        judge.violate(predicate, `pod ${keyOf(pod)} had the claims ${before} and is made anew with ${now}`);
    },
  };
  const heard = (subject: unknown): void => {
    const { op, before, after } = subject as CommittedWrite;
    const { user } = op.request;
    const uid = (after ?? before)?.metadata.uid ?? '';
    if (before === null && user === CONTROLLER) made.add(uid);
    if (after !== null || before === null || !made.delete(uid) || !user.startsWith('system:')) return;
    predicate.evaluations++;
    // By the retention policy a claim belongs to its set or pod, and goes with it.
    const owned = (before.metadata.ownerReferences?.length ?? 0) > 0;
    if (user !== NAMESPACE_CONTROLLER && !owned)
      judge.violate(predicate, `${user} deletes claim ${keyOf(before)} of a StatefulSet`);
  };
  return predicate;
}

/** Names of the set's claim templates, as far as it exists. */
function templatesOf({ world }: Judge, uid: string): ReadonlySet<string> {
  for (const object of world.of('StatefulSet').values()) {
    if (object.metadata.uid !== uid) continue;
    return new Set((object as StatefulSet).spec.volumeClaimTemplates?.map(({ metadata }) => metadata.name) ?? []);
  }
  return new Set();
}

function claimsOf({ spec }: Pod, templates: ReadonlySet<string>): string {
  const found: string[] = [];
  for (const { name, persistentVolumeClaim } of spec.volumes ?? []) {
    if (templates.has(name) && persistentVolumeClaim !== undefined)
      found.push(`${name}=${persistentVolumeClaim.claimName}`);
  }
  return found.sort().join(' ');
}
