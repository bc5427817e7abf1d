/**
 * One of the two stores under comparison: a client, its leases by order, its watch streams.
 */
import { BytesValue } from '../../../core/store/v3/bytes-value.ts';
import type { Compare, RequestOp, TxnRequest } from '../../../core/store/v3/messages.ts';
import type { CallResult, EtcdClient } from '../../serve/etcd/client.ts';
import { txnToWire } from '../../serve/etcd/convert.ts';
import { RPC } from '../../serve/etcd/services.ts';
import type { ComparePlan, OpPlan, PutPlan, RangePlan, RevisionPlan, Step, TxnPlan, WatchPlan } from './step.ts';
import { WatchSession } from './watch-session.ts';

/** A lease that never exists. */
const NO_SUCH_LEASE = 0x0777_7777_7777n;

/** The revision a plan means when the store is at `current`. */
export function revisionOf(plan: RevisionPlan, current: number): number {
  return 'absolute' in plan ? plan.absolute : Math.max(1, current + plan.fromCurrent);
}

export class Side {
  readonly name: string;
  readonly client: EtcdClient;
  /** Ids of the script's leases by order. */
  readonly leases: bigint[] = [];
  /** Ids that the server chose, by order: what stands for them in a comparison. */
  readonly renamed = new Map<bigint, string>();
  /** Open streams by number. */
  readonly streams = new Map<number, WatchSession>();
  #memberId = 0n;

  constructor(name: string, client: EtcdClient) {
    this.name = name;
    this.client = client;
  }

  set memberId(id: bigint) {
    this.#memberId = id;
  }

  get memberId(): bigint {
    return this.#memberId;
  }

  stream(number: number): WatchSession {
    let session = this.streams.get(number);
    if (session === undefined) {
      session = new WatchSession(this.client);
      this.streams.set(number, session);
    }
    return session;
  }

  lease(order: number): bigint {
    if (order === -1) return 0n;
    return this.leases[order] ?? NO_SUCH_LEASE;
  }

  /** Sends what has one answer. `current`: the store's revision. */
  async run(step: Step, current: number): Promise<CallResult> {
    switch (step.kind) {
      case 'range':
        return await this.client.call(RPC.range, this.range(step.range, current));
      case 'put':
        return await this.client.call(RPC.put, this.put(step.put));
      case 'delete':
        return await this.client.call(RPC.deleteRange, step.deleteRange);
      case 'txn':
        return await this.client.call(RPC.txn, txnToWire(this.txn(step.txn, current)));
      case 'compact': {
        const request = { revision: revisionOf(step.revision, current), physical: step.physical };
        return await this.client.call(RPC.compact, request);
      }
      case 'lease grant':
        return await this.#grant(step.ttl, step.id);
      case 'lease revoke':
        return await this.client.call(RPC.leaseRevoke, { id: this.lease(step.lease) });
      case 'lease ttl':
        return await this.client.call(RPC.leaseTimeToLive, { id: this.lease(step.lease), keys: step.keys });
      case 'lease keepalive':
        return await this.client.keepAlive(this.lease(step.lease));
      case 'lease list':
        return await this.client.call(RPC.leaseLeases, {});
      case 'hash':
        return await this.client.call(RPC.hashKv, { revision: revisionOf(step.revision, current) });
      case 'alarm': {
        const { action, alarm } = step;
        return await this.client.call(RPC.alarm, { action, alarm, memberId: this.#memberId });
      }
      case 'move leader':
        return await this.client.call(RPC.moveLeader, { targetId: 12345n });
      case 'malformed':
        return await this.client.callRaw(RPC[step.rpc], Buffer.from(step.bytes, 'latin1'));
      case 'large put': {
        const value = new BytesValue(new Uint8Array(step.valueBytes).fill(0x61));
        return await this.client.call(RPC.put, { key: step.key, value });
      }
      default:
        throw new Error(`not a call: ${step.kind}`);
    }
  }

  async #grant(ttl: number, id: bigint): Promise<CallResult> {
    const order = this.leases.length;
    this.leases.push(id === 0n ? NO_SUCH_LEASE : id);
    const result = await this.client.call(RPC.leaseGrant, { ttl, id });
    if (id === 0n && result.ok) {
      const chosen = result.message['id'] as bigint;
      this.leases[order] = chosen;
      this.renamed.set(chosen, `lease ${order}`);
    }
    return result;
  }

  /** The request to create a watch. */
  watchCreate(plan: WatchPlan, current: number): object {
    const { startRevision, ...rest } = plan;
    return { op: 'create', create: { ...rest, startRevision: revisionOf(startRevision, current) } };
  }

  range(plan: RangePlan, current: number): RequestOp & { op: 'range' } extends { range: infer R } ? R : never {
    return {
      ...plan,
      revision: revisionOf(plan.revision, current),
      minModRevision: revisionOf(plan.minModRevision, current),
      maxModRevision: revisionOf(plan.maxModRevision, current),
      minCreateRevision: revisionOf(plan.minCreateRevision, current),
      maxCreateRevision: revisionOf(plan.maxCreateRevision, current),
    };
  }

  put(plan: PutPlan) {
    const { key, prevKv, ignoreValue, ignoreLease } = plan;
    const value = new BytesValue(Buffer.from(plan.value, 'latin1'));
    return { key, value, lease: this.lease(plan.lease), prevKv, ignoreValue, ignoreLease };
  }

  txn(plan: TxnPlan, current: number): TxnRequest {
    const op = (each: OpPlan): RequestOp => {
      if (each.op === 'range') return { op: 'range', range: this.range(each.range, current) };
      if (each.op === 'put') return { op: 'put', put: this.put(each.put) };
      return each.op === 'txn' ? { op: 'txn', txn: this.txn(each.txn, current) } : each;
    };
    return {
      compare: plan.compare.map((each) => this.#compare(each, current)),
      success: plan.success.map(op),
      failure: plan.failure.map(op),
    };
  }

  #compare(plan: ComparePlan, current: number): Compare & { readonly misplaced: boolean } {
    const { result, target, key, rangeEnd, misplaced } = plan;
    const value = Buffer.from(plan.value, 'latin1');
    const number = revisionOf(plan.number, current);
    return { result, target, key, rangeEnd, number, lease: this.lease(plan.lease), value, misplaced };
  }

  /** Closes all streams. */
  reset(): void {
    for (const session of this.streams.values()) session.close();
    this.streams.clear();
    this.leases.length = 0;
    this.renamed.clear();
  }
}
