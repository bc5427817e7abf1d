/**
 * Watches under faults: clients that stop reading for a while, at members that crash, are cut off, and compact their history.
 *
 * What must hold (etcd's watch guarantees): a watch shows each committed change from its start once and in order, none below its start, and ends
 * only where its next change is compacted away; a progress revision comes only when all up to it was shown, and comes to quiet watches. Watches are few and channels short, so
 * that they fill. A run is a function of its seed.
 */
import { Sfc32, seedOf } from '../../base/random.ts';
import type { Payload } from '../../sim/process.ts';
import {
  OP_STORE_PROGRESS,
  OP_STORE_PROGRESS_REQUEST,
  OP_STORE_REQUEST,
  OP_STORE_TXN,
  OP_STORE_WATCH,
  OP_STORE_WATCH_CANCELED,
  OP_STORE_WATCH_EVENTS,
  type StoreEvent,
  type StoreProgress,
  StoreRequest,
  StoreTxn,
  StoreWatch,
  type StoreWatchCanceled,
  type StoreWatchEvents,
} from '../../store/client-interface.ts';
import { POINT_STORE_COMMIT } from '../../store/member-names.ts';
import { GroupJudge } from './group-judge.ts';
import { StoreGroup } from './store-group.ts';
import { TextValue } from './value-fixture.ts';

const MEMBERS = 3;
const KEYS = 4;
const STEP_MS = 5;
const FAULTS_MS = 8_000;
/** Two periods of progress notices and some. */
const HEAL_MS = 12_000;
const WATCHES_MAX = 3;
/** Longer than anything waits on a connection. */
const YOUNG_US = 2_000_000;

/** A watch of a client over all keys. */
interface Watched {
  readonly start: number;
  /** When it was asked for, µs. */
  readonly sinceUs: number;
  /** Number of the next committed change it must show; −1: it was judged and failed. */
  next: number;
  /** Revision of the last progress notice. */
  told: number;
}

class WatchCampaign {
  readonly group: StoreGroup;
  readonly judge: GroupJudge;
  readonly #draws: Sfc32;
  readonly #commits: StoreEvent[] = [];
  /** By client: its watches by id. */
  readonly #watches: Map<number, Watched>[] = [];
  readonly #conns: number[] = [];
  #watchIds = 0;
  #texts = 0;
  #ends: { readonly atMs: number; readonly id: number; readonly end: () => void }[] = [];

