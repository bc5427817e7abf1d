/**
 * Leases of a member, after etcd 3.6's server/etcdserver (server.go, v3_server.go): the leader alone renews and expires them.
 *
 * An expired lease is revoked through the log, at most {@link REVOKES_MAX} at a time. Always: nobody renews or revokes before a quorum has
 * confirmed that it leads, in the term in which it was promoted. A leader that hangs in its disk does not know that another one leads by
 * now, where clients renew what it still holds for expired (etcd issue 15247); nor, where it wins again meanwhile, that there was one.
 */
import type { Context } from '../sim/context.ts';
import { type Conn, NO_TIMER, type Payload, type Pid, type Timer } from '../sim/process.ts';
import { ERROR_NOT_LEADER, ERROR_TIMEOUT } from './errors.ts';
import {
  BUG_RENEW_EXPIRED,
  BUG_STALE_REVOKE,
  type LeaseChange,
  MARK_LEASE_EXPIRED,
  MARK_LEASE_FORWARDED,
  POINT_STORE_LEASE,
} from './member-names.ts';
import { REQUEST_TIMEOUT_US } from './member-reads.ts';
import type { Replica, ReplicaHost, WaitingRead } from './member-replica.ts';
import { OP_FORWARD_LATE, OP_LEASE_LOOP } from './member-timers.ts';
import { OP_STORE_LEASE, OP_STORE_PEER_LEASE, OP_STORE_PEER_LEASE_ANSWER, OP_STORE_RESPONSE } from './ops.ts';
import { LEASE_RENEW, StoreLease, StoreRequest } from './requests.ts';
import { StoreErrorResponse, StoreLeaseAnswer } from './responses.ts';
import { LEASE_LOOP_PERIOD_US } from './v3/lessor.ts';
import type { WriteRequest } from './v3/messages.ts';

/** Revocations of expired leases under way at a time (maxPendingRevokes). */
const REVOKES_MAX = 16;
/** Periods of the loop after which it looks in any case. */
const PERIODS_SLEPT_MAX = 10;
/** What a promoted member adds to every lease: the election timeout, µs. */
const PROMOTION_US = 1_000_000;

/** Leases found expired in a term, while the member makes sure that it leads. */
class ExpiredLeases implements Payload {
  readonly ids: readonly bigint[];
  readonly term: number;

  constructor(ids: readonly bigint[], term: number) {
    this.ids = ids;
    this.term = term;
  }

  contentHash(): number {
    return this.ids.length;
  }
}

/** A client's request that another member sent on. */
class ForwardedLease implements Payload {
  readonly request: StoreLease;
  readonly from: Pid;
  readonly token: number;

  constructor(request: StoreLease, from: Pid, token: number) {
    this.request = request;
    this.from = from;
    this.token = token;
  }

  contentHash(): number {
    return this.request.contentHash();
  }
}

export class MemberLeases {
  readonly #context: Context;
  readonly #host: ReplicaHost;
  readonly #replica: Replica;
  /** The loop's timer, when it fires, and the instant from which its periods count, µs on the member's clock. */
  #timer: Timer = NO_TIMER;
  #wakesUs = Number.POSITIVE_INFINITY;
  #originUs = 0;
  /** Expired leases that wait for their turn, and those whose revocation is under way. */
  #due: bigint[] = [];
  readonly #revoking = new Set<bigint>();
  /** Clients whose requests went on to the leader, by token. */
  readonly #forwarded = new Map<number, { readonly conn: Conn; readonly id: number }>();
  #tokens = 0;
  /** Term in which this member was promoted. */
  #term = 0;

  constructor(context: Context, host: ReplicaHost, replica: Replica) {
    this.#context = context;
    this.#host = host;
    this.#replica = replica;
  }

  /** Takes what concerns leases; false for anything else. */
  receive(op: number, from: Pid, a: number, payload: Payload | null, conn: Conn): boolean {
    switch (op) {
      case OP_STORE_LEASE:
        this.#ask(payload as StoreLease, conn, a);
        return true;
      case OP_STORE_PEER_LEASE:
        this.#replica.read({ payload: new ForwardedLease(payload as StoreLease, from, a), conn: -1, id: 0 });
        return true;
      case OP_STORE_PEER_LEASE_ANSWER:
        this.#forwardedAnswer(a, payload as Payload);
        return true;
      case OP_FORWARD_LATE:
        this.#forwardedAnswer(a, new StoreErrorResponse(ERROR_TIMEOUT));
        return true;
      case OP_LEASE_LOOP:
        this.#look();
        return true;
      default:
        return false;
    }
  }

