/**
 * Active-passive by a Lease: one of several equal processes leads, the others wait.
 *
 * client-go's rules (1.34, tools/leaderelection) step by step: a candidate tries every 2 to 4.4 s; whether a record is still
 * valid is judged by this process's own clock at the moment the record was *seen* to change, never by the times written in it,
 * so clock offsets do no harm, but a paused process or a wrong clock rate does. A leader renews every 2 s straight by
 * update, and after 10 s without success stops leading and exits. Nothing fences a leader that wakes up late.
 */
import type { Context } from '../sim/context.ts';
import { definePoint } from '../sim/registry.ts';
import { type Task, WAIT, type Wait } from '../sim/task.ts';
import type { Lease, LeaseSpec } from '../types/lease.ts';
import { LEASES } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { formatMicroTime } from '../types/time.ts';
import { type ApiRequest, type ApiResponse, VERB } from '../types/wire.ts';
import type { Client } from './client.ts';
import {
  BUG_COUNTS_RENEWALS,
  BUG_KEEPS_LEADING,
  BUG_KEEPS_OFF_EXPIRED,
  BUG_TAKES_VALID_LEASE,
  MARK_LEASE_CONFLICT,
  MARK_LEASE_LOST,
} from './marks.ts';
import { POINT_JITTER } from './points.ts';

/** A candidate believes from here on that it leads; the subject is a {@link LeadershipChange}. */
export const POINT_LEADING_STARTED = definePoint('leader.started', 'a candidate begins to lead');
/** … and from here on that it does not. */
const POINT_LEADING_STOPPED = definePoint('leader.stopped', 'a leader stops leading');

export interface LeadershipChange {
  readonly leaseName: string;
  readonly identity: string;
}

export interface LeaderElectorOptions {
  readonly client: Client;
  /** e.g. `kube-scheduler`. */
  readonly leaseName: string;
  /** Default `kube-system`. */
  readonly namespace?: string;
  /** Unique per candidate and start, e.g. `scheduler-1_<uuid>`. */
  readonly identity: string;
  /** Default 15 s, 10 s and 2 s; lease > renew deadline > 1.2 × retry. */
  readonly leaseDurationUs?: number;
  readonly renewDeadlineUs?: number;
  readonly retryPeriodUs?: number;
  /** Tries to give the lease up when renewing has failed; default false as in KCM, kube-scheduler sets it. */
  readonly releaseOnCancel?: boolean;
  readonly onStartedLeading: () => void;
  /** Default: the process exits with code 1, as kube-scheduler and KCM do. */
  readonly onStoppedLeading?: () => void;
}

/** JitterUntil's factor in acquire: a wait is the retry period times 1 to 2.2. */
const JITTER_FACTOR = 1.2;
const NO_RECORD: LeaseSpec = Object.freeze({});

