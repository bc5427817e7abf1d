/**
 * Leases under faults: clients that hold leases renew them at any member, while leaders hang in their disks, apply slowly, crash and lose
 * their links.
 *
 * Some holders come late, when their lease may have expired; who is told that it has takes a new one. What must hold: a lease whose renewal
 * was acknowledged is not revoked before its time, counted from when the renewal was sent; a lease that nobody renews is gone at the end.
 * Nobody but the store deletes what hangs on a lease. A run is a function of its seed.
 */
import { Sfc32, seedOf } from '../../base/random.ts';
import type { Interceptor } from '../../sim/observation.ts';
import {
  LEASE_RENEW,
  OP_STORE_LEASE,
  OP_STORE_REQUEST,
  StoreAnswer,
  type StoreEvent,
  StoreLease,
  StoreLeaseAnswer,
  StoreRequest,
} from '../../store/client-interface.ts';
import { POINT_STORE_APPLY_BATCH, POINT_STORE_COMMIT } from '../../store/member-names.ts';
import type { WriteRequest } from '../../store/v3/messages.ts';
import { GroupJudge } from './group-judge.ts';
import { StoreGroup } from './store-group.ts';
import { grant, put } from './v3-requests.ts';

const MEMBERS = 3;
const LEASES = 6;
const STEP_MS = 20;
const FAULTS_MS = 24_000;
const HEAL_MS = 12_000;
/** Between two renewals of a lease: in time, or about when it expires. */
const RENEWAL_MS = 500;
const LATE_MS = 2_400;

/** A lease and its holder. */
interface Holding {
  readonly id: number;
  readonly key: string;
  readonly ttlS: number;
  /** Instant from which it has its whole time: when the last acknowledged grant or renewal was sent, µs; −1: not granted yet. */
  sinceUs: number;
  /** When its key was deleted, µs; −1: not yet. */
  goneUs: number;
  /** It is renewed until then, ms. */
  readonly untilMs: number;
  readonly everyMs: number;
  nextMs: number;
}

interface Asked {
  readonly holding: Holding;
  readonly member: number;
  readonly request: number;
  readonly sentUs: number;
}

class LeaseCampaign {
  readonly group: StoreGroup;
  readonly judge: GroupJudge;
  readonly #draws: Sfc32;
  readonly #holdings: Holding[] = [];
  #asked: Asked[] = [];
  #ends: { readonly atMs: number; readonly id: number; readonly end: () => void }[] = [];

  constructor(seed: number, bugs: readonly string[]) {
    this.#draws = Sfc32.named(seedOf(seed), 'leases', 'plan');
    this.group = new StoreGroup({ members: MEMBERS, seed, bugs });
    this.judge = new GroupJudge(this.group);
    this.group.sim.observation.listen(POINT_STORE_COMMIT, (_pid, event) => this.#changed(event as StoreEvent));
  }

  run(): void {
    const { group } = this;
    group.run(500);
    for (let id = 1; id <= LEASES; id++) this.#holdings.push(this.#holding(id, 0));
    for (let ms = 0; ms < FAULTS_MS + HEAL_MS; ms += STEP_MS) {
      this.#endFaults(ms < FAULTS_MS ? ms : Number.POSITIVE_INFINITY);
      if (ms < FAULTS_MS && this.#ends.length === 0 && this.#draws.below(40) === 0) this.#fault(ms);
      for (const holding of this.#holdings) if (ms < holding.untilMs && ms >= holding.nextMs) this.#renew(holding, ms);
      this.#takeAnswers();
      group.run(STEP_MS);
    }
    this.judge.atRest();
    for (const lease of this.group.member(1).engine.lessor.leases()) {
      this.judge.violate(`lease: ${lease.id} outlives its time for ever`);
    }
  }

  #holding(id: number, nextMs: number): Holding {
    const untilMs = this.#draws.below(4) === 0 ? this.#draws.below(FAULTS_MS) : FAULTS_MS;
    const [ttlS, everyMs] = this.#draws.below(3) === 0 ? [2, LATE_MS] : [2 + this.#draws.below(2), RENEWAL_MS];
    return { id, key: `/lease/${id}`, ttlS, sinceUs: -1, goneUs: -1, untilMs, everyMs, nextMs };
  }

  #renew(holding: Holding, ms: number): void {
    holding.nextMs = ms + holding.everyMs + this.#draws.below(100);
    const { id, ttlS, key, sinceUs } = holding;
    const member = 1 + this.#draws.below(MEMBERS);
    const client = this.group.client(member);
    const write = (request: WriteRequest): number => client.ask(OP_STORE_REQUEST, new StoreRequest(request));
    let request: number;
    if (sinceUs < 0) request = write(grant(id, ttlS));
    else {
      request = client.ask(OP_STORE_LEASE, new StoreLease(LEASE_RENEW, id));
      if (holding.goneUs < 0) write(put(key, `v${ms}`, { lease: BigInt(id) }));
    }
    this.#asked.push({ holding, member, request, sentUs: this.group.sim.now });
  }

  #takeAnswers(): void {
    const open: Asked[] = [];
    for (const asked of this.#asked) {
      const answer = this.group.client(asked.member).answers.get(asked.request);
      if (answer === undefined) open.push(asked);
      else if (answer instanceof StoreAnswer) this.#granted(asked.holding, asked.sentUs);
      else if (answer instanceof StoreLeaseAnswer && answer.ttlS > 0) this.#renewed(asked.holding, asked.sentUs);
      else if (answer instanceof StoreLeaseAnswer) this.#replace(asked.holding);
    }
    this.#asked = open;
  }

