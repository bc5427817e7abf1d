/**
 * Follows a dotted path such as `spec.ports.0.port` through the fields of a kind.
 *
 * Always: keys of maps may have dots themselves (`metadata.labels.app.kubernetes.io/name`); below what nobody reads every path is taken.
 */
import { OBJECT_META, type Shape } from '../core/types/validation/shapes.ts';
import { UNREAD_META_FIELDS } from './manifest-fields.ts';
import type { Place, ProblemList } from './problem.ts';

/** What stands at the end of a path, or where it ends too early: `at` is the part that is right, '' for none. */
type FieldOfShape =
  | { readonly kind: 'found'; readonly shape: Shape | 'quantity' }
  /** There is no field `name` below `at`. */
  | { readonly kind: 'unknown'; readonly at: string; readonly name: string; readonly known: readonly string[] }
  /** `at` is a list, and `name` no number. */
  | { readonly kind: 'no-item'; readonly at: string; readonly name: string }
  /** `at` is a single value. */
  | { readonly kind: 'no-fields'; readonly at: string };

/**
 * What `field` is of an object of a kind, whose fields are `shape`: undefined for kinds of which only metadata is known. null, and a problem at `place`, where the
 * kind has no such field.
 */
export function checkField(
  field: string,
  kind: string,
  shape: Shape | undefined,
  place: Place,
  problems: ProblemList,
): Shape | 'quantity' | null {
  const found = fieldOfShape(field, shape);
  if (found.kind === 'found') return found.shape;
  const { at } = found;
  if (found.kind === 'unknown') {
    const what = at === '' ? `field of a ${kind}` : `field in ${at} of a ${kind}`;
    problems.unknownName(place, 'SCN-020', what, found.name, found.known);
  } else if (found.kind === 'no-item') {
    const message = `"${field}": ${at} is a list, and "${found.name}" is no number of an item`;
    problems.error(place, 'SCN-027', message, { hint: `items count from 0: ${at}.0` });
  } else problems.error(place, 'SCN-027', `"${field}": ${at} is a single value, there is nothing in it`);
  return null;
}

function fieldOfShape(field: string, shape: Shape | undefined): FieldOfShape {
  const parts = field.split('.');
  const [first = ''] = parts;
  if (first === 'metadata') return follow(parts, 1, OBJECT_META);
  if (shape === undefined) return { kind: 'found', shape: 'any' };
  return follow(parts, 0, shape);
}

function follow(parts: readonly string[], from: number, shape: Shape): FieldOfShape {
  const name = parts[from];
  if (name === undefined || shape === 'any') return { kind: 'found', shape };
  if (shape === 'object') return { kind: 'found', shape: 'any' };
  if (shape === 'map') return { kind: 'found', shape: 'string' };
  if (shape === 'quantities') return { kind: 'found', shape: 'quantity' };
  const at = parts.slice(0, from).join('.');
  if (typeof shape === 'string' || shape.scalar !== undefined) return { kind: 'no-fields', at };
  if (shape.list !== undefined) {
    if (!/^\d+$/.test(name)) return { kind: 'no-item', at, name };
    return follow(parts, from + 1, shape.list);
  }
  if (shape.entries !== undefined) return followEntry(parts, from, shape.entries);
  const next = shape.fields[name];
  if (next !== undefined) return follow(parts, from + 1, next);
  const others = from === 0 ? ['metadata'] : shape === OBJECT_META ? UNREAD_META_FIELDS : [];
  if (others.includes(name)) return { kind: 'found', shape: 'any' };
  return { kind: 'unknown', at, name, known: [...Object.keys(shape.fields), ...others] };
}

/** The key is as many parts as make the rest a path of the entry; where none do, the first. */
function followEntry(parts: readonly string[], from: number, entry: Shape): FieldOfShape {
  const first = follow(parts, from + 1, entry);
  for (let to = from + 2; first.kind !== 'found' && to <= parts.length; to++) {
    const longer = follow(parts, to, entry);
    if (longer.kind === 'found') return longer;
  }
  return first;
}
