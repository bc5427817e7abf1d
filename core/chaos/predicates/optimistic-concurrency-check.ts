/**
 * A1: a write that names a resourceVersion or a uid other than the stored one changes nothing.
 *
 * Only the first write of a request is judged: a delete may take two, and the second one follows the server's own mark.
 */
import { PART_ANY, PART_END } from '../../types/changed-parts.ts';
import { VERB } from '../../types/wire.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** What a request may say of the object that it means. */
interface Named {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export function optimisticConcurrency(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A1',
    about: 'a write that names an old resourceVersion or another uid is refused',
    evaluations: 0,
  };
  /** Operations that write more than once, those of clients that name a version. */
  let judged: WeakSet<object> | null = null;
  const heard = (subject: unknown): void => {
    const { op, before } = subject as CommittedWrite;
    if (before === null) return;
    const { request } = op;
    const isUpdate = request.verb === VERB.update;
    const meant = uidOf(request);
    if (meant !== '' && meant !== before.metadata.uid) {
      const what = `a write that means ${meant} was taken, stored is ${before.metadata.uid}`;
      judge.violate(predicate, `${before.kind} ${keyOf(before)}: ${what}`);
    }
    const named =
      request.options.preconditions?.resourceVersion ??
      (isUpdate ? request.object?.metadata.resourceVersion : undefined);
    if (named === undefined || named === '') return;
    // An update writes once.
    if (!isUpdate) {
      judged ??= new WeakSet();
      if (judged.has(op)) return;
      judged.add(op);
    }
    predicate.evaluations++;
    if (named !== before.metadata.resourceVersion) {
      judge.violate(
        predicate,
        `${before.kind} ${keyOf(before)}: a write based on ${named} was taken, stored was ${before.metadata.resourceVersion}`,
      );
    }
  };
  listen(judge, 'api.write', (_pid, subject) => heard(subject), undefined, PART_ANY | PART_END);
  return predicate;
}

/** The uid that a request names, '' for none; what it is about may be another object than what it writes (an eviction's budget). */
function uidOf({ object, options, patch, subresource }: CommittedWrite['op']['request']): string {
  if (subresource === 'eviction') return '';
  const body = (object ?? patch) as { readonly metadata?: Named } | null | undefined;
  return options.preconditions?.uid ?? body?.metadata?.uid ?? '';
}
