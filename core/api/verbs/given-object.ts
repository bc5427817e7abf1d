/**
 * What the body of a request says of itself against the request's path.
 *
 * What it leaves out (kind, namespace) is the path's. Source: Kubernetes 1.34, apiserver endpoints/handlers create.go, update.go,
 * rest.go checkName; registry/rest EnsureObjectNamespaceMatchesRequestNamespace.
 */
import { isRecord, jsonTypeOf } from '../../types/json-value.ts';
import type { KubeObject } from '../../types/object.ts';
import { PODS, type ResourceType, type ResourceTypes } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { shapeProblem } from '../../types/validation/shape.ts';
import { NEEDS_SPEC } from '../../types/validation/validate.ts';
import type { ApiCore } from '../core.ts';
import type { Operation } from '../operation.ts';

/** An object as its type's decoder reads it, and what is wrong with it. */
interface Decoded {
  readonly object: KubeObject;
  readonly problem: string | null;
}

/** The object with its type's kind, with metadata and a spec, where the type has one, itself when it has all. Throws StatusError (400) when it is of another kind or no object. */
export function ofKind(types: ResourceTypes, type: ResourceType, object: KubeObject | null): KubeObject {
  if (!isRecord(object)) {
    throw StatusError.badRequest(`the object provided is unrecognized (must be of type ${type.kind}): no object`);
  }
  const unread = unreadProblem(object);
  if (unread !== null) {
    throw StatusError.badRequest(`the object provided is unrecognized (must be of type ${type.kind}): ${unread}`);
  }
  const problem = kindProblem(types, type, object);
  if (problem !== null) {
    const version = versionOf(object.apiVersion ?? type.apiVersion);
    const kind = object.kind ?? type.kind;
    throw StatusError.badRequest(`${kind} in version "${version}" cannot be handled as a ${type.kind}: ${problem}`);
  }
  return whole(type, object);
}

function whole(type: ResourceType, object: KubeObject): KubeObject {
  const isOfKind = object.kind === type.kind && object.apiVersion === type.apiVersion;
  // A kind about a pod (Binding, Eviction) goes by the pods' id and has no spec.
  const hasSpec = (object.spec ?? null) !== null || !NEEDS_SPEC.has(type.id) || (type.id === PODS.id && type !== PODS);
  if (isOfKind && hasSpec && (object.metadata ?? null) !== null) return object;
  const { apiVersion, kind } = type;
  const read = { ...object, apiVersion, kind, metadata: object.metadata ?? { name: '' } };
  return hasSpec ? read : { ...read, spec: {} };
}

/** The same for what a patch made, which may be anything. */
export function decoded(types: ResourceTypes, type: ResourceType, object: KubeObject): Decoded {
  if (!isRecord(object)) return { object, problem: shapeProblem(type, object) };
  const problem = unreadProblem(object) ?? kindProblem(types, type, object);
  if (problem !== null) return { object, problem };
  const read = whole(type, object);
  return { object: read, problem: shapeProblem(type, read) };
}

/** Why it cannot be told what an object is, or null. Source: apimachinery runtime/serializer/json/meta.go Interpret. */
function unreadProblem(object: KubeObject): string | null {
  return unreadField('apiVersion', object.apiVersion) ?? unreadField('kind', object.kind);
}

function unreadField(field: string, value: unknown): string | null {
  if (value === undefined || value === null || typeof value === 'string') return null;
  const found = typeof value === 'number' ? 'number' : jsonTypeOf(value);
  const problem = `json: cannot unmarshal ${found} into Go struct field .${field} of type string`;
  return `couldn't get version/kind; json parse error: ${problem}`;
}

/** Why an object cannot be decoded as one of `type`, or null; what it does not say is as it should be. */
function kindProblem(types: ResourceTypes, type: ResourceType, object: KubeObject): string | null {
  const kind = object.kind || type.kind;
  const apiVersion = object.apiVersion || type.apiVersion;
  if (kind === type.kind && apiVersion === type.apiVersion) return null;
  if (types.byKind(apiVersion, kind) === undefined) {
    return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:110"`;
  }
  const [packageOf] = (type.group === '' ? 'core' : type.group).split('.');
  return `converting (${versionOf(apiVersion)}.${kind}) to (${packageOf}.${type.kind}): unknown conversion`;
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

/** Whether an object is in the namespace of its request; of what has none it is not looked at. Throws StatusError (400). */
export function checkNamespace(type: ResourceType, object: KubeObject, namespace: string): void {
  const given = object.metadata?.namespace ?? '';
  if (type.namespaced && given !== '' && given !== namespace) {
    throw StatusError.badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}

/** What is sent to a subresource of a pod, of a kind of its own: in the pod's namespace, under its name. Throws StatusError (400). */
export function aboutPod(core: ApiCore, op: Operation, kind: ResourceType, object: KubeObject | null): KubeObject {
  const { name, namespace } = op.request;
  const given = ofKind(core.cluster.types, kind, object);
  checkNamespace(PODS, given, namespace);
  if (given.metadata.name === name) return given;
  throw StatusError.badRequest(`name in URL does not match name in ${kind.kind} object`);
}

/** Whether an object that replaces another has its name. Throws StatusError (400). */
export function checkName(object: KubeObject, name: string): void {
  const given = object.metadata?.name ?? '';
  if (given === name) return;
  const problem =
    given === ''
      ? `the name of the object (${name} based on URL) was undeterminable: name must be provided`
      : `the name of the object (${given}) does not match the name on the URL (${name})`;
  throw StatusError.badRequest(problem);
}
