/**
 * A12: a condition that stays as it is keeps the time since which it is so, and one that is new does not leave its reason empty.
 *
 * Judged of updates by components that knew what they replaced, kubelets apart: theirs may have changed to and fro before they could tell of it. Who patches
 * may have an old copy, and what users write is theirs.
 * Source: Kubernetes API conventions, Typical status properties (lastTransitionTime).
 */
import { PART_STATUS } from '../../types/changed-parts.ts';
import type { KubeObject } from '../../types/object.ts';
import { KUBELET_USER } from '../../types/user-names.ts';
import { VERB } from '../../types/wire.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

const KINDS = ['Pod', 'Node', 'Deployment', 'ReplicaSet', 'Job', 'PodDisruptionBudget', 'Namespace'];
const COMPONENT_USER = 'system:';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | null | undefined;
  readonly lastTransitionTime?: string | null | undefined;
}

export function conditionTimes(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A12',
    about: 'a condition that stays as it is keeps the time since which it is so, and a new one has a reason',
    evaluations: 0,
  };
  const heard = ({ op, before, after }: CommittedWrite): void => {
    const { user, verb, object } = op.request;
    if (before === null || after === null || verb !== VERB.update) return;
    if (object?.metadata.resourceVersion !== before.metadata.resourceVersion) return;
    if (user.startsWith(KUBELET_USER) || !user.startsWith(COMPONENT_USER)) return;
    const was = conditionsOf(before);
    const are = conditionsOf(after);
    if (was === are) return;
    predicate.evaluations++;
    for (const { type, status, reason, lastTransitionTime } of are) {
      const former = was.find((other) => other.type === type);
      if (reason === '' && former?.reason !== '')
        judge.violate(predicate, `${after.kind} ${keyOf(after)}: ${type} is ${status} for no reason`);
      if (former === undefined || former.status !== status || former.lastTransitionTime === lastTransitionTime)
        continue;
      const what = `${type} is ${status} since ${former.lastTransitionTime}, and now since ${lastTransitionTime}`;
      judge.violate(predicate, `${after.kind} ${keyOf(after)}: ${what}`);
    }
  };
  listen(judge, 'api.write', (_pid, subject) => heard(subject as CommittedWrite), KINDS, PART_STATUS);
  return predicate;
}

const NONE: readonly Condition[] = [];

function conditionsOf(object: KubeObject): readonly Condition[] {
  return (object as { readonly status?: { readonly conditions?: readonly Condition[] } }).status?.conditions ?? NONE;
}
