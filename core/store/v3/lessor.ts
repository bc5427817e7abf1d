/**
 * Leases of one member, after etcd 3.6's server/lease: granted and revoked through the log, expired and renewed by the primary
 * (the member that leads) alone.
 *
 * Always: a lease's keys are those whose newest put carried it. Times are the member's monotonic clock in µs. A member that is not
 * primary never lets a lease expire; on promotion every lease gets its whole time again (or what the last checkpoint left of it).
 */
import { ERROR_LEASE_EXISTS, ERROR_LEASE_NOT_FOUND, ERROR_LEASE_TTL_TOO_LARGE, type StoreError } from '../errors.ts';
import type { LeaseCheckpoint } from './messages.ts';

/** Longest time to live, s (MaxLeaseTTL). */
export const LEASE_TTL_MAX_S = 9_000_000_000;
/** Shortest time to live, s: 1.5 × election timeout of 1 s, rounded up. */
export const LEASE_TTL_MIN_S = 2;
/** Period of the loop that looks for expired leases, µs. */
export const LEASE_LOOP_PERIOD_US = 500_000;
/** Leases expired a second at most (defaultLeaseRevokeRate); a pass takes half of it. */
const LEASE_REVOKE_RATE = 1_000;
/** An expired lease whose revocation did not come through is tried again after this, µs. */
const EXPIRED_RETRY_US = 3_000_000;
/** Time between checkpoints of a lease's remaining time, s. */
const CHECKPOINT_INTERVAL_S = 300;

const FOREVER = Number.POSITIVE_INFINITY;
const US_PER_S = 1_000_000;

export class Lease {
  readonly id: bigint;
  /** Seconds granted. */
  readonly ttlS: number;
  /** Ids of the attached keys. */
  readonly keys = new Set<number>();
  /** Remaining seconds at the last checkpoint, 0 for none. */
  remainingTtlS = 0;
  expiryUs = FOREVER;
  /** Position among all refreshes: the order of leases that expire at the same time. */
  refreshed = 0;
  /** Before this an expired lease is not reported again. */
  retryAtUs = 0;
  checkpointAtUs = FOREVER;

  constructor(id: bigint, ttlS: number) {
    this.id = id;
    this.ttlS = ttlS;
  }

  /** Seconds the lease gets when it is refreshed. */
  get refreshTtlS(): number {
    return this.remainingTtlS > 0 ? this.remainingTtlS : this.ttlS;
  }
}

/** A lease as a snapshot keeps it. */
export interface LeaseImage {
  readonly id: bigint;
  readonly ttlS: number;
  readonly remainingTtlS: number;
}

export class Lessor {
  readonly #leases = new Map<bigint, Lease>();
  /** The lease looked up last: many keys are put under one, and a bigint is a slow key. */
  #found: Lease | undefined;
  /** Lease of each attached key id. */
  readonly #leaseOfKey = new Map<number, Lease>();
  #primary = false;
  #refreshes = 0;
  readonly #checkpoints: boolean;

  /** `checkpoints`: whether remaining times are logged now and then (etcd's LeaseCheckpoint gate, off by default). */
  constructor(checkpoints = false) {
    this.#checkpoints = checkpoints;
  }

  get isPrimary(): boolean {
    return this.#primary;
  }

  get count(): number {
    return this.#leases.size;
  }

