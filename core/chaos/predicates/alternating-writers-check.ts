/**
 * X5: no two writers change a field to and fro: A, B, A, B.
 *
 * Judged for what is declared, fields of `spec`, labels and annotations: statuses report what comes and goes. A writer is a user of the API; a
 * value counts as put back when it is what it was two changes before, by another user than the last one. What a fault changes by hand, and
 * what is put back after it, counts for nobody: the fault would be one of the two.
 */
import { PART_METADATA, PART_SPEC } from '../../types/changed-parts.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { KubeObject } from '../../types/object.ts';
import { OTHER_USER } from '../../types/user-names.ts';
import { type CommittedWrite, type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** Changes that put a value back, one after the other: with the second one it went A, B, A, B. */
const PUT_BACK_MAX = 1;

/** How a field came to its value. */
interface FieldHistory {
  writer: string;
  /** Its value before the last change. */
  former: unknown;
  putBack: number;
  told: boolean;
}

type Fields = Readonly<Record<string, unknown>>;
const NO_FIELDS: Fields = Object.freeze({});

/** What is judged of an object. */
const PARTS = ['spec', 'metadata.labels', 'metadata.annotations'] as const;

export function alternatingWriters(judge: Judge): Predicate {
  /** By part of the object, uid and field. */
  const histories = PARTS.map(() => new Map<string, Map<string, FieldHistory>>());
  const predicate: Predicate = {
    id: 'X5',
    about: 'no two writers change a field to and fro',
    evaluations: 0,
  };
  const changed = (part: number, object: KubeObject, field: string, user: string, before: unknown, after: unknown) => {
    predicate.evaluations++;
    const fields = fieldsOf(histories[part] as Map<string, Map<string, FieldHistory>>, object.metadata.uid ?? '');
    const history = fields.get(field);
    if (history === undefined) {
      fields.set(field, { writer: user, former: before, putBack: 0, told: false });
      return;
    }
    const byHand = user === OTHER_USER || history.writer === OTHER_USER;
    const back = !byHand && history.writer !== user && jsonEqual(history.former, after);
    history.putBack = back ? history.putBack + 1 : 0;
    if (history.putBack > PUT_BACK_MAX && !history.told) {
      history.told = true;
      const values = `${JSON.stringify(before)} and ${JSON.stringify(after)}`;
      const what = `change ${PARTS[part]}.${field} between ${values}`;
      judge.violate(predicate, `${object.kind} ${keyOf(object)}: ${history.writer} and ${user} ${what}`);
    }
    history.writer = user;
    history.former = before;
  };
  /** Takes in each field that differs; sub-objects that are shared cost one comparison. */
  const compare = (part: number, object: KubeObject, user: string, from: unknown, to: unknown): void => {
    if (from === to) return;
    const before = (from ?? NO_FIELDS) as Fields;
    const after = (to ?? NO_FIELDS) as Fields;
    for (const field in after) {
      const old = before[field];
      const now = after[field];
      if (old !== now && now !== undefined && !jsonEqual(old, now)) changed(part, object, field, user, old, now);
    }
    for (const field in before) {
      const old = before[field];
      if (old !== undefined && after[field] === undefined) changed(part, object, field, user, old, undefined);
    }
  };
  const heard = (subject: unknown): void => {
    const { op, before, after } = subject as CommittedWrite;
    if (before === null || after === null) return;
    const { user } = op.request;
    compare(0, after, user, before.spec, after.spec);
    compare(1, after, user, before.metadata.labels, after.metadata.labels);
    compare(2, after, user, before.metadata.annotations, after.metadata.annotations);
  };
  listen(judge, 'api.write', (_pid, subject) => heard(subject), undefined, PART_SPEC | PART_METADATA);
  return predicate;
}

function fieldsOf(objects: Map<string, Map<string, FieldHistory>>, uid: string): Map<string, FieldHistory> {
  let fields = objects.get(uid);
  if (fields === undefined) {
    fields = new Map();
    objects.set(uid, fields);
  }
  return fields;
}