  constructor(seed: number, bugs: readonly string[]) {
    this.#draws = Sfc32.named(seedOf(seed), 'watches', 'plan');
    const streams = { windowMessages: 3, channelResponses: 6 };
    this.group = new StoreGroup({
      members: MEMBERS,
      seed,
      bugs,
      snapshotEntries: 60,
      catchUpEntries: 10,
      member: { streams },
    });
    this.judge = new GroupJudge(this.group);
    this.group.sim.observation.listen(POINT_STORE_COMMIT, (_pid, event) => {
      // A change that is applied anew after a crash is no new change.
      if ((event as StoreEvent).revision >= (this.#commits.at(-1)?.revision ?? 0))
        this.#commits.push(event as StoreEvent);
    });
  }

  run(): void {
    const { group } = this;
    group.run(500);
    group.clients.forEach((client, at) => {
      this.#watches.push(new Map());
      const hear = (op: number, a: number, payload: Payload): void => this.#hear(at, op, a, payload);
      client.heard = hear;
    });
    for (let ms = 0; ms < FAULTS_MS; ms += STEP_MS) {
      this.#endFaults(ms);
      if (this.#draws.below(2) === 0) this.#write();
      if (this.#draws.below(20) === 0) this.#watch(this.#draws.below(MEMBERS));
      if (this.#draws.below(100) === 0) this.#compact();
      if (this.#draws.below(50) === 0)
        group.client(1 + this.#draws.below(MEMBERS)).watch(OP_STORE_PROGRESS_REQUEST, 0, null);
      if (this.#draws.below(40) === 0 && this.#ends.length < 2) this.#fault(ms);
      group.run(STEP_MS);
    }
    this.#endFaults(Number.POSITIVE_INFINITY);
    group.run(HEAL_MS);
    this.#atRest();
  }

  #write(): void {
    const client = this.group.client(1 + this.#draws.below(MEMBERS));
    const keyId = this.group.keys.intern(`/k${this.#draws.below(KEYS)}`);
    const value = this.#draws.below(3) === 0 ? null : new TextValue(`v${++this.#texts}`);
    client.ask(OP_STORE_TXN, new StoreTxn(keyId, -1, value));
  }

  /** A new watch from a revision that is past, compacted, next or still to come. */
  #watch(at: number): void {
    const { group } = this;
    const watches = this.#watches[at] as Map<number, Watched>;
    const client = group.client(at + 1);
    if (client.conn !== this.#conns[at]) watches.clear();
    if (watches.size >= WATCHES_MAX) return;
    const { mvcc } = group.member(at + 1);
    const starts = [
      mvcc.revision + 1 - this.#draws.below(20),
      mvcc.compactRevision,
      mvcc.revision + this.#draws.below(30),
    ];
    const start = Math.max(1, starts[this.#draws.below(3)] as number);
    const id = ++this.#watchIds;
    watches.set(id, { start, sinceUs: group.sim.now, next: this.#indexOf(start), told: 0 });
    client.watch(OP_STORE_WATCH, id, StoreWatch.ofPrefix('/', { startRevision: start, joinsAnswers: id % 2 === 0 }));
    this.#conns[at] = client.conn;
  }

  /** Number of the first change at or after `revision`; those to come have numbers already where the history is without gaps. */
  #indexOf(revision: number): number {
    const at = this.#commits.findIndex((commit) => commit.revision >= revision);
    if (at >= 0) return at;
    // Each write changes one key: a revision is a change.
    const last = this.#commits.at(-1)?.revision ?? 1;
    return this.#commits.length + Math.max(0, revision - last - 1);
  }

  #compact(): void {
    const deletions = this.#commits.slice(-30).filter(({ value }) => value === null);
    const { revision } = deletions[this.#draws.below(Math.max(1, deletions.length))] ?? { revision: 0 };
    if (revision > 0) {
      this.group.client(1 + this.#draws.below(MEMBERS)).ask(OP_STORE_REQUEST, StoreRequest.compaction(revision));
    }
  }

  #hear(at: number, op: number, a: number, payload: Payload): void {
    const watches = this.#watches[at] as Map<number, Watched>;
    if (op === OP_STORE_WATCH_EVENTS) {
      const { watchIds, batches } = payload as StoreWatchEvents;
      watchIds.forEach((id, i) => {
        const watched = watches.get(id);
        if (watched !== undefined) for (const event of batches[i]?.events ?? []) this.#event(id, watched, event);
      });
    } else if (op === OP_STORE_PROGRESS) {
      const { revision } = payload as StoreProgress;
      // An answer for all watches may have been on its way before a young one began: etcd does not order the two either.
      const oldUs = this.group.sim.now - YOUNG_US;
      for (const [id, watched] of watches) {
        if (a === id || (a === -1 && watched.sinceUs < oldUs)) this.#progress(id, watched, revision);
      }
    } else if (op === OP_STORE_WATCH_CANCELED) this.#canceled(watches, a, payload as StoreWatchCanceled);
  }

  #event(id: number, watched: Watched, event: StoreEvent): void {
    if (watched.next < 0) return;
    const commit = this.#commits[watched.next];
    if (commit?.revision === event.revision && commit.keyId === event.keyId && commit.value === event.value) {
      watched.next++;
      return;
    }
    watched.next = -1;
    this.judge.violate(
      `watch: ${id} from ${watched.start} shows ${event.revision} in the place of ${commit?.revision}`,
    );
  }

  #progress(id: number, watched: Watched, revision: number): void {
    watched.told = revision;
    const commit = watched.next < 0 ? undefined : this.#commits[watched.next];
    if (commit === undefined || commit.revision > revision) return;
    this.judge.violate(`watch: ${id} is told of progress to ${revision} and has not seen ${commit.revision}`);
  }

  #canceled(watches: Map<number, Watched>, id: number, { compactRevision }: StoreWatchCanceled): void {
    const watched = watches.get(id);
    if (watched === undefined) return;
    watches.delete(id);
    const next = watched.next < 0 ? undefined : (this.#commits[watched.next]?.revision ?? watched.start);
    if (compactRevision > 0 && next !== undefined && Math.max(next, watched.start) >= compactRevision) {
      this.judge.violate(`watch: ${id} ends as compacted at ${compactRevision} before ${next}`);
    }
  }

  #fault(ms: number): void {
    const { group } = this;
    const id = 1 + this.#draws.below(MEMBERS);
    if (this.#ends.some((fault) => fault.id === id)) return;
    const add = (lengthMs: number, end: () => void): void => {
      this.#ends.push({ atMs: ms + 20 + this.#draws.below(lengthMs), id, end });
    };
    const kind = this.#draws.below(8);
    if (kind <= 4) {
      const pid = group.clientPids[id - 1] as number;
      group.sim.pause(pid);
      add(400, () => group.sim.resume(pid));
    } else if (kind === 5) {
      group.crash(id, 'lost');
      add(1_000, () => group.restart(id));
    } else if (kind === 6) {
      group.cut(id, 1);
      add(1_500, () => group.cut(id, -1));
    } else group.member(group.leader() || 1).group?.transferLeader(id);
  }

  #endFaults(ms: number): void {
    const ended = this.#ends.filter(({ atMs }) => atMs <= ms);
    this.#ends = this.#ends.filter(({ atMs }) => atMs > ms);
    for (const { end } of ended) end();
  }

  /** At rest every watch that has not ended has shown everything, and told so. */
  #atRest(): void {
    this.judge.atRest();
    this.group.clients.forEach((client, at) => {
      if (client.conn !== this.#conns[at]) return;
      const { revision } = this.group.member(at + 1).mvcc;
      for (const [id, { next, start, told }] of this.#watches[at] as Map<number, Watched>) {
        if (next < 0) continue;
        if (told < revision && start <= revision)
          this.judge.violate(`progress: ${id} is told of ${told}, not of ${revision}`);
        if (next >= this.#commits.length) continue;
        const missing = this.#commits[next]?.revision;
        this.judge.violate(`watch: ${id} from ${start} of client ${at + 1} never showed ${missing}`);
      }
    });
  }
}

/** What one run breaks; empty where everything holds. */
export function watchCampaign(seed: number, bugs: readonly string[] = []): readonly string[] {
  const run = new WatchCampaign(seed, bugs);
  run.run();
  return run.judge.violations;
}