  lookup(id: bigint): Lease | undefined {
    if (this.#found?.id === id) return this.#found;
    this.#found = this.#leases.get(id);
    return this.#found;
  }

  /** Grants a lease of at least `ttlS` seconds. */
  grant(id: bigint, ttlS: number, nowUs: number): Lease | StoreError {
    if (id === 0n) return ERROR_LEASE_NOT_FOUND;
    if (ttlS > LEASE_TTL_MAX_S) return ERROR_LEASE_TTL_TOO_LARGE;
    if (this.#leases.has(id)) return ERROR_LEASE_EXISTS;
    const lease = new Lease(id, Math.max(ttlS, LEASE_TTL_MIN_S));
    this.#leases.set(id, lease);
    if (this.#primary) this.#refresh(lease, nowUs, 0);
    return lease;
  }

  /** Forgets a lease; the caller deletes its keys in the same transaction. */
  remove(lease: Lease): void {
    for (const keyId of lease.keys) this.#leaseOfKey.delete(keyId);
    this.#leases.delete(lease.id);
    this.#found = undefined;
  }

  /**
   * Starts the lease's time anew. Returns its seconds, or 0 when there is no such lease, or it has expired and its revocation may be under
   * way. Only the primary may be asked. `evenExpired` is a bug switch.
   */
  renew(id: bigint, nowUs: number, evenExpired = false): number {
    const lease = this.#leases.get(id);
    if (lease === undefined || (lease.expiryUs <= nowUs && !evenExpired)) return 0;
    lease.remainingTtlS = 0;
    this.#refresh(lease, nowUs, 0);
    return lease.ttlS;
  }

  /** Whole seconds left, as etcd truncates them. */
  remainingS(lease: Lease, nowUs: number): number {
    return lease.expiryUs === FOREVER ? Number.MAX_SAFE_INTEGER : Math.trunc((lease.expiryUs - nowUs) / US_PER_S);
  }

  /** All leases, those that expire first in front. */
  leases(): Lease[] {
    return [...this.#leases.values()].sort((a, b) =>
      a.expiryUs === b.expiryUs ? a.refreshed - b.refreshed : a.expiryUs - b.expiryUs,
    );
  }

  /** Makes the key belong to `leaseId` (0: to none). The lease exists. */
  attach(keyId: number, leaseId: bigint): void {
    const before = this.#leaseOfKey.get(keyId);
    if (before === undefined ? leaseId === 0n : before.id === leaseId) return;
    this.detach(keyId);
    const lease = this.lookup(leaseId);
    if (lease === undefined) return;
    lease.keys.add(keyId);
    this.#leaseOfKey.set(keyId, lease);
  }

  detach(keyId: number): void {
    if (this.#leaseOfKey.size === 0) return;
    const lease = this.#leaseOfKey.get(keyId);
    if (lease === undefined) return;
    lease.keys.delete(keyId);
    this.#leaseOfKey.delete(keyId);
  }

  /** Becomes the one that expires leases: all get their time again, plus `extendUs`; pile-ups are spread. */
  promote(nowUs: number, extendUs: number): void {
    this.#primary = true;
    for (const lease of this.#leases.values()) this.#refresh(lease, nowUs, extendUs);
    if (this.#leases.size >= LEASE_REVOKE_RATE) this.#spread(nowUs, extendUs);
  }

  /** Moves leases so that no second expires more than three quarters of the rate. */
  #spread(nowUs: number, extendUs: number): void {
    const most = (3 * LEASE_REVOKE_RATE) / 4;
    const leases = this.leases();
    let base = (leases[0] as Lease).expiryUs - nowUs;
    let next = base + US_PER_S;
    let expires = 0;
    for (const lease of leases) {
      const remaining = lease.expiryUs - nowUs;
      if (remaining > next) {
        base = remaining;
        next = base + US_PER_S;
        expires = 1;
        continue;
      }
      expires++;
      if (expires <= most) continue;
      const delay = (US_PER_S * expires) / most - (remaining - base);
      next = base + delay;
      this.#refresh(lease, nowUs, delay + extendUs);
    }
  }

  /** Stops expiring leases: somebody else does. */
  demote(): void {
    this.#primary = false;
    for (const lease of this.#leases.values()) {
      lease.expiryUs = FOREVER;
      lease.checkpointAtUs = FOREVER;
    }
  }

  /** Ids of the leases to revoke now, at most half the rate; each is named again after a while if nothing came of it. */
  expired(nowUs: number): bigint[] {
    if (!this.#primary) return [];
    const due: bigint[] = [];
    for (const lease of this.#leases.values()) {
      if (lease.expiryUs > nowUs || lease.retryAtUs > nowUs) continue;
      lease.retryAtUs = nowUs + EXPIRED_RETRY_US;
      due.push(lease.id);
      if (due.length === LEASE_REVOKE_RATE / 2) break;
    }
    return due;
  }

  /** Remaining times to log now. */
  dueCheckpoints(nowUs: number): LeaseCheckpoint[] {
    if (!this.#primary || !this.#checkpoints) return [];
    const due: LeaseCheckpoint[] = [];
    for (const lease of this.#leases.values()) {
      if (lease.checkpointAtUs > nowUs) continue;
      lease.checkpointAtUs = FOREVER;
      const remainingTtl = Math.ceil((lease.expiryUs - nowUs) / US_PER_S);
      if (remainingTtl > 0 && remainingTtl < lease.ttlS) due.push({ id: lease.id, remainingTtl });
    }
    return due;
  }

  /** When {@link expired} or {@link dueCheckpoints} may name a lease next, µs; infinity where none has a time. O(leases). */
  nextDueUs(): number {
    let next = FOREVER;
    if (!this.#primary) return next;
    for (const { expiryUs, retryAtUs, checkpointAtUs } of this.#leases.values()) {
      next = Math.min(next, Math.max(expiryUs, retryAtUs), checkpointAtUs);
    }
    return next;
  }

  /** Takes over a logged remaining time. */
  checkpoint(id: bigint, remainingTtlS: number, nowUs: number): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    lease.remainingTtlS = remainingTtlS;
    if (this.#primary) this.#scheduleCheckpoint(lease, nowUs);
  }

  #refresh(lease: Lease, nowUs: number, extendUs: number): void {
    lease.expiryUs = nowUs + extendUs + lease.refreshTtlS * US_PER_S;
    lease.refreshed = ++this.#refreshes;
    lease.retryAtUs = 0;
    this.#scheduleCheckpoint(lease, nowUs);
  }

  #scheduleCheckpoint(lease: Lease, nowUs: number): void {
    const wanted = this.#checkpoints && lease.refreshTtlS > CHECKPOINT_INTERVAL_S;
    lease.checkpointAtUs = wanted ? nowUs + CHECKPOINT_INTERVAL_S * US_PER_S : FOREVER;
  }

  image(): LeaseImage[] {
    return Array.from(this.#leases.values(), ({ id, ttlS, remainingTtlS }) => ({ id, ttlS, remainingTtlS }));
  }

  /** Replaces everything; keys are attached anew by the caller, expiry waits for {@link promote}. */
  load(image: readonly LeaseImage[]): void {
    this.#leases.clear();
    this.#found = undefined;
    this.#leaseOfKey.clear();
    this.#primary = false;
    for (const { id, ttlS, remainingTtlS } of image) {
      const lease = new Lease(id, Math.max(ttlS, LEASE_TTL_MIN_S));
      lease.remainingTtlS = remainingTtlS;
      this.#leases.set(id, lease);
    }
  }
}
