/**
 * Random requests and faults against a group of store members, judged by what must hold whatever happens.
 *
 * Every put writes a value of its own, so what was read tells which put it saw. A run is a function of its seed.
 */
import { Sfc32, seedOf } from '../../base/random.ts';
import type { StoreTxnResponse } from '../../store/client-interface.ts';
import { OP_STORE_WATCH, StoreErrorResponse, StoreWatch } from '../../store/client-interface.ts';
import { GroupJudge } from './group-judge.ts';
import { StoreGroup } from './store-group.ts';
import { textOf } from './value-fixture.ts';

const KEYS = 4;
/** Length of the part with faults, ms, and between two steps of it. */
const FAULTS_MS = 15_000;
const STEP_MS = 10;
const HEAL_MS = 9_000;

/**
 * What is done: `mixed` faults of all kinds; `figure-eight`: leaders crash just after they took writes (figure 8 of the Raft
 * paper); `votes`: elections over lossy links, and voters that crash for a moment just after they voted; `power`: all members
 * lose power at once, with slow disks; `reads`: members that are paused or cut off, and leaders that change, under many reads.
 */
export type Style = 'mixed' | 'figure-eight' | 'votes' | 'power' | 'reads';

export interface TortureSettings {
  readonly seed: number;
  readonly style?: Style;
  readonly bugs?: readonly string[];
  readonly members?: number;
}

class Torture {
  readonly group: StoreGroup;
  readonly judge: GroupJudge;
  readonly #draws: Sfc32;
  readonly #members: number;
  readonly #style: Style;
  /** What ends at which time, ms: faults under way. */
  #ends: { readonly atMs: number; readonly id: number; readonly end: () => void }[] = [];
  /** Puts by member and request: key and text. */
  readonly #puts = new Map<string, { readonly key: string; readonly text: string }>();
  #texts = 0;

  constructor({ seed, bugs = [], members = 3, style = 'mixed' }: TortureSettings) {
    this.#style = style;
    this.#draws = Sfc32.named(seedOf(seed), 'torture', 'plan');
    this.#members = members;
    const messageBytes = style === 'figure-eight' ? { messageBytes: 1 } : {};
    // Every other run as clusters do it: without the heartbeats that nobody would notice. Over lossy links all are sent.
    const beats = style !== 'votes' && seed % 2 === 0;
    const settings = { members, seed, bugs, snapshotEntries: 40, catchUpEntries: 10, beats };
    this.group = new StoreGroup({ ...settings, ...messageBytes });
    this.judge = new GroupJudge(this.group);
  }

