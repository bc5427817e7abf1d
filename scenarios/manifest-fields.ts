/**
 * Every field of an object whose value has a wrong type, or whose name does not exist, with its exact path.
 *
 * The API server stops at the first wrong type and drops unknown names; a user wants all of them at once, as `kubectl apply` with strict
 * validation has them. The shapes are the API server's own, so that nothing passes here that is refused there.
 * `status` is not looked at for unknown names: it is written by components.
 */
import { isRecord } from '../core/types/json-value.ts';
import { tryParseQuantity } from '../core/types/quantity.ts';
import { PODS } from '../core/types/resource-type.ts';
import { checkScalar } from '../core/types/validation/shape.ts';
import { OBJECT_META, type Shape, shapeOf } from '../core/types/validation/shapes.ts';

/** Path of a field inside an object. */
export type FieldPath = readonly (string | number)[];

/** A field that is not what it should be. */
export type FieldProblem =
  /** `refusal` is what the API server would say; `standIn` is nothing of the right type, undefined where the field may be absent. */
  | { readonly kind: 'type'; readonly path: FieldPath; readonly refusal: string; readonly standIn: unknown }
  | { readonly kind: 'quantity'; readonly path: FieldPath; readonly text: string }
  | { readonly kind: 'unknown'; readonly path: FieldPath; readonly known: readonly string[] };

/** Fields of every object besides those of its kind. */
const COMMON_FIELDS: readonly string[] = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
/** Fields of metadata that the core never reads. */
export const UNREAD_META_FIELDS: readonly string[] = ['selfLink', 'managedFields'];

/** All problems of an object of a built-in kind, in the order of its fields. `shape` is undefined for kinds of which only metadata is read. */
export function fieldProblems(object: object, shape: Shape | undefined): readonly FieldProblem[] {
  const found: FieldProblem[] = [];
  const { metadata, ...content } = object as Readonly<Record<string, unknown>>;
  walk(metadata, OBJECT_META, ['metadata'], found);
  if (shape !== undefined) walk(content, shape, [], found);
  return found;
}

/** Whether every field of a pod template that exists has the type that it has in a pod: custom kinds may keep anything under that name. */
export function isShapedAsPod(template: object): boolean {
  return fieldProblems(template, shapeOf(PODS)).every(({ kind }) => kind === 'unknown');
}

function walk(value: unknown, shape: Shape, path: FieldPath, found: FieldProblem[]): void {
  if (value === null || value === undefined) return;
  if (shape === 'quantities' && isRecord(value)) return walkQuantities(value, path, found);
  if (shape === 'map' && isRecord(value)) {
    for (const [key, member] of Object.entries(value)) walk(member, 'string', [...path, key], found);
    return;
  }
  if (typeof shape === 'string') return reportType(value, shape, path, found);
  if (shape.scalar !== undefined) return reportType(value, shape.scalar, path, found);
  if (shape.list !== undefined) {
    const { list } = shape;
    if (!Array.isArray(value)) return reportType(value, 'array', path, found);
    for (const [index, item] of value.entries()) {
      if (item === null) reportNull(list, [...path, index], found);
      else walk(item, list, [...path, index], found);
    }
    return;
  }
  if (!isRecord(value)) return reportType(value, 'object', path, found);
  if (shape.entries !== undefined) {
    for (const [key, entry] of Object.entries(value)) walk(entry, shape.entries, [...path, key], found);
    return;
  }
  const known = Object.keys(shape.fields);
  const others = path.length === 0 ? COMMON_FIELDS : shape === OBJECT_META ? UNREAD_META_FIELDS : [];
  for (const [name, member] of Object.entries(value)) {
    const fieldShape = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    if (fieldShape !== undefined) walk(member, fieldShape, [...path, name], found);
    else if (!others.includes(name) && path[0] !== 'status') {
      found.push({ kind: 'unknown', path: [...path, name], known: [...known, ...others] });
    }
  }
}

function walkQuantities(map: Readonly<Record<string, unknown>>, path: FieldPath, found: FieldProblem[]): void {
  for (const [name, quantity] of Object.entries(map)) {
    if (quantity === null || quantity === undefined) continue;
    const at = [...path, name];
    if (typeof quantity !== 'string' && typeof quantity !== 'number') reportType(quantity, 'string', at, found);
    else if (tryParseQuantity(String(quantity)) === undefined) {
      found.push({ kind: 'quantity', path: at, text: String(quantity) });
    }
  }
}

function reportType(value: unknown, shape: string, path: FieldPath, found: FieldProblem[]): void {
  const refusal = checkScalar(value, shape, path.join('.'));
  if (refusal !== null) found.push({ kind: 'type', path, refusal, standIn: standInOf(shape, path) });
}

/** An item of a list that is null, which the API server takes for an object that is none. */
function reportNull(shape: Shape, path: FieldPath, found: FieldProblem[]): void {
  const refusal = checkScalar(null, 'object', path.join('.')) ?? '';
  const isText = typeof shape === 'string' || shape.scalar !== undefined;
  found.push({ kind: 'type', path, refusal, standIn: isText ? '' : {} });
}

/** An empty list or object; in a list an empty text. */
function standInOf(shape: string, path: FieldPath): unknown {
  if (shape === 'array') return [];
  if (shape === 'object' || shape === 'map' || shape === 'quantities') return {};
  return typeof path.at(-1) === 'number' ? '' : undefined;
}
