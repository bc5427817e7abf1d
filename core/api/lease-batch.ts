/**
 * Renewal of many leases by one message: one new version each, one transaction for the store, one answer.
 *
 * A lease costs one small object; all share the MicroTime string.
 */
import type { Conn, Payload } from '../sim/process.ts';
import { OP_STORE_BATCH, StoreBatch, StoreBatchResponse } from '../store/client-interface.ts';
import type { Lease } from '../types/lease.ts';
import {
  LEASE_CONFLICT,
  LEASE_NOT_FOUND,
  LEASE_UNKNOWN,
  type LeaseBatch,
  LeaseBatchResult,
  OP_LEASE_BATCH_RESULT,
} from '../types/lease-batch.ts';
import { LEASES } from '../types/resource-type.ts';
import { formatMicroTime } from '../types/time.ts';
import type { ApiCore } from './core.ts';
import { leaseWith } from './registry/lease-renewal.ts';
import type { StoreCaller } from './storage/store-client.ts';
import type { StoredObject } from './storage/stored-object.ts';

/** One batch under way. */
class LeaseRenewals implements StoreCaller {
  readonly #conn: Conn;
  readonly #id: number;
  readonly #batch: LeaseBatch;
  /** Index in the batch of each item that went to the store. */
  readonly #sent: number[] = [];
  readonly #failed: number[] = [];
  readonly #reasons: number[] = [];

  constructor(conn: Conn, id: number, batch: LeaseBatch) {
    this.#conn = conn;
    this.#id = id;
    this.#batch = batch;
  }

  start(core: ApiCore): void {
    const cache = core.cacheOf(LEASES);
    const { ids, renewWallUs } = this.#batch;
    const keyIds: number[] = [];
    const expected: number[] = [];
    const values: StoredObject[] = [];
    const renewTime = formatMicroTime(renewWallUs);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      const current = cache.value(id);
      if (current === undefined) {
        this.#fail(i, LEASE_NOT_FOUND);
        continue;
      }
      keyIds.push(core.cluster.storeKeys.keyOf(cache.type, id));
      expected.push(current.revision);
      const lease = current.object as Lease;
      const next = leaseWith(lease, renewedSpec(lease.spec, renewTime));
      values.push(core.leaseContents.renewed(id, current, next));
      this.#sent.push(i);
    }
    if (values.length === 0) this.#answer(core);
    else {
      // The store's log keeps the batch: exact copies have no room to grow.
      const batch = new StoreBatch(keyIds.slice(), expected.slice(), values.slice());
      core.store.send(this, OP_STORE_BATCH, batch, core.ctx.costs.apiMutationUs);
    }
  }

  onStoreAnswer(core: ApiCore, answer: Payload): void {
    const ok = answer instanceof StoreBatchResponse;
    for (let k = 0; k < this.#sent.length; k++) {
      if (ok && answer.succeeded(k)) continue;
      this.#fail(this.#sent[k] as number, ok ? LEASE_CONFLICT : LEASE_UNKNOWN);
    }
    this.#answer(core);
  }

  onStoreLost(core: ApiCore): void {
    for (const i of this.#sent) this.#fail(i, LEASE_UNKNOWN);
    this.#answer(core);
  }

  #fail(index: number, reason: number): void {
    this.#failed.push(index);
    this.#reasons.push(reason);
  }

  #answer(core: ApiCore): void {
    core.ctx.sendOn(this.#conn, OP_LEASE_BATCH_RESULT, this.#id, 0, new LeaseBatchResult(this.#failed, this.#reasons));
  }
}

/** A kubelet's lease has three fields, and there is a version of it for every node and ten seconds: no room for the others. */
function renewedSpec(spec: Lease['spec'], renewTime: string): Lease['spec'] {
  const { holderIdentity, leaseDurationSeconds, acquireTime, leaseTransitions } = spec ?? {};
  return acquireTime === undefined && leaseTransitions === undefined
    ? { holderIdentity, leaseDurationSeconds, renewTime }
    : { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions };
}

/** Starts the batch that arrived with request id `id`. */
export function renewLeases(core: ApiCore, conn: Conn, id: number, batch: LeaseBatch): void {
  new LeaseRenewals(conn, id, batch).start(core);
}
