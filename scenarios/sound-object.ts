/**
 * An object with fields of wrong types, without them: so that the rest can be validated as well, and all problems of an object come in one round.
 */
import type { KubeObject } from '../core/types/object.ts';
import type { FieldPath, FieldProblem } from './manifest-fields.ts';

/** A list or an object of a manifest. */
type Holder = Record<string | number, unknown>;

/**
 * A copy of the object in which nothing stands that `wrong` names: a list or an object is empty where another type was found, so that what would stand in it is
 * not missed anywhere else, and items of lists keep their places.
 */
export function soundObject(object: KubeObject, wrong: readonly FieldProblem[]): KubeObject {
  const copy = structuredClone(object);
  for (const problem of wrong) {
    const { path } = problem;
    const field = path.at(-1) as string | number;
    const holder = path.slice(0, -1).reduce<Holder>((above, part) => above[part] as Holder, copy as unknown as Holder);
    const standIn = problem.kind === 'type' ? problem.standIn : undefined;
    if (standIn === undefined) delete holder[field];
    else holder[field] = standIn;
  }
  return copy;
}

/** Whether what is said of `path` may only be so because of a field that was taken out: it stands in it or around it. */
export function isAbout(path: FieldPath, wrong: readonly FieldProblem[]): boolean {
  return wrong.some((problem) => {
    const shared = Math.min(path.length, problem.path.length);
    return problem.path.slice(0, shared).every((part, index) => part === path[index]);
  });
}
