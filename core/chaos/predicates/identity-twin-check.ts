/**
 * SS1: of a pod of a StatefulSet, that is of one name, containers run on one node at most at any time.
 *
 * By what really runs, whatever the API says. Excused are pods that somebody other than a kubelet removed by force: a user, the pod garbage collector for a
 * Node that was deleted or declared out of service. Source: Kubernetes documentation, StatefulSet, "Force Delete StatefulSet Pods".
 */
import { PART_BIRTH } from '../../types/changed-parts.ts';
import { controllerOf } from '../../types/owner-references.ts';
import { ADMIN_USER, CONTROLLER_USER } from '../../types/user-names.ts';
import { VERB } from '../../types/wire.ts';
import { type CommittedWrite, type Judge, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

const FORCED_BY: ReadonlySet<string> = new Set([ADMIN_USER, `${CONTROLLER_USER}pod-garbage-collector-controller`]);

interface Containers {
  readonly node: string;
  readonly namespace: string;
  readonly name: string;
  readonly podUid: string;
}

export function identityTwins(judge: Judge): Predicate {
  /** Uids of pods of StatefulSets, of those that were removed by force, and what runs, by uid. */
  const owned = new Set<string>();
  const forced = new Set<string>();
  const running = new Map<string, Containers>();
  const predicate: Predicate = {
    id: 'SS1',
    about: 'no two pods of one name of a StatefulSet run at one time',
    evaluations: 0,
    commitKinds: ['Pod'],
    commitParts: PART_BIRTH,
    onCommit({ object, previous }: Commit) {
      if (previous === null && object !== null && controllerOf(object)?.kind === 'StatefulSet')
        owned.add(object.metadata.uid ?? '');
    },
  };
  listen(judge, 'kubelet.run', (_pid, subject) => {
    const started = subject as Containers;
    if (!owned.has(started.podUid)) return;
    predicate.evaluations++;
    for (const other of running.values()) {
      if (other.podUid === started.podUid || other.name !== started.name || other.namespace !== started.namespace)
        continue;
      if (forced.has(other.podUid)) continue;
      const what = `starts on ${started.node} while the one before still runs on ${other.node}`;
      judge.violate(predicate, `pod ${started.namespace}/${started.name} ${what}`);
    }
    running.set(started.podUid, started);
  });
  listen(judge, 'kubelet.stop', (_pid, subject) => running.delete((subject as Containers).podUid));
  listen(
    judge,
    'api.write',
    (_pid, subject) => {
      const { op, before } = subject as CommittedWrite;
      if (before === null || op.request.verb !== VERB.delete || !FORCED_BY.has(op.request.user)) return;
      forced.add(before.metadata.uid ?? '');
    },
    ['Pod'],
  );
  return predicate;
}