  run(): void {
    const { group } = this;
    group.run(500);
    for (let id = 1; id <= this.#members; id++) {
      group.client(id).watch(OP_STORE_WATCH, 1, StoreWatch.ofPrefix('/', { startRevision: 1 }));
    }
    if (this.#style === 'figure-eight') this.#figureEight();
    else if (this.#style === 'votes') this.#crashVoters();
    else {
      for (let ms = 0; ms < FAULTS_MS; ms += STEP_MS) {
        this.#endFaults(ms);
        if (this.#style === 'reads') this.#readOrPut();
        else if (this.#draws.below(3) === 0) this.#request();
        if (this.#style === 'power') this.#losePower();
        else if (this.#draws.below(this.#style === 'reads' ? 15 : 60) === 0 && this.#ends.length < this.#members - 1)
          this.#fault(ms);
        group.run(STEP_MS);
      }
    }
    this.#endFaults(Number.POSITIVE_INFINITY);
    for (let id = 1; id <= this.#members; id++) if (!group.isUp(id)) group.restart(id);
    group.run(HEAL_MS);
    this.#judge();
  }

  /** Leaders lose their messages, or crash, a moment after they took writes; there is always a majority that could go on. */
  #figureEight(): void {
    const { group } = this;
    for (let round = 0; round < 40; round++) {
      const isLossy = this.#draws.below(2) === 0;
      for (let i = 0; i < 600 && group.leader() === 0; i++) group.run(5);
      const leader = group.leader();
      if (leader > 0) {
        // A leader that is cut off keeps what it wrote to itself.
        if (isLossy) group.cut(leader, 1, 'from');
        for (let i = 0; i < 3; i++) this.#put(leader);
        group.sim.run(group.sim.now + this.#draws.below(6_000));
        group.crash(leader, 'kept');
        if (isLossy) group.cut(leader, -1, 'from');
      }
      const down = group.members.map((_, i) => i + 1).filter((id) => !group.isUp(id));
      if (down.length > (this.#members - 1) / 2) group.restart(down[this.#draws.below(down.length)] as number);
    }
  }

  /** Voters of a running election crash and come back at once; messages get lost. */
  #crashVoters(): void {
    const { group } = this;
    const { links } = group.sim.network;
    const lose = (ppm: number): void => {
      for (const from of group.pids) for (const to of group.pids) links.of(from, to).lossPpm = ppm;
    };
    lose(500_000);
    for (let round = 0; round < 4_000; round++) {
      const leader = group.leader();
      if (leader > 0 && round % 20 === 0) {
        this.#put(leader);
        group.crash(leader, 'kept');
        group.restart(leader);
      }
      for (let id = 1; id <= this.#members; id++) {
        const raft = group.member(id).group?.raft;
        if (raft === undefined || raft.lead !== 0 || raft.vote === 0 || raft.vote === id) continue;
        if (this.#draws.below(8) !== 0) continue;
        group.crash(id, 'kept');
        group.restart(id);
      }
      group.run(10);
    }
    lose(0);
  }

  /** Now and then all members lose power together, and come back one after the other. */
  #losePower(): void {
    const { group } = this;
    for (const pid of group.pids) {
      if (this.#draws.below(20) === 0) group.sim.diskOf(pid).conditions.extraSyncUs = this.#draws.below(20_000);
    }
    if (this.#draws.below(100) !== 0) return;
    group.sim.run(group.sim.now + this.#draws.below(5_000));
    const order = group.pids.map((_, i) => i + 1).sort(() => this.#draws.below(3) - 1);
    for (const id of order) group.crash(id, 'lost');
    for (const id of order) {
      group.restart(id);
      group.run(this.#draws.below(2) === 0 ? 10 : 1_200);
    }
  }

  #put(id: number): void {
    const key = `/k${this.#draws.below(KEYS)}`;
    const text = `v${++this.#texts}`;
    this.#puts.set(`${id}:${this.group.put(id, key, text)}`, { key, text });
  }

  #request(): void {
    const id = 1 + this.#draws.below(this.#members);
    const key = `/k${this.#draws.below(KEYS)}`;
    if (!this.group.sim.isRunning(this.group.clientPids[id - 1] as number)) return;
    if (this.#draws.below(3) === 0) this.group.get(id, key);
    else this.#put(id);
  }

  #readOrPut(): void {
    const id = 1 + this.#draws.below(this.#members);
    if (this.#draws.below(4) > 0) this.group.get(id, `/k${this.#draws.below(KEYS)}`);
    else this.#put(id);
  }

  /** One fault at a time a member; it ends by itself. */
  #fault(ms: number): void {
    const { group } = this;
    const id = this.#draws.below(2) === 0 && group.leader() > 0 ? group.leader() : 1 + this.#draws.below(this.#members);
    if (this.#ends.some((fault) => fault.id === id) || !group.isUp(id)) return;
    const readsOnly = this.#style === 'reads';
    const atMs = ms + 50 + this.#draws.below(readsOnly ? 1_200 : 3_000);
    const pid = group.pids[id - 1] as number;
    const add = (end: () => void): void => {
      this.#ends.push({ atMs, id, end });
    };
    switch (readsOnly ? 3 + this.#draws.below(4) : this.#draws.below(7)) {
      case 0:
      case 1:
      case 2:
        group.crash(id, (['lost', 'kept', 'torn'] as const)[this.#draws.below(3)] ?? 'lost');
        add(() => group.restart(id));
        break;
      case 3:
        group.sim.pause(pid);
        add(() => group.sim.resume(pid));
        break;
      case 4: {
        const direction = (['both', 'from', 'to'] as const)[this.#draws.below(3)] ?? 'both';
        group.cut(id, 1, direction);
        add(() => group.cut(id, -1, direction));
        break;
      }
      case 5: {
        const { conditions } = group.sim.diskOf(pid);
        conditions.extraSyncUs = 1_000 * (1 + this.#draws.below(400));
        add(() => {
          conditions.extraSyncUs = 0;
        });
        break;
      }
      default:
        group.member(group.leader() || 1).group?.transferLeader(id);
    }
  }

  #endFaults(ms: number): void {
    const ended = this.#ends.filter(({ atMs }) => atMs <= ms);
    this.#ends = this.#ends.filter(({ atMs }) => atMs > ms);
    for (const { end } of ended) end();
  }

  /** At rest: members are equal, what was acknowledged is there, watches have told everything once and in order. */
  #judge(): void {
    const { group } = this;
    this.judge.atRest();
    const { mvcc } = group.member(1);
    for (const [request, { key, text }] of this.#puts) {
      const [id, number] = request.split(':').map(Number) as [number, number];
      const answer = group.client(id).answers.get(number);
      if (answer === undefined || answer instanceof StoreErrorResponse) continue;
      const { revision } = answer as StoreTxnResponse;
      const found = mvcc.getAt(group.keys.intern(key), revision);
      if (textOf(found?.value ?? null) !== text)
        this.judge.violate(`lost: ${key}=${text} was acknowledged at ${revision}`);
    }
    group.clients.forEach((client, i) => {
      const seen = (client.events.get(1) ?? []).map((event) => event.revision);
      seen.forEach((revision, at) => {
        const before = seen[at - 1];
        if (before !== undefined && revision !== before + 1) {
          this.judge.violate(`watch: client ${i + 1} saw ${revision} after ${before}`);
        }
      });
    });
    const reads = [...group.clients].flatMap((client) => [...client.answers.values()]);
    if (this.#style === 'mixed' && reads.every((answer) => answer instanceof StoreErrorResponse))
      this.judge.violate('progress: nothing was answered');
  }
}

/** What one run breaks; empty where everything holds. */
export function torture(settings: TortureSettings): readonly string[] {
  const run = new Torture(settings);
  run.run();
  return run.judge.violations;
}
