/**
 * Says before anything runs what an API server would refuse: wrong types, quantities that are none, selectors that do not match, bad names.
 *
 * The rules are the simulated API server's own (types, defaults, validation), so that what passes here is refused there only for what it depends on.
 * Always: every cause of every object has a line of its own, with the place of the field. What is wrong by its type is left out when the rest is judged.
 */

import { gatedDeviceFields } from '../core/cluster/gated-device-fields.ts';
import { applyDefaults } from '../core/types/defaults/defaults.ts';
import { withoutNulls } from '../core/types/defaults/without-nulls.ts';
import type { DeviceGate } from '../core/types/device-gates.ts';
import { servedVersion, withOwnKind } from '../core/types/foreign-kind.ts';
import { isManagedElsewhere, type Job } from '../core/types/job.ts';
import type { KubeObject } from '../core/types/object.ts';
import { type ResourceType, ResourceTypes } from '../core/types/resource-type.ts';
import { StatusError } from '../core/types/status-error.ts';
import { shapeOf } from '../core/types/validation/shapes.ts';
import { validateCreate } from '../core/types/validation/validate.ts';
import { checkAnnotations } from './annotation-checks.ts';
import { checkGangLabels } from './gang-checks.ts';
import { type FieldPath, type FieldProblem, fieldProblems } from './manifest-fields.ts';
import type { Place, Problem, ProblemList } from './problem.ts';
import { removalOf } from './removed-versions.ts';
import { isAbout, soundObject } from './sound-object.ts';
import { nearestName } from './suggest.ts';

const CODE = 'MAN-011';
const UNKNOWN_FIELD = 'MAN-014';
const MANAGED_ELSEWHERE = 'MAN-017';
const GATE_OFF = 'MAN-018';
const REMOVED = 'MAN-021';
/** Problems of objects that were read all the same: their names are known. */
const OF_READ: readonly string[] = ['MAN-010', CODE, 'MAN-013', REMOVED];
const BUILT_IN = new ResourceTypes();

/** Tells where a field of an object stands in its file. */
type PlaceOf = (path: FieldPath) => Place;

/**
 * Reports what is wrong with an object; a name that does not exist is a warning, as is what `gates` would have to be on for. Returns the object
 * without fields of wrong types, and without nulls where it is sound.
 */
export function checkManifest(
  object: KubeObject,
  placeOf: PlaceOf,
  problems: ProblemList,
  gates: readonly DeviceGate[] = [],
): KubeObject {
  const now = reportUnserved(object, placeOf, problems);
  // What the version of today asks for besides is told in the same round.
  if (now !== '') return checkManifest({ ...withOwnKind(object), apiVersion: now }, placeOf, problems, gates);
  const { apiVersion, kind } = object;
  const type = BUILT_IN.byKind(apiVersion, kind) ?? new ResourceTypes().register(apiVersion, kind);
  checkAnnotations(object, placeOf, problems);
  checkGangLabels(object, placeOf, problems);
  const found = fieldProblems(object, shapeOf(type));
  for (const problem of found) reportField(problem, object, placeOf, problems);
  const wrong = found.filter((problem) => problem.kind !== 'unknown');
  const sound = wrong.length === 0 ? object : soundObject(object, wrong);
  const error = refusalOf(type, sound);
  const causes = error === null ? [] : (error.details?.causes ?? [{ field: '', message: error.message }]);
  for (const { field = '', message } of causes) {
    if (isAbout(pathOf(field), wrong)) continue;
    const text = field === '' ? message : `${field}: ${message}`;
    problems.error(placeOf(pathOf(field)), CODE, `${who(object)}: ${oneLine(text)}`);
  }
  warnUnmanaged(sound, placeOf, problems);
  warnGated(sound, placeOf, problems, gates);
  return error === null ? withoutNulls(sound) : sound;
}

/**
 * Tells of an API version that is gone or never was. What would be simulated in today's version is an error, which is the answer: nobody would run it.
 * The rest is stored as it is. Returns the version to write where that is an error, else `''`.
 */
export function reportUnserved(object: KubeObject, placeOf: PlaceOf, problems: ProblemList): string {
  const own = withOwnKind(object);
  const removal = removalOf(own) ?? neverServed(own);
  if (removal === null) return '';
  const { text, now } = removal;
  const isError = now !== '' && new ResourceTypes().register(now, own.kind).simulated;
  const hint = now === '' ? {} : { hint: `apiVersion: ${now}` };
  const message = `${who(own)}: ${text}`;
  if (isError) problems.error(placeOf(['apiVersion']), REMOVED, message, hint);
  else problems.warning(placeOf(['apiVersion']), REMOVED, message, hint);
  return isError ? now : '';
}

function neverServed({ apiVersion, kind }: KubeObject): { readonly text: string; readonly now: string } | null {
  const now = servedVersion(apiVersion, kind);
  return now === '' ? null : { text: `apiVersion: Kubernetes has no ${kind} in ${apiVersion}`, now };
}

/** Whether the problem leaves open no name of an object: other objects can be checked against those that are there. */
export function isOfReadObject({ code, severity }: Problem): boolean {
  return severity === 'warning' || OF_READ.includes(code);
}

