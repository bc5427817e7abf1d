/**
 * Host-time kernels of the store's consensus: messages stepped, writes committed by a group in memory, and writes through a whole simulated group.
 *
 * Each returns a closure that does `count` operations. Log and store of every member take part; values of 256 bytes.
 */
import type { Message } from '../../core/raft/message.ts';
import { RawNode } from '../../core/raft/raw-node.ts';
import { MemoryStorage } from '../../core/raft/storage.ts';
import type { Context } from '../../core/sim/context.ts';
import type { Behaviour, Pid } from '../../core/sim/process.ts';
import { Simulation } from '../../core/sim/simulation.ts';
import { applyEntry } from '../../core/store/apply.ts';
import {
  KeyInterner,
  OP_STORE_REQUEST,
  OP_STORE_RESPONSE,
  OP_STORE_TXN,
  StoreRequest,
  StoreTxn,
  type StoreTxnResponse,
  type StoreValue,
} from '../../core/store/client-interface.ts';
import { Proposal } from '../../core/store/log-entry.ts';
import { storeMember } from '../../core/store/member.ts';
import { Engine } from '../../core/store/v3/engine.ts';

const KEYS = 10_000;
const VERSIONS_KEPT = 10;
/** Entries kept in each member's log, and how many more make a cut worth while (etcd's catch-up entries). */
const LOG_KEPT = 5_000;
const LOG_SLACK = 20_000;

class BlankValue implements StoreValue {
  readonly sizeBytes = 256;
  readonly hash: number;
  constructor(hash: number) {
    this.hash = hash;
  }
  bytes(): Uint8Array {
    return new Uint8Array(this.sizeBytes);
  }
}

/** One member without disk and network: its log in memory is stable at once. */
class MemoryMember {
  readonly raw: RawNode;
  readonly #storage = new MemoryStorage();
  readonly #engine: Engine;

  constructor(id: number, voters: readonly number[], keys: KeyInterner) {
    this.#engine = new Engine({ keys });
    const confState = { voters, votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
    this.#storage.applySnapshot({ index: 1, term: 1, confState, data: null });
    this.raw = new RawNode({
      id,
      storage: this.#storage,
      applied: 1,
      electionTick: 10,
      heartbeatTick: 1,
      maxMessageBytes: 1 << 20,
      maxInflightMessages: 512,
      checkQuorum: true,
      preVote: true,
      random: () => 0,
    });
  }

  /** Does all that is ready; adds what is to be sent. */
  turn(sent: Message[]): void {
    while (this.raw.hasReady()) {
      const ready = this.raw.ready();
      if (ready.hardState !== null) this.#storage.hardState = ready.hardState;
      this.#storage.append(ready.entries);
      for (const message of ready.messages) sent.push(message);
      for (const { data } of ready.committedEntries) {
        if (data instanceof Proposal) applyEntry(this.#engine, data, 0, false);
      }
      this.raw.advance();
      this.#trim();
    }
  }

  #trim(): void {
    const { applied } = this.raw.raft.log;
    if (applied - this.#storage.firstIndex() > LOG_SLACK) this.#storage.compact(applied - LOG_KEPT);
    const { mvcc } = this.#engine;
    if (mvcc.history.count < KEYS * VERSIONS_KEPT) return;
    mvcc.compact(mvcc.revision);
    mvcc.compactStep(Number.MAX_SAFE_INTEGER);
  }
}

/** A group that passes its messages by hand; `stepped` counts them. */
class MemoryGroup {
  stepped = 0;
  readonly #members: readonly MemoryMember[];
  readonly #ids: readonly number[];
  #next = 0;

  constructor(members: number) {
    const keys = new KeyInterner();
    this.#ids = Array.from({ length: KEYS }, (_, i) => keys.intern(`/registry/pods/default/pod-${i}`));
    const voters = Array.from({ length: members }, (_, i) => i + 1);
    this.#members = voters.map((id) => new MemoryMember(id, voters, keys));
    this.#members[0]?.raw.campaign();
    this.#settle();
  }

  /** Commits and applies `count` puts that were proposed together. */
  put(count: number): void {
    const proposals: Proposal[] = [];
    for (let i = 0; i < count; i++) {
      const key = this.#ids[this.#next++ % KEYS] as number;
      proposals.push(new Proposal(new StoreTxn(key, -1, new BlankValue(i))));
    }
    this.#members[0]?.raw.proposeAll(proposals);
    this.#settle();
  }

  #settle(): void {
    for (;;) {
      const sent: Message[] = [];
      for (const member of this.#members) member.turn(sent);
      if (sent.length === 0) return;
      for (const message of sent) this.#members[message.to - 1]?.raw.step(message);
      this.stepped += sent.length;
    }
  }
}

/** Messages stepped by a group of `members` that commits one put at a time. */
export function raftMessages(members: number): (count: number) => void {
  const group = new MemoryGroup(members);
  return (count) => {
    for (const end = group.stepped + count; group.stepped < end; ) group.put(1);
  };
}

/** Puts committed and applied by all of `members`, `outstanding` at a time. */
export function raftPuts(members: number, outstanding: number): (count: number) => void {
  const group = new MemoryGroup(members);
  return (count) => {
    for (let done = 0; done < count; done += outstanding) group.put(outstanding);
  };
}

/** Single-key writes through a simulated group with its network and disks, `inFlight` at a time. */
export function groupWrites(members: number, inFlight: number): (count: number) => void {
  const keys = new KeyInterner();
  const ids = Array.from({ length: KEYS }, (_, i) => keys.intern(`/registry/pods/default/pod-${i}`));
  const simulation = new Simulation({ seed: 1 });
  const voters = Array.from({ length: members }, (_, i) => i + 1);
  const pids: Pid[] = [];
  for (const id of voters) {
    const group = { id, voters, peer: (other: number) => pids[other - 1] };
    pids.push(simulation.addProcess(`etcd-${id - 1}`, `machine-${id - 1}`, storeMember({ keys, group })));
  }
  let wanted = 0;
  let completed = 0;
  const client = (context: Context): Behaviour => {
    let conn = -1;
    const write = (): void => {
      const txn = new StoreTxn(ids[completed % KEYS] as number, -1, new BlankValue(completed));
      context.sendOn(conn, OP_STORE_TXN, 1, 0, txn);
    };
    return {
      start() {
        conn = context.connect(pids[0] as Pid);
        for (let i = 0; i < inFlight; i++) write();
      },
      receive(op, _from, a, _b, payload) {
        if (op !== OP_STORE_RESPONSE || a !== 1) return;
        if (++completed >= wanted) simulation.stop();
        if (completed % (KEYS * VERSIONS_KEPT) === 0) {
          context.sendOn(conn, OP_STORE_REQUEST, 2, 0, StoreRequest.compaction((payload as StoreTxnResponse).revision));
        }
        write();
      },
    };
  };
  simulation.addProcess('client', 'machine-client', client);
  return (count) => {
    wanted = completed + count;
    simulation.run(Number.MAX_SAFE_INTEGER);
  };
}
