/**
 * The interface of a reconciler, watched for requests that are made and never sent: without `yield*` a call only prepares one.
 */
import type { KubeObject, ObjectKind, OperatorApi, Request } from '../../core/cluster/operators.ts';

/** Of one call of a reconciler: its interface, and what it asked of it without waiting for the answer. */
export class SentRequests {
  readonly api: OperatorApi;
  /** What was asked for and not sent, in its order: errors that name the place of the call. */
  readonly unsent = new Set<Error>();

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

  #watched<T>(verb: string, request: Request<T>): Request<T> {
    const notSent = new Error(`it calls api.${verb} without yield*, so nothing is sent`);
    this.unsent.add(notSent);
    return this.#send(notSent, request);
  }

  *#send<T>(notSent: Error, request: Request<T>): Request<T> {
    this.unsent.delete(notSent);
    return yield* request;
  }
}
