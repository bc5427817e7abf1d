/**
 * D3: at quiescence a Deployment has pods of its current template only, and no more old ReplicaSets than revisionHistoryLimit; its controller deletes
 * none that still wants pods.
 */
import type { Deployment } from '../../types/deployment.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { CONTROLLER_USER } from '../../types/user-names.ts';
import { type CommittedWrite, type Judge, keyOf, lacks, listen, type Predicate } from '../predicate.ts';
import { Settled, UNTIL_WORK } from '../settled.ts';
import { templateDifference } from './template-truth.ts';

const REVISION = 'deployment.kubernetes.io/revision';
/** Default of spec.revisionHistoryLimit (Kubernetes 1.34, apps/v1 defaults). */
const HISTORY_DEFAULT = 10;

const CONTROLLER = `${CONTROLLER_USER}deployment-controller`;

export function historyLimit(judge: Judge): Predicate {
  const settled = new Settled(judge, UNTIL_WORK);
  /** A recording tells of no writes, and the templates of its ReplicaSets are put together from what was asked for. */
  let hearsOfWrites = false;
  const predicate: Predicate = {
    id: 'D3',
    about:
      'a Deployment has pods of its newest revision only, which is its template, and not more old ReplicaSets than its history limit',
    evaluations: 0,
    missing() {
      if (settled.holds) return null;
      for (const object of judge.world.of('Deployment').values()) {
        const deployment = object as Deployment;
        if (deployment.metadata.deletionTimestamp !== undefined || deployment.spec.paused === true) continue;
        predicate.evaluations++;
        const owned = ownedBy(judge, deployment);
        const lack = (hearsOfWrites ? templateLacks(deployment, owned) : null) ?? historyLacks(deployment, owned);
        if (lack !== null)
          return lacks(predicate, 'Deployment', deployment, `Deployment ${keyOf(deployment)}: ${lack}`);
      }
      settled.held();
      return null;
    },
  };
  listen(
    judge,
    'api.write',
    (_pid, subject) => {
      const { op, before, after } = subject as CommittedWrite;
      hearsOfWrites = true;
      if (after !== null || before === null || op.request.user !== CONTROLLER) return;
      predicate.evaluations++;
      const size = (before as ReplicaSet).spec.replicas ?? 1;
      if (size > 0) judge.violate(predicate, `ReplicaSet ${keyOf(before)} is cleaned up while it wants ${size} pods`);
    },
    ['ReplicaSet'],
  );
  return predicate;
}

function ownedBy(judge: Judge, deployment: Deployment): ReplicaSet[] {
  const owned: ReplicaSet[] = [];
  for (const object of judge.world.of('ReplicaSet').values()) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    if (controllerOf(object)?.uid === deployment.metadata.uid) owned.push(object as ReplicaSet);
  }
  return owned;
}

function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0);
}

/** Whether the newest one has another template, or null. */
function templateLacks(deployment: Deployment, owned: readonly ReplicaSet[]): string | null {
  const newest = Math.max(...owned.map(revisionOf));
  for (const set of owned) {
    const { template } = set.spec;
    if (template === undefined || revisionOf(set) !== newest) continue;
    const difference = templateDifference(template, deployment.spec.template);
    if (difference !== null)
      return `its newest ReplicaSet ${set.metadata.name} has a template with other ${difference}`;
  }
  return null;
}

function historyLacks(deployment: Deployment, owned: readonly ReplicaSet[]): string | null {
  const newest = Math.max(...owned.map(revisionOf));
  const old = owned.filter((set) => revisionOf(set) !== newest);
  const left = old.find((set) => (set.spec.replicas ?? 1) > 0);
  if (left !== undefined) return `old ReplicaSet ${left.metadata.name} still wants ${left.spec.replicas} pods`;
  const limit = deployment.spec.revisionHistoryLimit ?? HISTORY_DEFAULT;
  return old.length > limit ? `${old.length} old ReplicaSets are kept, at most ${limit}` : null;
}
