/**
 * The namespace controller: empties a namespace that is being deleted and takes its finalizer away when nothing is left.
 *
 * It waits 5 s after every event of a terminating namespace, its own status writes included, so that all API servers have seen the
 * deletion. While something remains it looks again after half of the estimate plus one second. Source: Kubernetes 1.34
 * pkg/controller/namespace.
 */
import type { Client } from '../../client/client.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import { defineBug, defineMark } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { Namespace } from '../../types/namespace.ts';
import { isTerminating } from '../../types/object.ts';
import { BUILT_IN_TYPES, NAMESPACES, type ResourceType } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import { formatTime, parseTime } from '../../types/time.ts';
import { VERB } from '../../types/wire.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { fasterClient } from '../faster-client.ts';
import { contentConditions } from './namespace-conditions.ts';
import { type ContentReport, deleteContent } from './namespace-content.ts';

const MARK_REMAINING = defineMark(
  'namespace-content-remaining',
  'a pass over a terminating namespace left content behind',
);
const MARK_CONFLICT = defineMark('namespace-conflict', 'a write to a terminating namespace met a newer version');

const BUG_IGNORES_REMAINING = defineBug(
  'namespace-ignores-remaining',
  'a namespace gives its finalizer up although a pass left content in it',
);

const S = 1_000_000;
/** Wait after an event of a terminating namespace (namespaceDeletionGracePeriod). */
const DELETION_WAIT_US = 5 * S;
const FINALIZER = 'kubernetes';

/** The namespace controller; no settings. */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  register: (scope) => {
    new NamespaceDeletion(scope);
  },
};

class NamespaceDeletion {
  readonly #scope: ControllerScope;
  readonly #client: Client;
  readonly #queue: WorkQueue;

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    this.#client = fasterClient(scope, 20, 100);
    const namespaces = scope.informer<Namespace>(NAMESPACES);
    this.#queue = scope.queue({
      name: 'namespace',
      type: NAMESPACES,
      workers: 10,
      reconcile: (id) => this.#sync(id),
      limiter: { backoffUsMax: 60 * S },
    });
    const enqueue = (id: number, namespace: Namespace): void => {
      if (isTerminating(namespace)) this.#queue.addAfter(id, DELETION_WAIT_US);
    };
    namespaces.addHandler({ onAdd: enqueue, onUpdate: (id, _old, namespace) => enqueue(id, namespace) });
  }

  *#sync(id: number): Generator<Wait, void, unknown> {
    const name = this.#scope.keys(NAMESPACES).nameOf(id);
    const namespace = yield* this.#find(name);
    if (namespace === undefined || !isTerminating(namespace)) return;
    const marked = yield* this.#retryOnConflict(namespace, (n) => this.#markTerminating(n));
    if (marked === undefined || !isTerminating(marked) || !hasFinalizer(marked)) return;
    const aliveUs = this.#scope.ctx.wallUs() - parseTime(marked.metadata.deletionTimestamp ?? '');
    const report = yield* deleteContent(this.#client, this.#types(), name, aliveUs / S);
    const updated = yield* this.#writeConditions(marked, report);
    if (report.errors.length > 0) throw StatusError.internalError(report.errors.join(', '));
    if (report.estimateS > 0 && !this.#scope.ctx.bug(BUG_IGNORES_REMAINING)) {
      this.#scope.ctx.mark(MARK_REMAINING);
      this.#queue.addAfter(id, (Math.floor(report.estimateS / 2) + 1) * S);
      return;
    }
    yield* this.#retryOnConflict(updated, (n) => this.#finalize(n));
  }

  #types(): readonly ResourceType[] {
    return this.#scope.manager.options.types?.all ?? BUILT_IN_TYPES;
  }

  *#find(name: string): Generator<Wait, Namespace | undefined, unknown> {
    try {
      return yield* this.#client.get<Namespace>(NAMESPACES, '', name);
    } catch (error) {
      if (error instanceof StatusError && error.isNotFound) return undefined;
      throw error;
    }
  }

  *#markTerminating(namespace: Namespace): Generator<Wait, Namespace, unknown> {
    if (namespace.status?.phase === 'Terminating') return namespace;
    const status = { ...namespace.status, phase: 'Terminating' as const };
    return yield* this.#client.updateStatus<Namespace>(NAMESPACES, { ...namespace, status });
  }

  *#writeConditions(namespace: Namespace, report: ContentReport): Generator<Wait, Namespace, unknown> {
    const old = namespace.status?.conditions;
    const conditions = contentConditions(old, report, formatTime(this.#scope.ctx.wallUs()));
    if (conditions === old) return namespace;
    const status = { ...namespace.status, conditions };
    try {
      return yield* this.#client.updateStatus<Namespace>(NAMESPACES, { ...namespace, status });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return namespace;
    }
  }

  *#finalize(namespace: Namespace): Generator<Wait, Namespace, unknown> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
    const object: Namespace = { ...namespace, spec: { ...namespace.spec, finalizers } };
    const { name } = namespace.metadata;
    const request = this.#client.connection.writeRequest(VERB.update, NAMESPACES, '', name, 'finalize', object);
    return (yield* this.#client.perform(request)).object as Namespace;
  }

  /** Runs a write again on the newest version while it conflicts; undefined when the namespace is gone or another one. */
  *#retryOnConflict(
    first: Namespace,
    write: (namespace: Namespace) => Generator<Wait, Namespace, unknown>,
  ): Generator<Wait, Namespace | undefined, unknown> {
    let namespace = first;
    for (;;) {
      try {
        return yield* write(namespace);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (error.isNotFound) return undefined;
        if (!error.isConflict) throw error;
      }
      this.#scope.ctx.mark(MARK_CONFLICT);
      const newest = yield* this.#find(namespace.metadata.name);
      if (newest === undefined || newest.metadata.uid !== first.metadata.uid) return undefined;
      namespace = newest;
    }
  }
}

function hasFinalizer(namespace: Namespace): boolean {
  return (namespace.spec?.finalizers ?? []).length > 0;
}
