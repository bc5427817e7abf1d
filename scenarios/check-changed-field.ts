/**
 * A field that somebody changes: its object is there or comes, it is a field of that kind, and its value has the field's type.
 *
 * Values are those of the API server's own table. What it refuses beyond that (a field that may not change, one that does not go with another) it says while the
 * scenario runs, and the fault tells it.
 */
import type { FieldValue } from '../core/chaos/plan.ts';
import { tryParseQuantity } from '../core/types/quantity.ts';
import { BUILT_IN_TYPES, type ResourceType } from '../core/types/resource-type.ts';
import { checkScalar } from '../core/types/validation/shape.ts';
import { type Shape, shapeOf } from '../core/types/validation/shapes.ts';
import { isWithin, limitedBy, limitText, wordsOf } from '../core/types/validation/value-limits.ts';
import type { TargetChecker } from './check-targets.ts';
import type { FaultFile } from './fault-schema.ts';
import { checkField } from './field-of-shape.ts';
import { typeProblem } from './manifest-checks.ts';
import type { ProblemExtras, ProblemList } from './problem.ts';
import { nearestName } from './suggest.ts';
import type { YamlDocument } from './yaml-source.ts';

/** Source: Kubernetes 1.34, BeforeUpdate of the generic registry; a resource version is only compared. */
const SET_BY_SERVER =
  /^metadata\.(resourceVersion|generation|creationTimestamp|deletionTimestamp|deletionGracePeriodSeconds)$/;

type Path = (string | number)[];
type ChangedFieldFile = Extract<FaultFile, { kind: 'changed-field' }>;

/** Checks object, field and value of the fault at `path`. */
export function checkChangedField(
  { object, field, value }: ChangedFieldFile,
  path: Path,
  targets: TargetChecker,
  document: YamlDocument,
  problems: ProblemList,
): void {
  const report = (name: string, code: string, message: string, extras?: ProblemExtras): void =>
    problems.error(document.place([...path, name]), code, message, extras);
  const type = checkObject(object, [...path, 'object'], targets, report);
  const wrongPath = pathProblem(field);
  if (wrongPath !== null) return report('field', 'SCN-027', wrongPath);
  const shape = type === undefined ? undefined : shapeOf(type);
  const place = document.place([...path, 'field']);
  const found = checkField(field, object.split('/')[0] as string, shape, place, problems);
  if (found === null) return;
  if (value !== undefined) {
    const unknown = checkValue(value, found, field, report);
    if (unknown === null) return;
    const message = `no component knows ${unknown}; the API server stores it`;
    return problems.warning(document.place([...path, 'value']), 'SCN-040', message, nearestValue(value, found));
  }
  const kind = kindOf(found);
  if (kind !== null) report('field', 'SCN-027', `${field} is ${kind}: a bit is flipped of a single value in it`);
}

type Report = (name: string, code: string, message: string, extras?: ProblemExtras) => void;

/** The built-in type of the object; undefined for others and where there is none. */
function checkObject(object: string, path: Path, targets: TargetChecker, report: Report): ResourceType | undefined {
  const [kind = '', ...place] = object.split('/');
  if (!/^[^/*]+(\/[^/*]+)?\/([^/*]+\*?|\*)$/.test(object)) {
    const expected = 'expected Kind/namespace/name or Kind/name, where a star may end the name';
    report('object', 'SCN-027', `"${object}" names no object: ${expected}`);
    return undefined;
  }
  const type = BUILT_IN_TYPES.find((known) => known.kind === kind);
  if (type !== undefined && type.namespaced !== (place.length === 2)) {
    const right = type.namespaced ? `is in a namespace: ${kind}/namespace/name` : `has no namespace: ${kind}/name`;
    report('object', 'SCN-027', `"${object}" names no object: a ${kind} ${right}`);
  } else targets.changeable(object, path);
  return type;
}

function pathProblem(field: string): string | null {
  if (field.split('.').some((part) => part === '' || part === '__proto__'))
    return `"${field}" is no path of a field: expected names with a dot between them, as in spec.replicas`;
  if (/^(metadata\.(name|namespace|uid)|kind|apiVersion)$/.test(field))
    return `${field} is which object it is: no API server changes it`;
  if (SET_BY_SERVER.test(field))
    return `${field} is set by the API server itself: it takes no other value from anybody`;
  return null;
}

/** What holds more than one value, in words; null for what may be one. */
function kindOf(shape: Shape | 'quantity'): string | null {
  if (shape === 'object' || shape === 'map' || shape === 'quantities') return 'a map';
  if (typeof shape === 'string' || shape.scalar !== undefined) return null;
  return shape.list === undefined ? 'an object' : 'a list';
}

/** Reports a value that the field cannot have; what is said of one that it can have and nobody knows, null for any other. */
function checkValue(value: FieldValue, shape: Shape | 'quantity', field: string, report: Report): string | null {
  const kind = kindOf(shape);
  if (kind !== null) {
    report('value', 'SCN-027', `${field} is ${kind}: expected a field in it, which takes a single value`);
    return null;
  }
  if (shape === 'quantity') {
    if (typeof value === 'boolean' || tryParseQuantity(String(value)) === undefined)
      report('value', 'SCN-027', `${field}: "${value}" is no quantity, expected one such as 250m, 0.5 or 64Mi`);
    return null;
  }
  const limited = limitedBy(shape);
  const type = limited?.scalar ?? (shape as string);
  const refusal = checkScalar(value, type, field);
  if (refusal !== null) {
    report('value', 'SCN-027', `${field}: ${typeProblem(refusal)}`, { hint: otherType(value, type, field) });
    return null;
  }
  if (limited === null || isWithin(value, limited)) return null;
  const wrong = `${field} ${JSON.stringify(value)}, expected ${limitText(limited)}`;
  if (!limited.isRefused) return wrong;
  report('value', 'SCN-027', `every API server refuses ${wrong}`, nearestValue(value, shape));
  return null;
}

function nearestValue(value: FieldValue, shape: Shape | 'quantity'): ProblemExtras {
  return { nearest: nearestName(`${value}`, wordsOf(shape)) };
}

/** The same value as the type that the field has, where it only lacks quotes, or has too many. */
function otherType(value: FieldValue, shape: string, field: string): string | undefined {
  const other = typeof value === 'string' ? unquoted(value) : `${value}`;
  if (other === undefined || checkScalar(other, shape, field) !== null) return undefined;
  return `write value: ${JSON.stringify(other)}${typeof other === 'string' ? '' : ', without quotes'}`;
}

function unquoted(text: string): FieldValue | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+$/.test(text) ? Number(text) : undefined;
}
