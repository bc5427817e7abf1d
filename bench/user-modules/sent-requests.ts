/**
 * The interface of a reconciler, watched for requests that are made and never sent: without `yield*` a call only prepares one.
 *
 * Always: a request is sent by who runs the reconciler, once the reconciler has yielded it; calling `next()` on one sends nothing, so no
 * answer comes to a task that does not wait for it.
 */
import { types } from 'node:util';
import type { KubeObject, ObjectKind, OperatorApi, Request } from '../../core/cluster/operators.ts';

/** A request that was asked for; its `steps`, which the reconciler gets, yield this in place of sending it. */
class Prepared {
  readonly request: Request<unknown>;
  /** The mistake that it is while it is not sent; made at the place of the call. */
  readonly mistake: Error;
  readonly steps: Request<unknown>;

  constructor(request: Request<unknown>, mistake: Error, steps: (prepared: Prepared) => Request<unknown>) {
    this.request = request;
    this.mistake = mistake;
    this.steps = steps(this);
  }
}

/** Of one call of a reconciler: its interface, and what it asked of it without waiting for the answer. */
export class SentRequests {
  readonly api: OperatorApi;
  /** What was asked for and not sent, in its order. */
  readonly #unsent = new Set<Prepared>();

  constructor(api: OperatorApi) {
    this.api = {
      ...api,
      read: <T extends KubeObject>(kind: ObjectKind, namespace: string, name: string) =>
        this.#watched('read', api.read<T>(kind, namespace, name)),
      create: (object) => this.#watched('create', api.create(object)),
      update: (object) => this.#watched('update', api.update(object)),
      updateStatus: (object) => this.#watched('updateStatus', api.updateStatus(object)),
      patch: <T extends KubeObject>(kind: ObjectKind, namespace: string, name: string, patch: object) =>
        this.#watched('patch', api.patch<T>(kind, namespace, name, patch)),
      delete: (kind, namespace, name, uid) => this.#watched('delete', api.delete(kind, namespace, name, uid)),
    };
  }

  /** The mistake in the first request that was not sent; it names the place of the call. */
  get mistake(): Error | undefined {
    const [first] = this.#unsent;
    return first?.mistake;
  }

  /** The request behind what a reconciler yielded, to be sent now. @throws Error for anything else: nothing would ever answer. */
  take(yielded: unknown): Request<unknown> {
    if (yielded instanceof Prepared && this.#unsent.delete(yielded)) return yielded.request;
    for (const { steps, mistake } of this.#unsent) {
      if (steps !== yielded) continue;
      mistake.message = 'it yields a request: write yield*, not yield';
      throw mistake;
    }
    if (types.isGeneratorObject(yielded))
      throw new Error('it yields a generator, which nobody runs: write yield*, not yield');
    throw new Error(`it yields ${typeOf(yielded)}, no request`);
  }

  #watched<T>(verb: string, request: Request<T>): Request<T> {
    const mistake = new Error(`it calls api.${verb} without yield*, so nothing is sent`);
    const prepared = new Prepared(request, mistake, (self) => this.#steps(verb, self));
    this.#unsent.add(prepared);
    return prepared.steps as Request<T>;
  }

  *#steps(verb: string, prepared: Prepared): Request<unknown> {
    prepared.mistake.message = `it calls next() on api.${verb}, which sends nothing: write yield*`;
    const answer = yield prepared as never;
    if (this.#unsent.has(prepared)) throw prepared.mistake;
    return answer;
  }
}

function typeOf(value: unknown): string {
  const type = typeof value;
  if (value === null || value === undefined) return String(value);
  return type === 'object' ? 'an object' : `a ${type}`;
}