  /** The leader answers when it has made sure that it leads; another member asks it. */
  #ask(request: StoreLease, conn: Conn, id: number): void {
    const leader = this.#replica.otherLeader;
    if (leader === undefined) {
      this.#replica.read({ payload: request, conn, id });
      return;
    }
    this.#context.mark(MARK_LEASE_FORWARDED);
    const token = ++this.#tokens;
    this.#forwarded.set(token, { conn, id });
    this.#context.send(leader, OP_STORE_PEER_LEASE, token, 0, request);
    this.#context.setTimer(REQUEST_TIMEOUT_US, OP_FORWARD_LATE, token);
  }

  #forwardedAnswer(token: number, answer: Payload): void {
    const client = this.#forwarded.get(token);
    if (client === undefined) return;
    this.#forwarded.delete(token);
    this.#context.sendOn(client.conn, OP_STORE_RESPONSE, client.id, 0, answer);
  }

  /** A quorum has confirmed the leader since `read` came, and everything before is applied. False if it is not about leases. */
  serve({ payload, conn, id }: WaitingRead): boolean {
    if (payload instanceof StoreLease) this.#context.sendOn(conn, OP_STORE_RESPONSE, id, 0, this.#carryOut(payload));
    else if (payload instanceof ForwardedLease) {
      const { request, from, token } = payload;
      this.#context.send(from, OP_STORE_PEER_LEASE_ANSWER, token, 0, this.#carryOut(request));
    } else if (payload instanceof ExpiredLeases) {
      if (this.#isPrimary() && payload.term === this.#term) this.#revoke(payload.ids);
    } else return false;
    return true;
  }

  /** Once leadership is confirmed: whether the leases are this term's. */
  #isPrimary(): boolean {
    return this.#replica.isLeader && this.#replica.term === this.#term && this.#host.engine.lessor.isPrimary;
  }

  #carryOut({ kind, leaseId }: StoreLease): Payload {
    const { lessor, revision } = this.#host.engine;
    if (!this.#isPrimary()) return new StoreErrorResponse(ERROR_NOT_LEADER);
    const now = this.#context.now();
    const id = BigInt(leaseId);
    if (kind === LEASE_RENEW) {
      const ttlS = lessor.renew(id, now, this.#context.bug(BUG_RENEW_EXPIRED));
      if (ttlS > 0) this.#show('renewed', id);
      return new StoreLeaseAnswer(revision, leaseId, ttlS, ttlS, []);
    }
    const lease = lessor.lookup(id);
    if (lease === undefined) return new StoreLeaseAnswer(revision, leaseId, -1, 0, []);
    return new StoreLeaseAnswer(revision, leaseId, lessor.remainingS(lease, now), lease.ttlS, [...lease.keys]);
  }

  /** This member leads, and everything of earlier terms is applied: all leases get their time again. */
  promoted(): void {
    this.#term = this.#replica.term;
    this.#originUs = this.#context.now();
    const { lessor } = this.#host.engine;
    lessor.promote(this.#originUs, PROMOTION_US);
    this.#arm(lessor.nextDueUs());
  }

  /** Another member leads, or none. */
  demoted(): void {
    this.#host.engine.lessor.demote();
    this.#due = [];
    this.#revoking.clear();
  }

  /** A request from the log was applied. */
  applied(request: WriteRequest): void {
    if (request.op === 'leaseGrant') this.#show('granted', request.leaseGrant.id);
    else if (request.op === 'leaseRevoke') this.#show('revoked', request.id);
    const { lessor } = this.#host.engine;
    if (request.op === 'leaseGrant')
      this.#arm(lessor.lookup(request.leaseGrant.id)?.expiryUs ?? Number.POSITIVE_INFINITY);
    else if (request.op === 'leaseCheckpoint') this.#arm(lessor.nextDueUs());
    else if (request.op === 'leaseRevoke' && this.#revoking.delete(request.id)) this.#revokeNext();
  }

  #show(change: LeaseChange['change'], id: bigint): void {
    const ttlS = this.#host.engine.lessor.lookup(id)?.ttlS ?? 0;
    this.#context.observe(POINT_STORE_LEASE, { change, id, ttlS } satisfies LeaseChange);
  }

  /**
   * The loop looks next in the first of its periods in which a lease is due at `dueUs`, and sooner where that is far: the clock's rate may
   * change meanwhile. It does not look while no lease has a time.
   */
  #arm(dueUs: number): void {
    if (dueUs === Number.POSITIVE_INFINITY) return;
    const now = this.#context.now();
    const next = Math.floor((now - this.#originUs) / LEASE_LOOP_PERIOD_US) + 1;
    const due = Math.ceil((dueUs - this.#originUs) / LEASE_LOOP_PERIOD_US);
    const wakesUs = this.#originUs + Math.min(Math.max(due, next), next + PERIODS_SLEPT_MAX) * LEASE_LOOP_PERIOD_US;
    if (wakesUs >= this.#wakesUs) return;
    this.#context.cancelTimer(this.#timer);
    this.#wakesUs = wakesUs;
    this.#timer = this.#context.setTimer(wakesUs - now, OP_LEASE_LOOP);
  }

  #look(): void {
    this.#timer = NO_TIMER;
    this.#wakesUs = Number.POSITIVE_INFINITY;
    const { lessor } = this.#host.engine;
    const now = this.#context.now();
    const ids = lessor.expired(now);
    if (ids.length > 0) {
      if (this.#context.bug(BUG_STALE_REVOKE)) this.#revoke(ids);
      else this.#replica.read({ payload: new ExpiredLeases(ids, this.#term), conn: -1, id: 0 });
    }
    const checkpoints = lessor.dueCheckpoints(now);
    if (checkpoints.length > 0) this.#replica.propose(new StoreRequest({ op: 'leaseCheckpoint', checkpoints }), -1, 0);
    this.#arm(lessor.nextDueUs());
  }

  #revoke(ids: readonly bigint[]): void {
    // One that is named again did not come through the first time.
    for (const id of ids) this.#revoking.delete(id);
    this.#due.push(...ids.filter((id) => !this.#due.includes(id)));
    this.#revokeNext();
  }

  #revokeNext(): void {
    while (this.#revoking.size < REVOKES_MAX) {
      const id = this.#due.shift();
      if (id === undefined) return;
      this.#context.mark(MARK_LEASE_EXPIRED);
      this.#revoking.add(id);
      this.#replica.propose(new StoreRequest({ op: 'leaseRevoke', id }), -1, 0);
    }
  }
}
