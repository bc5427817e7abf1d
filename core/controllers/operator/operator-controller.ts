/**
 * Hosts a user's reconciler in the machinery of the controller manager: informers, work queue, retries, leader election.
 *
 * A StatusError brings the key back later. Anything else that is thrown, and what the API server refuses as malformed or invalid, is a mistake of the
 * reconciler: it is shown to whoever listens, and the key comes back as well, as a process that recovers from panics would do.
 */
import { printableLine } from '../../base/printable.ts';
import type { Informer } from '../../client/informer.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import { definePoint } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import { distinctKind } from '../../types/foreign-kind.ts';
import { type KubeObject, namespaceOf } from '../../types/object.ts';
import { controllerOf, controllerReference } from '../../types/owner-references.ts';
import { BUILT_IN_TYPES, type ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import type { ObjectKind, Operator, OperatorApi, Request } from './operator.ts';
import { checkKind, frozenAnswer, isWriteToFrozen, lent, lentOrNone, sentObject, sentPatch } from './shared-objects.ts';

/** Longer than any run: a year. */
const REQUEUE_MAX_S = 31_536_000;
/** Longest text of an error that is told, in characters. */
const ERROR_TEXT_MAX = 500;
/** What no repetition of the same request makes right: malformed, invalid. */
const REFUSED_FOR_GOOD: readonly number[] = [400, 422];

/** Subject: {@link OperatorFailure}. */
const POINT_OPERATOR_FAILED = definePoint(
  'operator.failed',
  'a reconciler threw something other than an answer of the API',
);

/** Subject: {@link OperatorRun}. */
const POINT_OPERATOR_BEGAN = definePoint('operator.began', 'a reconciler of a user begins with an object');

/** Subject: {@link OperatorWrite}. */
const POINT_OPERATOR_WROTE = definePoint('operator.wrote', 'a reconciler changed an object that is stored');

/** One call of a reconciler; a crash ends it unsaid. */
export interface OperatorRun {
  readonly operator: string;
  readonly key: string;
  /** Requests that it has made so far. */
  requestCount: number;
  ended: boolean;
}

/** What a reconciler has changed. */
export interface OperatorWrite {
  readonly operator: string;
  /** What it reconciles, as its cache has it. */
  readonly reconciled: KubeObject | undefined;
  /** The object as its cache had it, where it reads that kind. */
  readonly before: KubeObject | undefined;
  readonly written: KubeObject;
}

/** What a reconciler threw. */
export interface OperatorFailure {
  readonly operator: string;
  readonly key: string;
  readonly error: string;
}

/** The controller of an operator, for a manager of its own. */
export function operatorController(operator: Operator): Controller {
  return {
    name: `operator-${operator.name}`,
    register: (scope) => {
      new OperatorHost(scope, operator);
    },
  };
}

class OperatorHost {
  readonly #scope: ControllerScope;
  readonly #operator: Operator;
  readonly #informers = new Map<ResourceType, Informer<KubeObject>>();
  readonly #queue: WorkQueue;
  readonly #type: ResourceType;

  constructor(scope: ControllerScope, operator: Operator) {
    this.#scope = scope;
    this.#operator = operator;
    this.#type = this.#typeOf(operator.reconciles);
    this.#queue = scope.queue({
      name: operator.name,
      type: this.#type,
      workers: 1,
      reconcile: (id) => this.#reconcile(id),
    });
    const add = (id: number): void => this.#queue.add(id);
    this.#informer(this.#type).addHandler({ onAdd: add, onUpdate: add, onDelete: add });
    for (const kind of operator.owns ?? []) {
      const enqueue = (object: KubeObject): void => this.#enqueueOwner(object);
      this.#informer(this.#typeOf(kind)).addHandler({
        onAdd: (_id, object) => enqueue(object),
        onUpdate: (_id, _old, object) => enqueue(object),
        onDelete: (_id, object) => enqueue(object),
      });
    }
    for (const kind of operator.reads ?? []) this.#informer(this.#typeOf(kind));
  }

  #informer(type: ResourceType): Informer<KubeObject> {
    let informer = this.#informers.get(type);
    if (informer === undefined) {
      informer = this.#scope.informer<KubeObject>(type);
      this.#informers.set(type, informer);
    }
    return informer;
  }

  /** A kind that nobody has used yet is stored as it is. */
  #typeOf({ apiVersion, kind: named }: ObjectKind): ResourceType {
    const { types } = this.#scope.manager.options;
    const kind = distinctKind(apiVersion, named);
    const known =
      types?.byKind(apiVersion, kind) ??
      BUILT_IN_TYPES.find((type) => type.apiVersion === apiVersion && type.kind === kind);
    if (known !== undefined) return known;
    if (types === undefined) throw new Error(`operator ${this.#operator.name}: kind ${kind} is not known`);
    return types.register(apiVersion, kind, { hasStatus: true });
  }

  #enqueueOwner(object: KubeObject): void {
    const owner = controllerOf(object);
    if (owner === undefined || owner.apiVersion !== this.#type.apiVersion) return;
    if (distinctKind(owner.apiVersion, owner.kind) !== this.#type.kind) return;
    const id = this.#scope.keys(this.#type).find(this.#type.namespaced ? namespaceOf(object) : '', owner.name);
    if (id >= 0) this.#queue.add(id);
  }

  *#reconcile(id: number): Generator<Wait, void, unknown> {
    const keys = this.#scope.keys(this.#type);
    const [namespace, name] = [keys.namespaceOf(id), keys.nameOf(id)];
    const run: OperatorRun = {
      operator: this.#operator.name,
      key: `${namespace}/${name}`,
      requestCount: 0,
      ended: false,
    };
    this.#scope.ctx.observe(POINT_OPERATOR_BEGAN, run);
    try {
      yield* this.#operator.reconcile(this.#api(id, run), namespace, name);
    } catch (error) {
      if (error instanceof StatusError && !REFUSED_FOR_GOOD.includes(error.code)) throw error;
      const text = textOf(error);
      const failure: OperatorFailure = { operator: run.operator, key: run.key, error: text };
      this.#scope.ctx.observe(POINT_OPERATOR_FAILED, failure);
      throw error instanceof StatusError ? error : StatusError.internalError(text);
    } finally {
      run.ended = true;
    }
  }

  /** The request with its answer frozen, and told to whoever listens. */
  *#told<T extends KubeObject>(id: number, type: ResourceType, name: readonly [string, string], request: Request<T>) {
    const before = this.#informers.get(type)?.find(...name);
    const written = yield* frozenAnswer(request);
    const reconciled = this.#informers.get(this.#type)?.get(id);
    const write: OperatorWrite = { operator: this.#operator.name, reconciled, before, written };
    this.#scope.ctx.observe(POINT_OPERATOR_WROTE, write);
    return written;
  }

  #api(id: number, run: OperatorRun): OperatorApi {
    const { client, recorder } = this.#scope;
    const typeOf = (verb: string, kind: ObjectKind): ResourceType => {
      checkKind(verb, kind);
      return this.#typeOf(kind);
    };
    const asked = (verb: string, kind: ObjectKind): ResourceType => {
      run.requestCount++;
      return typeOf(verb, kind);
    };
    const cacheOf = (verb: string, kind: ObjectKind): Informer<KubeObject> => {
      const found = this.#informers.get(typeOf(verb, kind));
      if (found === undefined) throw new Error(`${kind.kind} is neither in reconciles nor in owns or reads`);
      return found;
    };
    return {
      get: <T extends KubeObject>(kind: ObjectKind, namespace: string, name: string) =>
        lentOrNone(cacheOf('get', kind).find(namespace, name)) as T | undefined,
      list: <T extends KubeObject>(kind: ObjectKind, namespace: string) => {
        const found: T[] = [];
        cacheOf('list', kind).forEach((object) => {
          if (namespaceOf(object) === namespace) found.push(lent(object) as T);
        });
        return found;
      },
      read: <T extends KubeObject>(kind: ObjectKind, namespace: string, name: string): Request<T> =>
        frozenAnswer(client.get<T>(asked('read', kind), namespace, name)),
      create: <T extends KubeObject>(object: T): Request<T> => {
        const sent = sentObject('create', object);
        return frozenAnswer(client.create(asked('create', sent), sent));
      },
      update: <T extends KubeObject>(object: T): Request<T> => {
        const sent = sentObject('update', object);
        const type = asked('update', sent);
        return this.#told(id, type, [namespaceOf(sent), sent.metadata.name], client.update(type, sent));
      },
      updateStatus: <T extends KubeObject>(object: T): Request<T> => {
        const sent = sentObject('updateStatus', object);
        return frozenAnswer(client.updateStatus(asked('updateStatus', sent), sent));
      },
      patch: <T extends KubeObject>(kind: ObjectKind, namespace: string, name: string, patch: object): Request<T> => {
        const type = asked('patch', kind);
        const request = client.patch<T>(type, namespace, name, sentPatch(patch), 'merge');
        return this.#told(id, type, [namespace, name], request);
      },
      delete: (kind, namespace, name, uid) =>
        withoutAnswer(
          client.delete(asked('delete', kind), namespace, name, uid === undefined ? {} : { preconditions: { uid } }),
        ),
      controllerReference,
      nowMs: () => Math.floor(this.#scope.ctx.wallUs() / 1000),
      requeueAfter: (seconds) => {
        if (!(seconds > 0 && seconds <= REQUEUE_MAX_S)) {
          throw new TypeError(
            `api.requeueAfter: expected seconds above 0 and at most ${REQUEUE_MAX_S}, got ${seconds}`,
          );
        }
        this.#queue.addAfter(id, Math.ceil(seconds * 1_000_000));
      },
      event: (object, type, reason, message) => recorder.event(object, type, reason, message),
    };
  }
}

/** The request without its answer. */
function* withoutAnswer(request: Request<unknown>): Request<void> {
  yield* request;
}

/** What was thrown, for a report. */
function textOf(error: unknown): string {
  const text = printableLine(error instanceof Error ? String(error.message) : String(error), ERROR_TEXT_MAX);
  return isWriteToFrozen(error)
    ? `it changed an object that it got, which others share; copy it first (${text})`
    : text;
}