export class LeaderElector {
  readonly ctx: Context;
  readonly identity: string;
  readonly #options: LeaderElectorOptions;
  readonly #namespace: string;
  readonly #leaseDurationUs: number;
  readonly #renewDeadlineUs: number;
  readonly #retryPeriodUs: number;
  #lease: Lease | null = null;
  /** The record as last seen, and when this process saw it change, µs of its own clock. */
  #observed: LeaseSpec = NO_RECORD;
  #observedAtUs = 0;
  #leading = false;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.ctx = options.client.ctx;
    this.identity = options.identity;
    this.#namespace = options.namespace ?? 'kube-system';
    this.#leaseDurationUs = options.leaseDurationUs ?? 15_000_000;
    this.#renewDeadlineUs = options.renewDeadlineUs ?? 10_000_000;
    this.#retryPeriodUs = options.retryPeriodUs ?? 2_000_000;
  }

  /** Whether this process believes that it leads. */
  get leading(): boolean {
    return this.#leading;
  }

  /** Starts the election's own task. */
  start(): Task {
    return this.ctx.startTask('leader-election', this.#options.leaseName, this.#run());
  }

  /**
   * Reads the lease, then writes an empty holder with one second's duration if this process held it when it last looked;
   * for a clean stop. False when the API server cannot be asked; that may take half the renew deadline.
   */
  *release(): Generator<Wait, boolean, unknown> {
    if ((yield* this.#ask(this.#readRequest(this.#renewDeadlineUs))) !== null) return false;
    if (!this.#holds()) return true;
    const now = formatMicroTime(this.ctx.wallUs());
    const record: LeaseSpec = {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: this.#lease?.spec?.leaseTransitions,
    };
    if ((yield* this.#ask(this.#writeRequest(record, this.#renewDeadlineUs, false))) !== null) return false;
    this.#observe(record);
    return true;
  }

  *#run(): Generator<Wait, void, unknown> {
    const { ctx } = this;
    const jitter = ctx.random('leader-election');
    while (!(yield* this.#tryAcquireOrRenew(this.#renewDeadlineUs))) {
      const share = jitter.nextFloat();
      const isJittered = ctx.intercept(POINT_JITTER, this.#retryPeriodUs * JITTER_FACTOR) !== false;
      yield* ctx.sleep(Math.floor(this.#retryPeriodUs * (1 + (isJittered ? share * JITTER_FACTOR : 0))));
    }
    this.#leading = true;
    ctx.observe(POINT_LEADING_STARTED, this.#change());
    this.#options.onStartedLeading();
    // The first renewal follows the acquisition at once. A lease that cannot be renewed is tried at each tick of the retry period, counted from
    // the round's first try, until the deadline; a tick during a try is taken right after it (wait.PollUntilContextTimeout).
    let roundUs = ctx.now();
    let triedUs = roundUs;
    for (;;) {
      const deadlineUs = roundUs + this.#renewDeadlineUs;
      const renewed = yield* this.#tryAcquireOrRenew(deadlineUs - triedUs);
      const ticks = Math.floor((triedUs - roundUs) / this.#retryPeriodUs) + 1;
      const tickUs = Math.min(roundUs + ticks * this.#retryPeriodUs, deadlineUs);
      const waitUs = renewed ? this.#retryPeriodUs : tickUs - ctx.now();
      if (waitUs > 0) yield* ctx.sleep(waitUs);
      triedUs = ctx.now();
      if (!renewed && triedUs < deadlineUs) continue;
      if (!renewed) {
        ctx.mark(MARK_LEASE_LOST);
        if (!ctx.bug(BUG_KEEPS_LEADING)) break;
        yield* ctx.sleep(this.#retryPeriodUs);
        triedUs = ctx.now();
      }
      roundUs = triedUs;
    }
    this.#leading = false;
    // As client-go's leaderOff: the lease counts as lost from here on, though work goes on while the release waits for its answer.
    ctx.observe(POINT_LEADING_STOPPED, this.#change());
    if (this.#options.releaseOnCancel === true) yield* this.release();
    if (this.#options.onStoppedLeading !== undefined) this.#options.onStoppedLeading();
    else ctx.exit(1);
  }

  /**
   * One attempt; `budgetUs` bounds what it waits for answers. true = this process holds the lease now. Who believes that it leads writes
   * straight; otherwise, and where that fails, the lease is read first.
   */
  *#tryAcquireOrRenew(budgetUs: number): Generator<Wait, boolean, unknown> {
    const { ctx } = this;
    const startedUs = ctx.now();
    const deadlineUs = startedUs + budgetUs;
    const now = formatMicroTime(ctx.wallUs());
    const straight = this.#holds() && this.#isValid(startedUs) ? this.#record(now, this.#observed) : null;
    let record = straight;
    let isRead = false;
    let isMissing = false;
    for (;;) {
      const leftUs = deadlineUs - ctx.now();
      if (leftUs <= 0) return false;
      const request: ApiRequest =
        record === null ? this.#readRequest(leftUs) : this.#writeRequest(record, leftUs, isMissing);
      const error: StatusError | null = yield* this.#ask(request);
      if (record !== null) {
        if (error === null) this.#observe(record);
        if (error === null || isRead) return error === null;
        record = null;
        continue;
      }
      isRead = true;
      isMissing = error?.isNotFound === true;
      if (error !== null && !isMissing) return false;
      // A leader whose lease was deleted makes it anew as it would have written it.
      record = isMissing
        ? (straight ?? this.#record(now, NO_RECORD))
        : this.#recordAfter(this.#lease?.spec ?? NO_RECORD, now, startedUs);
      if (record === null) return false;
    }
  }

  /** What to write over the record `seen`; null while somebody else holds the lease. */
  #recordAfter(seen: LeaseSpec, now: string, startedUs: number): LeaseSpec | null {
    if (!sameRecord(seen, this.#observed)) this.#observe(seen);
    const holder = seen.holderIdentity ?? '';
    const keeps = this.ctx.bug(BUG_KEEPS_OFF_EXPIRED);
    const valid = keeps || (this.#isValid(startedUs) && !this.ctx.bug(BUG_TAKES_VALID_LEASE));
    return holder !== '' && valid && !this.#holds() ? null : this.#record(now, seen);
  }

  /** Sends a request whose answer is the lease; what the server or the connection says against it, or null. */
  *#ask(request: ApiRequest): Generator<Wait, StatusError | null, unknown> {
    const call = this.#options.client.connection.sendFor(this.ctx.currentTask, request);
    try {
      this.#lease = ((yield WAIT) as ApiResponse).object as Lease;
      return null;
    } catch (error) {
      call.abandon();
      if (!(error instanceof StatusError)) throw error;
      if (error.isConflict || error.isAlreadyExists) this.ctx.mark(MARK_LEASE_CONFLICT);
      return error;
    }
  }

  /** The record this process would write at `now`, given the present one. */
  #record(now: string, present: LeaseSpec): LeaseSpec {
    const mine = present.holderIdentity === this.identity;
    const transitions = present.leaseTransitions ?? 0;
    const stays = (mine && !this.ctx.bug(BUG_COUNTS_RENEWALS)) || present === NO_RECORD;
    return {
      holderIdentity: this.identity,
      leaseDurationSeconds: Math.floor(this.#leaseDurationUs / 1_000_000),
      acquireTime: mine ? present.acquireTime : now,
      renewTime: now,
      leaseTransitions: stays ? transitions : transitions + 1,
    };
  }

  #readRequest(budgetUs: number): ApiRequest {
    const { client, leaseName } = this.#options;
    const options = { timeoutUs: this.#timeoutUs(budgetUs) };
    return client.connection.request(VERB.get, LEASES, this.#namespace, leaseName, options);
  }

  /** Writes `spec` over the lease as last seen, or a new lease where it is missing. */
  #writeRequest(spec: LeaseSpec, budgetUs: number, isMissing: boolean): ApiRequest {
    const { client, leaseName: name } = this.#options;
    const options = { timeoutUs: this.#timeoutUs(budgetUs) };
    const seen = isMissing ? undefined : this.#lease?.metadata;
    const metadata = seen ?? { name, namespace: this.#namespace };
    const lease: Lease = { apiVersion: LEASES.apiVersion, kind: LEASES.kind, metadata, spec };
    const verb = seen === undefined ? VERB.create : VERB.update;
    return client.connection.writeRequest(verb, LEASES, this.#namespace, name, '', lease, options);
  }

  #observe(record: LeaseSpec): void {
    this.#observed = record;
    this.#observedAtUs = this.ctx.now();
  }

  #holds(): boolean {
    return this.#observed.holderIdentity === this.identity;
  }

  /** Whether the observed record has not run out at local time `nowUs`. */
  #isValid(nowUs: number): boolean {
    return this.#observedAtUs + (this.#observed.leaseDurationSeconds ?? 0) * 1_000_000 > nowUs;
  }

  /** KCM and scheduler give their election client half the renew deadline a request. */
  #timeoutUs(budgetUs: number): number {
    return Math.min(Math.floor(this.#renewDeadlineUs / 2), budgetUs);
  }

  #change(): LeadershipChange {
    return { leaseName: this.#options.leaseName, identity: this.identity };
  }
}

function sameRecord(left: LeaseSpec, right: LeaseSpec): boolean {
  return (
    left.holderIdentity === right.holderIdentity &&
    left.leaseDurationSeconds === right.leaseDurationSeconds &&
    left.acquireTime === right.acquireTime &&
    left.renewTime === right.renewTime &&
    left.leaseTransitions === right.leaseTransitions
  );
}
