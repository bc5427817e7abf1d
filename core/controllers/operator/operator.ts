/**
 * A controller of your own: the interface that a user's module implements (exported as `seatrial/controller`).
 *
 * A reconciler is a generator: every request to the API server is a `yield*`, and each is a numbered point at which `seatrial search` can
 * crash it, lose its answer or let it read old state. It must decide from its arguments and its reads alone: no clock but `api.nowMs()`, no random
 * numbers, no module state that outlives a crash. A reconciler that breaks this is found by comparing digests.
 */
import type { Wait } from '../../sim/task.ts';
import type { KubeObject, OwnerReference } from '../../types/object.ts';

export { StatusError } from '../../types/status-error.ts';
export type { KubeObject, OwnerReference, Wait };

/** A kind of object, as manifests name it. */
export interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** A request under way: `const stored = yield* api.create(object)`. Throws StatusError. */
export type Request<T> = Generator<Wait, T, unknown>;

/** What a reconciler may do. Objects that it gets are shared and must not be changed: make new ones. */
export interface OperatorApi {
  /** From the operator's cache, which may lag behind; undefined when it is not there. */
  get<T extends KubeObject>(kind: ObjectKind, namespace: string, name: string): T | undefined;
  /** All of a kind in a namespace from the cache, by creation of their names. */
  list<T extends KubeObject>(kind: ObjectKind, namespace: string): readonly T[];
  /** The object as the store has it. Throws StatusError 404. */
  read<T extends KubeObject>(kind: ObjectKind, namespace: string, name: string): Request<T>;
  create<T extends KubeObject>(object: T): Request<T>;
  /** With `metadata.resourceVersion` it throws StatusError 409 when the object has changed meanwhile. */
  update<T extends KubeObject>(object: T): Request<T>;
  updateStatus<T extends KubeObject>(object: T): Request<T>;
  /** Merge patch (RFC 7386). */
  patch<T extends KubeObject>(kind: ObjectKind, namespace: string, name: string, patch: object): Request<T>;
  /** `uid`: delete only that very object. */
  delete(kind: ObjectKind, namespace: string, name: string, uid?: string): Request<void>;
  /** A reference that makes `owner` the controller of another object. */
  controllerReference(owner: KubeObject): OwnerReference;
  /** Now, ms since 1970 by the clock of the operator's process (virtual, and as wrong as a fault makes it): for comparison with times in objects. */
  nowMs(): number;
  /** Come back to this key after so many seconds of virtual time. */
  requeueAfter(seconds: number): void;
  event(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** The default export of a controller module. */
export interface Operator {
  /** Lower case letters, digits and dashes: names its processes (`operator-<name>-0`) and its lease. */
  readonly name: string;
  /** The kind that it reconciles. */
  readonly reconciles: ObjectKind;
  /** Kinds whose objects carry a controller reference to what it reconciles: their changes reconcile their owner. */
  readonly owns?: readonly ObjectKind[];
  /** Kinds that it reads from its cache besides. */
  readonly reads?: readonly ObjectKind[];
  /** Called for a key when its object or something it owns has changed, and again after a failure, later and later. */
  reconcile(api: OperatorApi, namespace: string, name: string): Generator<Wait, void, unknown>;
}

const OPERATORS = new Map<string, Operator>();

/** Makes an operator known under the place of its module, by which cluster descriptions name it. */
export function registerOperator(module: string, operator: Operator): void {
  OPERATORS.set(module, operator);
}

/** The operator of a module that was registered, or undefined. */
export function findOperator(module: string): Operator | undefined {
  return OPERATORS.get(module);
}
