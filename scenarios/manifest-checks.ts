/**
 * Says before anything runs what an API server would refuse: wrong types, quantities that are none, selectors that do not match, bad names.
 *
 * The rules are the simulated API server's own (types, defaults, validation), so that what passes here is refused there only for what it depends on.
 * Always: every cause of every object has a line of its own, with the place of the field. Wrong types of an object hide its other problems.
 */
import { applyDefaults } from '../core/types/defaults/defaults.ts';
import { withoutNulls } from '../core/types/defaults/without-nulls.ts';
import { isRecord } from '../core/types/json-value.ts';
import type { KubeObject } from '../core/types/object.ts';
import { QUANTITY_FORMAT_MESSAGE, tryParseQuantity } from '../core/types/quantity.ts';
import { type ResourceType, ResourceTypes } from '../core/types/resource-type.ts';
import { StatusError } from '../core/types/status-error.ts';
import { checkShape } from '../core/types/validation/shape.ts';
import { validateCreate } from '../core/types/validation/validate.ts';
import { checkAnnotations } from './annotation-checks.ts';
import type { Place, ProblemList } from './problem.ts';

/** Path of a field inside an object. */
export type FieldPath = readonly (string | number)[];

const CODE = 'MAN-011';
const BUILT_IN = new ResourceTypes();

/** Reports what is wrong with an object; `placeOf` tells where its fields stand. */
export function checkManifest(object: KubeObject, placeOf: (path: FieldPath) => Place, problems: ProblemList): void {
  const { apiVersion, kind } = object;
  const type = BUILT_IN.byKind(apiVersion, kind) ?? new ResourceTypes().register(apiVersion, kind);
  const who = `${object.kind} ${object.metadata.name ?? object.metadata.generateName ?? ''}`;
  const report = (path: FieldPath, message: string): void =>
    problems.error(placeOf(path), CODE, `${who}: ${message}`.replace(/\s*\n\s*/g, ' '));
  checkAnnotations(object, placeOf, problems);
  const before = problems.errorCount;
  for (const { path, text } of badQuantities(object, [])) {
    report(path, `${fieldText(path)}: "${text}" is no quantity, expected one such as 250m, 0.5 or 64Mi`);
  }
  const error = refusalOf(type, object);
  if (error === null) return;
  const causes = error.details?.causes;
  if (causes !== undefined) for (const { field = '', message } of causes) report(pathOf(field), `${field}: ${message}`);
  else if (!error.message.includes(QUANTITY_FORMAT_MESSAGE) || problems.errorCount === before) {
    const [, field = ''] = /Go struct field \w+\.(\S+)/.exec(error.message) ?? [];
    report(pathOf(field), typeProblem(field, error.message));
  }
}

/**
 * Reports the first field of a wrong type, and nothing else: an object that a real server gave has been validated there.
 * Returns the object without nulls, or null with a problem.
 */
export function checkTypes(
  object: KubeObject,
  placeOf: (path: FieldPath) => Place,
  problems: ProblemList,
): KubeObject | null {
  const type = BUILT_IN.byKind(object.apiVersion, object.kind);
  if (type === undefined) return object;
  const clean = withoutNulls(object);
  const error = checkShape(type, clean);
  if (error === null) return clean;
  const [, field = ''] = /Go struct field \w+\.(\S+)/.exec(error.message) ?? [];
  const who = `${object.kind} ${object.metadata.name}`;
  problems.error(
    placeOf(pathOf(field)),
    CODE,
    `${who}: ${typeProblem(field, error.message)}`.replace(/\s*\n\s*/g, ' '),
  );
  return null;
}

function refusalOf(type: ResourceType, object: KubeObject): StatusError | null {
  try {
    const clean = withoutNulls(object);
    const wrong = checkShape(type, clean);
    if (wrong !== null) return wrong;
    const { metadata } = clean;
    if ((metadata.resourceVersion ?? '') !== '') {
      return StatusError.badRequest('metadata.resourceVersion: must not be set on objects to be created');
    }
    const named = type.namespaced ? { ...metadata, namespace: metadata.namespace ?? 'default' } : metadata;
    return validateCreate(type, applyDefaults(type, { ...clean, metadata: named }));
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** `json: cannot unmarshal string into Go struct field Deployment.spec.replicas of type int32` in a user's words. */
function typeProblem(field: string, message: string): string {
  const [, found = '', wanted = ''] =
    /cannot unmarshal (.+) into Go struct field \S+ of type (\S+)/.exec(message) ?? [];
  return found === '' ? message : `${field}: expected ${TYPE_WORDS[wanted] ?? wanted}, found ${found}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  int32: 'a whole number',
  bool: 'true or false',
  string: 'a string',
  array: 'a list',
  object: 'an object',
  'intstr.IntOrString': 'a whole number or a percentage',
  'map[string]string': 'a map of strings',
  'map[string]Quantity': 'a map of quantities',
};

/** Maps of quantities in workloads; other fields of these names hold anything. */
const QUANTITY_MAPS: ReadonlySet<string> = new Set(['requests', 'limits']);

/** Entries of `resources.requests` and `resources.limits` that are no quantity: the type check stops at the first and does not say where. */
function badQuantities(value: unknown, path: FieldPath): { readonly path: FieldPath; readonly text: string }[] {
  if (path.length > 24) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => badQuantities(item, [...path, index]));
  if (!isRecord(value)) return [];
  const inResources = path.at(-1) === 'resources';
  return Object.entries(value).flatMap(([key, field]) => {
    const at = [...path, key];
    return inResources && QUANTITY_MAPS.has(key) && isRecord(field) ? badEntries(field, at) : badQuantities(field, at);
  });
}

function badEntries(map: Readonly<Record<string, unknown>>, path: FieldPath): { path: FieldPath; text: string }[] {
  return Object.entries(map).flatMap(([name, text]) => {
    const scalar = typeof text === 'string' || typeof text === 'number';
    const bad = scalar && tryParseQuantity(String(text)) === undefined;
    return bad ? [{ path: [...path, name], text: String(text) }] : [];
  });
}

function fieldText(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** `spec.containers[0].resources.requests[cpu]` as a path. */
function pathOf(field: string): FieldPath {
  const parts = field.match(/[^.[\]]+|\[[^\]]*\]/g) ?? [];
  return parts.map((part) => {
    if (!part.startsWith('[')) return part;
    const inner = part.slice(1, -1);
    return /^\d+$/.test(inner) ? Number(inner) : inner;
  });
}