/** A Job that belongs to a controller from outside: nobody here runs it. */
function warnUnmanaged(object: KubeObject, placeOf: PlaceOf, problems: ProblemList): void {
  if (
    object.kind !== 'Job' ||
    object.apiVersion !== 'batch/v1' ||
    (object.spec ?? null) === null ||
    !isManagedElsewhere(object as Job)
  )
    return;
  const { managedBy } = (object as Job).spec;
  const message = `${who(object)}: spec.managedBy: the Job belongs to ${managedBy}, which is not simulated: nobody runs it`;
  problems.warning(placeOf(['spec', 'managedBy']), MANAGED_ELSEWHERE, message);
}

/** Fields of devices behind feature gates that are off: one warning for each field of an object. */
function warnGated(object: KubeObject, placeOf: PlaceOf, problems: ProblemList, gates: readonly DeviceGate[]): void {
  for (const { path, count, gate, effect } of gatedDeviceFields(object, gates)) {
    const more = count > 1 ? ` (and ${count - 1} more)` : '';
    const message = `${who(object)}: ${fieldText(path)}${more}: feature gate ${gate} is off, as by default in Kubernetes 1.34: ${effect}`;
    problems.warning(placeOf(path), GATE_OFF, message);
  }
}

/**
 * Reports the fields of a wrong type, and nothing else: an object that a real server gave has been validated there.
 * Returns the object without nulls, or null with a problem.
 */
export function checkTypes(object: KubeObject, placeOf: PlaceOf, problems: ProblemList): KubeObject | null {
  const type = BUILT_IN.byKind(object.apiVersion, object.kind);
  if (type === undefined) return object;
  const wrong = fieldProblems(object, shapeOf(type)).filter((problem) => problem.kind !== 'unknown');
  for (const problem of wrong) reportField(problem, object, placeOf, problems);
  return wrong.length === 0 ? withoutNulls(object) : null;
}

function reportField(problem: FieldProblem, object: KubeObject, placeOf: PlaceOf, problems: ProblemList): void {
  const { path } = problem;
  const place = placeOf(path);
  const subject = `${who(object)}: ${fieldText(path)}`;
  if (problem.kind === 'unknown') {
    const nearest = nearestName(String(path.at(-1)), problem.known);
    problems.warning(place, UNKNOWN_FIELD, `${subject}: unknown field, it has no effect`, { nearest });
  } else if (problem.kind === 'quantity') {
    problems.error(place, CODE, `${subject}: "${problem.text}" is no quantity, expected one such as 250m, 0.5 or 64Mi`);
  } else problems.error(place, CODE, `${subject}: ${typeProblem(problem.refusal)}`);
}

function who(object: KubeObject): string {
  return `${object.kind} ${object.metadata.name ?? object.metadata.generateName ?? ''}`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}

function refusalOf(type: ResourceType, object: KubeObject): StatusError | null {
  try {
    const clean = withoutNulls(object);
    const { metadata } = clean;
    if ((metadata.resourceVersion ?? '') !== '') {
      return StatusError.badRequest('metadata.resourceVersion: must not be set on objects to be created');
    }
    // Of a kind without namespaces the server drops one (Kubernetes 1.34.1, registry/rest EnsureObjectNamespaceMatchesRequestNamespace).
    const named = { ...metadata, namespace: type.namespaced ? (metadata.namespace ?? 'default') : undefined };
    return validateCreate(type, applyDefaults(type, { ...clean, metadata: named }));
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** `json: cannot unmarshal string into Go struct field Deployment.spec.replicas of type int32` in a user's words. */
export function typeProblem(refusal: string): string {
  const [, found = '', wanted = ''] =
    /cannot unmarshal (.+) into Go struct field .+ of type (\S+)$/.exec(refusal) ?? [];
  const time = /^parsing time ("(?:[^"\\]|\\.)*")(?: as (\S+))?: (.*)$/.exec(refusal);
  if (time !== null) return timeText(time[1] as string, time[2] ?? '', time[3] as string);
  if (refusal.startsWith('illegal base64')) return `no base64 (${refusal}), expected such as c2VjcmV0 for "secret"`;
  if (found === '') return refusal;
  const bits = wanted === 'int32' && /^number -?\d+$/.test(found) ? ' of 32 bits' : '';
  return `expected ${TYPE_WORDS[wanted] ?? wanted}${bits}, found ${found}`;
}

/** Of a time, a layout and what Go says: the time and what it should look like. */
function timeText(time: string, layout: string, detail: string): string {
  if (layout === '') return `${time} is no time: ${detail}`;
  return `${time} is no time, expected one such as ${sampleTime(layout.includes('.000000'))}`;
}

/** A time as the server takes it, or, with decimals, a MicroTime. */
export function sampleTime(isMicro: boolean): string {
  return `2025-01-31T08:00:00${isMicro ? '.000000' : ''}Z`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  '[]uint8': 'a text in base64',
  int32: 'a whole number',
  int64: 'a whole number',
  bool: 'true or false',
  string: 'a string',
  array: 'a list',
  object: 'an object',
  'intstr.IntOrString': 'a whole number or a percentage',
  'map[string]string': 'a map of strings',
  'map[string]Quantity': 'a map of quantities',
};

/** `spec.containers[0].image`. */
export function fieldText(path: FieldPath): string {
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
