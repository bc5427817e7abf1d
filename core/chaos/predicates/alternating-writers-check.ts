/**
 * X5: no two writers change a field to and fro: A, B, A, B.
 *
 * Judged for what is declared, fields of `spec`, labels and annotations: statuses report what comes and goes. A writer is a user of the API; a
 * value counts as put back when it is what it was two changes before, by somebody else than the last one.
 */
import { jsonEqual } from '../../types/json-value.ts';
import type { KubeObject } from '../../types/object.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** Changes that put a value back, one after the other: with the second one it went A, B, A, B. */
const PUT_BACK_MAX = 1;

/** The parts of the API server's committed write that are read here. */
interface CommittedWrite {
  readonly op: { readonly request: { readonly user: string } };
  readonly before: KubeObject | null;
  readonly after: KubeObject | null;
}

/** How a field came to its value. */
interface FieldHistory {
  writer: string;
  /** Its value before the last change. */
  former: unknown;
  putBack: number;
  told: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

export function alternatingWriters(judge: Judge): Predicate {
  /** By uid and field. */
  const objects = new Map<string, Map<string, FieldHistory>>();
  const predicate: Predicate = {
    id: 'X5',
    about: 'no two writers change a field to and fro',
    evaluations: 0,
  };
  const changed = (object: KubeObject, field: string, user: string, before: unknown, after: unknown): void => {
    predicate.evaluations++;
    const fields = fieldsOf(objects, object.metadata.uid ?? '');
    const history = fields.get(field);
    if (history === undefined) {
      fields.set(field, { writer: user, former: before, putBack: 0, told: false });
      return;
    }
    const back = history.writer !== user && jsonEqual(history.former, after);
    history.putBack = back ? history.putBack + 1 : 0;
    if (history.putBack > PUT_BACK_MAX && !history.told) {
      history.told = true;
      const text = `${JSON.stringify(before)} and ${JSON.stringify(after)}`;
      judge.violate(
        predicate,
        `${object.kind} ${keyOf(object)}: ${history.writer} and ${user} change ${field} between ${text}`,
      );
    }
    history.writer = user;
    history.former = before;
  };
  listen(judge, 'api.write', (_pid, subject) => {
    const { op, before, after } = subject as CommittedWrite;
    if (before === null || after === null) return;
    const { user } = op.request;
    const each = (name: string, from: unknown, to: unknown): void => {
      if (from === to) return;
      compare((from ?? {}) as Fields, (to ?? {}) as Fields, (field, old, now) =>
        changed(after, `${name}.${field}`, user, old, now),
      );
    };
    each('spec', before.spec, after.spec);
    each('metadata.labels', before.metadata.labels, after.metadata.labels);
    each('metadata.annotations', before.metadata.annotations, after.metadata.annotations);
  });
  return predicate;
}

/** Calls `changed` for each field that differs; sub-objects that are shared cost one comparison. */
function compare(before: Fields, after: Fields, changed: (field: string, from: unknown, to: unknown) => void): void {
  for (const field of Object.keys(after)) {
    if (before[field] !== after[field] && !jsonEqual(before[field], after[field]))
      changed(field, before[field], after[field]);
  }
  for (const field of Object.keys(before)) if (!(field in after)) changed(field, before[field], undefined);
}

function fieldsOf(objects: Map<string, Map<string, FieldHistory>>, uid: string): Map<string, FieldHistory> {
  let fields = objects.get(uid);
  if (fields === undefined) {
    fields = new Map();
    objects.set(uid, fields);
  }
  return fields;
}
