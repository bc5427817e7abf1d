/** A group of store members with a client at each, for campaigns and tests. */

import type { CostTable } from '../../base/costs.ts';
import { findMark } from '../../sim/registry.ts';
import { Simulation } from '../../sim/simulation.ts';
import { KeyInterner, OP_STORE_RANGE, OP_STORE_TXN, StoreRange, StoreTxn } from '../../store/client-interface.ts';
import { GroupBeats } from '../../store/group-beats.ts';
import { type MemberOptions, type StoreMember, storeMember } from '../../store/member.ts';
import { StoreClient } from './store-client.ts';
import { TextValue, textOf } from './value-fixture.ts';

export interface GroupSettings {
  readonly members?: number;
  readonly seed?: number;
  readonly bugs?: readonly string[];
  readonly snapshotEntries?: number;
  readonly catchUpEntries?: number;
  readonly messageBytes?: number;
  /** Anything else of every member. */
  readonly member?: Partial<MemberOptions>;
  /** One member without a group: the path that needs no agreement. */
  readonly solo?: true;
  /** Members that may join later. */
  readonly spare?: number;
  /** Heartbeats that nobody would notice are not sent. */
  readonly beats?: boolean;
  /** What differs from the usual costs. */
  readonly costs?: Partial<CostTable>;
}

export class StoreGroup {
  readonly keys = new KeyInterner();
  readonly sim: Simulation;
  readonly pids: number[] = [];
  readonly clients: StoreClient[] = [];
  readonly clientPids: number[] = [];
  /** Newest instance of each member. */
  readonly members: StoreMember[] = [];

  constructor(settings: GroupSettings = {}) {
    const { members = 3, seed = 1, bugs = [], spare = 0, snapshotEntries, catchUpEntries, messageBytes } = settings;
    const { costs = {}, beats = false } = settings;
    this.sim = new Simulation({ seed, bugs, costs });
    const shared = beats ? { beats: new GroupBeats() } : {};
    const first = Array.from({ length: members }, (_, i) => i + 1);
    for (let id = 1; id <= members + spare; id++) {
      const group = {
        id,
        voters: id <= members ? first : [],
        peer: (other: number) => this.pids[other - 1],
        ...shared,
        ...(snapshotEntries === undefined ? {} : { snapshotEntries }),
        ...(messageBytes === undefined ? {} : { messageBytes }),
        ...(catchUpEntries === undefined ? {} : { catchUpEntries }),
      };
      const started = (member: StoreMember): void => {
        this.members[id - 1] = member;
      };
      this.pids.push(
        this.sim.addProcess(
          `etcd-${id - 1}`,
          `machine-${id - 1}`,
          storeMember({ keys: this.keys, started, ...(settings.solo === true ? {} : { group }), ...settings.member }),
        ),
      );
    }
    for (let id = 1; id <= members + spare; id++) {
      const name = `client-${id}`;
      this.clientPids.push(
        this.sim.addProcess(name, name, (context) => {
          const client = new StoreClient(context, this.pids[id - 1] as number);
          this.clients[id - 1] = client;
          return client;
        }),
      );
    }
    this.run(20);
  }

  run(ms: number): void {
    this.sim.run(this.sim.now + ms * 1_000);
  }

  member(id: number): StoreMember {
    return this.members[id - 1] as StoreMember;
  }

  client(id: number): StoreClient {
    return this.clients[id - 1] as StoreClient;
  }

  isUp(id: number): boolean {
    return this.sim.isRunning(this.pids[id - 1] as number);
  }

  /** The id of the running leader of the highest term, 0 for none. */
  leader(): number {
    let found = 0;
    let term = 0;
    for (let id = 1; id <= this.members.length; id++) {
      const member = this.members[id - 1];
      if (member === undefined || !this.isUp(id) || !member.isLeader) continue;
      const own = member.group?.raft.term ?? 0;
      if (own > term) [found, term] = [id, own];
    }
    return found;
  }

  put(id: number, key: string, text: string, expected = -1): number {
    return this.client(id).ask(OP_STORE_TXN, new StoreTxn(this.keys.intern(key), expected, new TextValue(text)));
  }

  get(id: number, key: string): number {
    return this.client(id).ask(OP_STORE_RANGE, StoreRange.ofKey(this.keys.intern(key)));
  }

  /** Cuts or joins member `id` from the other members, in both directions or one. */
  cut(id: number, by: 1 | -1, direction: 'both' | 'from' | 'to' = 'both'): void {
    const pid = this.pids[id - 1] as number;
    for (const other of this.pids) {
      if (other === pid) continue;
      if (direction !== 'to') this.sim.network.links.of(pid, other).cutCount += by;
      if (direction !== 'from') this.sim.network.links.of(other, pid).cutCount += by;
    }
    if (by < 0) this.sim.network.releaseHeld();
  }

  crash(id: number, unsynced: 'lost' | 'kept' | 'torn' = 'lost'): void {
    this.sim.crash(this.pids[id - 1] as number, { unsynced });
  }

  restart(id: number): void {
    this.sim.restart(this.pids[id - 1] as number);
  }

  /** Keys and values of a member, read from it directly. */
  contents(id: number): Record<string, string> {
    const found = this.member(id).mvcc.range('', '\0', 0, 0, false).keyValues;
    return Object.fromEntries(found.map((kv) => [this.keys.keyOf(kv.keyId), textOf(kv.value) as string]));
  }

  mark(name: string): number {
    return this.sim.observation.marks[findMark(name) as number] as number;
  }
}
