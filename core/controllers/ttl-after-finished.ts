/**
 * Deletes finished jobs `ttlSecondsAfterFinished` after their end, in the foreground. Source: Kubernetes 1.34
 * pkg/controller/ttlafterfinished.
 */
import type { Informer } from '../client/informer.ts';
import type { WorkQueue } from '../client/work-queue.ts';
import type { Wait } from '../sim/task.ts';
import type { Job } from '../types/job.ts';
import { isTerminating, namespaceOf, uidOf } from '../types/object.ts';
import { JOBS } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { parseTime } from '../types/time.ts';
import type { Controller } from './controller.ts';
import type { ControllerScope } from './controller-scope.ts';

const WORKERS = 5;

/** The controller as the manager lists it. */
export const TTL_AFTER_FINISHED_CONTROLLER: Controller = {
  name: 'ttl-after-finished-controller',
  register: (scope) => {
    new TtlAfterFinished(scope);
  },
};

/** Wall time at which a job is to go, µs; Infinity while it has no end or no ttl. */
function expiresUs(job: Job): number {
  const seconds = job.spec.ttlSecondsAfterFinished;
  if (seconds === undefined || isTerminating(job)) return Number.POSITIVE_INFINITY;
  const final = job.status?.conditions?.find(({ type, status }) => {
    return (type === 'Complete' || type === 'Failed') && status === 'True';
  });
  if (typeof final?.lastTransitionTime !== 'string') return Number.POSITIVE_INFINITY;
  return parseTime(final.lastTransitionTime) + seconds * 1_000_000;
}

class TtlAfterFinished {
  readonly #scope: ControllerScope;
  readonly #jobs: Informer<Job>;
  readonly #queue: WorkQueue;

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    this.#jobs = scope.informer<Job>(JOBS);
    this.#queue = scope.queue({
      name: 'ttl-after-finished',
      type: JOBS,
      workers: WORKERS,
      reconcile: (id) => this.#sync(id),
    });
    const look = (id: number, job: Job): void => {
      if (expiresUs(job) !== Number.POSITIVE_INFINITY) this.#queue.add(id);
    };
    this.#jobs.addHandler({ onAdd: look, onUpdate: (id, _old, job) => look(id, job) });
  }

  *#sync(id: number): Generator<Wait, void, unknown> {
    const job = this.#jobs.get(id);
    if (job === undefined || this.#waits(id, job)) return;
    // The copy may be old: the ttl may have been raised since.
    const { client } = this.#scope;
    const { name } = job.metadata;
    try {
      const fresh = yield* client.get<Job>(JOBS, namespaceOf(job), name);
      if (uidOf(fresh) !== uidOf(job) || this.#waits(id, fresh)) return;
      const preconditions = { uid: uidOf(fresh) };
      yield* client.delete(JOBS, namespaceOf(job), name, { propagationPolicy: 'Foreground', preconditions });
    } catch (error) {
      if (!(error instanceof StatusError) || !error.isNotFound) throw error;
    }
  }

  /** true when the job is not to go yet; it is looked at again when it is. */
  #waits(id: number, job: Job): boolean {
    const leftUs = expiresUs(job) - this.#scope.ctx.wallUs();
    if (leftUs > 0 && leftUs !== Number.POSITIVE_INFINITY) this.#queue.addAfter(id, leftUs);
    return leftUs > 0;
  }
}
