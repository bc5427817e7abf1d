/**
 * Adoption and release: a controller takes objects that match its selector and have no controller, and lets go of its own
 * that no longer match. Source: Kubernetes 1.34 pkg/controller/controller_ref_manager.go.
 */
import type { Client } from '../client/client.ts';
import { defineMark } from '../sim/registry.ts';
import type { Wait } from '../sim/task.ts';
import type { KubeObject } from '../types/object.ts';
import { isTerminating, namespaceOf, uidOf } from '../types/object.ts';
import { controllerReference } from '../types/owner-references.ts';
import type { ResourceType } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';

const MARK_ADOPTED = defineMark('controller-adopted', 'a controller adopted an object without a controller');
const MARK_RELEASED = defineMark('controller-released', 'a controller released an object that no longer matched');

/** One sync's adoptions and releases for one owner. */
export class Adoption {
  readonly #client: Client;
  readonly #ownerType: ResourceType;
  readonly #owner: KubeObject;
  readonly #type: ResourceType;
  /** Why the owner may adopt nothing in this sync; null: it may, undefined: not asked yet. */
  #refusal: StatusError | null | undefined;
  #failure: StatusError | null = null;

  constructor(client: Client, ownerType: ResourceType, owner: KubeObject, type: ResourceType) {
    this.#client = client;
    this.#ownerType = ownerType;
    this.#owner = owner;
    this.#type = type;
  }

  /**
   * Makes the owner the controller of `object`; false when it is gone. The owner is read afresh first (once a sync): one that is
   * being deleted or was replaced adopts nothing and StatusError is thrown. `finalizers`: kept in the same patch (jobs).
   */
  *adopt(object: KubeObject, finalizers?: readonly string[]): Generator<Wait, boolean, unknown> {
    if (this.#refusal === undefined) this.#refusal = yield* this.#ask();
    if (this.#refusal !== null) throw this.#refusal;
    const { namespace = '', name, uid } = object.metadata;
    const metadata = {
      ownerReferences: [controllerReference(this.#owner)],
      uid,
      ...(finalizers ? { finalizers } : {}),
    };
    try {
      yield* this.#client.patch(this.#type, namespace, name, { metadata }, 'strategic');
    } catch (error) {
      if (error instanceof StatusError && error.isNotFound) return false;
      throw error;
    }
    this.#client.ctx.mark(MARK_ADOPTED);
    return true;
  }

  /** Removes the owner's reference from `object`, and these finalizers (jobs); an object that is gone or was replaced is no error. */
  *release(object: KubeObject, finalizers?: readonly string[]): Generator<Wait, void, unknown> {
    const { namespace = '', name, uid } = object.metadata;
    const metadata = {
      ownerReferences: [{ $patch: 'delete', uid: uidOf(this.#owner) }],
      uid,
      ...(finalizers ? { '$deleteFromPrimitiveList/finalizers': finalizers } : {}),
    };
    try {
      yield* this.#client.patch(this.#type, namespace, name, { metadata }, 'strategic');
    } catch (error) {
      if (error instanceof StatusError && (error.isNotFound || error.isInvalid)) return;
      throw error;
    }
    this.#client.ctx.mark(MARK_RELEASED);
  }

  /** Takes a step whose failure keeps none of the others from being tried; undefined when it failed. See {@link finish}. */
  *attempt<T>(step: Generator<Wait, T, unknown>): Generator<Wait, T | undefined, unknown> {
    try {
      return yield* step;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#failure ??= error;
      return undefined;
    }
  }

  /** Ends the attempts: throws the StatusError of the first that failed. */
  finish(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  *#ask(): Generator<Wait, StatusError | null, unknown> {
    try {
      yield* this.#checkOwner();
      return null;
    } catch (error) {
      if (error instanceof StatusError) return error;
      throw error;
    }
  }

  *#checkOwner(): Generator<Wait, void, unknown> {
    const owner = this.#owner;
    const { name } = owner.metadata;
    const fresh = yield* this.#client.get(this.#ownerType, namespaceOf(owner), name);
    if (uidOf(fresh) !== uidOf(owner)) {
      throw StatusError.internalError(
        `original ${owner.kind} ${namespaceOf(owner)}/${name} is gone: got uid ${uidOf(fresh)}, wanted ${uidOf(owner)}`,
      );
    }
    if (isTerminating(fresh)) {
      throw StatusError.internalError(
        `${namespaceOf(owner)}/${name} has just been deleted at ${fresh.metadata.deletionTimestamp ?? ''}`,
      );
    }
  }
}
