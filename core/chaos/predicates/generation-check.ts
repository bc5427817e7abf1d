/**
 * A3: a write changes only the part that its request may: status writes leave the spec, other writes the status; a new spec is a new generation, and
 * nothing says to have observed a generation that was not yet.
 *
 * Source: Kubernetes API conventions, "Spec and Status" and "Metadata" (generation).
 */
import { PART_METADATA, PART_SPEC, PART_STATUS } from '../../types/changed-parts.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { KubeObject } from '../../types/object.ts';
import { OTHER_USER } from '../../types/user-names.ts';
import { VERB } from '../../types/wire.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

export function generations(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A3',
    about: 'status writes leave the spec and others the status, and a new spec is a new generation',
    evaluations: 0,
  };
  const heard = (subject: unknown): void => {
    const { op, before, after } = subject as CommittedWrite;
    const { verb } = op.request;
    if (before === null || after === null || (verb !== VERB.update && verb !== VERB.patch)) return;
    predicate.evaluations++;
    const fault = whatIsWrong(op.request, before, after);
    if (fault !== null) judge.violate(predicate, `${after.kind} ${keyOf(after)}: ${fault}`);
  };
  listen(judge, 'api.write', (_pid, subject) => heard(subject), undefined, PART_SPEC | PART_STATUS | PART_METADATA);
  return predicate;
}

function whatIsWrong(
  { subresource, type, user }: CommittedWrite['op']['request'],
  before: KubeObject,
  after: KubeObject,
): string | null {
  const { generation = 0 } = after.metadata;
  const raised = generation - (before.metadata.generation ?? 0);
  if (subresource === 'status') {
    if (differs(before.spec, after.spec)) return 'a status write changes its spec';
    if (raised !== 0) return 'a status write changes its generation';
  } else if (subresource === '') {
    if (type.hasStatus && differs(before.status, after.status)) return 'a write that is none of its status changes it';
    if (type.hasGeneration && raised !== 1 && differs(before.spec, after.spec))
      return `its spec changes, its generation by ${raised}`;
  }
  // Somebody who changes a field by hand observes nothing, nor does who leaves what another has written.
  const observed = observedIn(after);
  return type.hasGeneration && observed > generation && observed !== observedIn(before) && user !== OTHER_USER
    ? `generation ${observed} is observed, it has ${generation}`
    : null;
}

function observedIn({ status }: KubeObject): number {
  return ((status ?? {}) as { readonly observedGeneration?: number }).observedGeneration ?? 0;
}

function differs(before: unknown, after: unknown): boolean {
  return before !== after && !jsonEqual(before ?? {}, after ?? {});
}