  /** A grant that was asked for twice makes a second lease of the same id once the first has ended. */
  #granted(holding: Holding, sentUs: number): void {
    holding.goneUs = -1;
    this.#renewed(holding, sentUs);
  }

  /** The holder was told that its lease is gone: it takes another. */
  #replace(holding: Holding): void {
    const at = this.#holdings.indexOf(holding);
    if (at >= 0) this.#holdings[at] = this.#holding(holding.id + LEASES, holding.nextMs);
  }

  /** From `sentUs` on the lease has its whole time. */
  #renewed(holding: Holding, sentUs: number): void {
    holding.sinceUs = Math.max(holding.sinceUs, sentUs);
    if (holding.goneUs >= 0) this.#judgeEnd(holding);
  }

  #changed({ keyId, value }: StoreEvent): void {
    if (value !== null) return;
    const key = this.group.keys.keyOf(keyId);
    const holding = this.#holdings.find((other) => other.key === key);
    if (holding === undefined) return;
    holding.goneUs = this.group.sim.now;
    this.#judgeEnd(holding);
  }

  #judgeEnd({ id, sinceUs, goneUs, ttlS }: Holding): void {
    const livedUs = goneUs - sinceUs;
    if (livedUs >= ttlS * 1_000_000) return;
    this.judge.violate(`lease: ${id} of ${ttlS} s is revoked ${livedUs} µs after a renewal that was acknowledged`);
  }

  /** One fault at a time: the leader, mostly, hangs in its disk, crashes or is cut off. */
  #fault(ms: number): void {
    const { group } = this;
    const leader = group.leader();
    const id = leader > 0 && this.#draws.below(4) > 0 ? leader : 1 + this.#draws.below(MEMBERS);
    const atMs = ms + 1_000 + this.#draws.below(3_000);
    const add = (end: () => void): void => {
      this.#ends.push({ atMs, id, end });
    };
    const kind = this.#draws.below(5);
    if (kind === 0) {
      const { conditions } = group.sim.diskOf(group.pids[id - 1] as number);
      conditions.extraSyncUs = 1_000_000 * (2 + this.#draws.below(4));
      add(() => {
        conditions.extraSyncUs = 0;
      });
    } else if (kind === 1) {
      const disks = group.pids.map((pid) => group.sim.diskOf(pid).conditions);
      for (const disk of disks) disk.extraSyncUs = 1_000 * (100 + this.#draws.below(300));
      add(() => {
        for (const disk of disks) disk.extraSyncUs = 0;
      });
    } else if (kind === 4) {
      const slow: Interceptor = (pid) => (pid === group.pids[id - 1] ? slowUs : undefined);
      const slowUs = 1_000 * (10 + this.#draws.below(60));
      group.sim.observation.setInterceptor(POINT_STORE_APPLY_BATCH, slow);
      add(() => group.sim.observation.setInterceptor(POINT_STORE_APPLY_BATCH, null));
    } else if (kind === 2) {
      group.crash(id, 'lost');
      add(() => group.restart(id));
    } else {
      group.cut(id, 1);
      add(() => group.cut(id, -1));
    }
  }

  #endFaults(ms: number): void {
    const ended = this.#ends.filter(({ atMs }) => atMs <= ms);
    this.#ends = this.#ends.filter(({ atMs }) => atMs > ms);
    for (const { end } of ended) end();
  }
}

/** What one run breaks; empty where everything holds. */
export function leaseCampaign(seed: number, bugs: readonly string[] = []): readonly string[] {
  const run = new LeaseCampaign(seed, bugs);
  run.run();
  return run.judge.violations;
}
