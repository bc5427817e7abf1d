/**
 * A group of Raft nodes with durable storage and a network that a test commands: loses, delays, reorders, cuts.
 */
import type { ConfChange } from '../../../core/raft/conf-change.ts';
import { confChangeOf } from '../../../core/raft/conf-change.ts';
import type { RaftConfig } from '../../../core/raft/config.ts';
import { ENTRY_NORMAL, type Entry, type EntryData } from '../../../core/raft/entry.ts';
import type { Message } from '../../../core/raft/message.ts';
import { RawNode } from '../../../core/raft/raw-node.ts';
import { EMPTY_SNAPSHOT, STATE_LEADER } from '../../../core/raft/snapshot.ts';
import { MemoryStorage } from '../../../core/raft/storage.ts';

/** A proposal that is told apart by its number. */
export class Proposal implements EntryData {
  readonly number: number;
  readonly byteLength = 8;

  constructor(number: number) {
    this.number = number;
  }
}

export class GroupNode {
  readonly id: number;
  readonly storage = new MemoryStorage();
  /** Numbers of the proposals applied, in order; survives restarts with the storage. */
  applied: number[] = [];
  appliedIndex = 0;
  raw: RawNode;
  /** Answers to reads: index asked with data. */
  reads: { readonly index: number; readonly appliedThen: number }[] = [];
  readonly #settings: Partial<RaftConfig>;
  readonly #random: (n: number) => number;

  constructor(id: number, voters: readonly number[], settings: Partial<RaftConfig>, random: (n: number) => number) {
    this.id = id;
    this.#settings = settings;
    this.#random = random;
    const confState = { ...EMPTY_SNAPSHOT.confState, voters };
    this.storage.applySnapshot({ index: 1, term: 1, confState, data: [] });
    this.appliedIndex = 1;
    this.raw = this.#start();
  }

  #start(): RawNode {
    return new RawNode({
      id: this.id,
      electionTick: 10,
      heartbeatTick: 1,
      maxInflightMessages: 16,
      storage: this.storage,
      applied: this.appliedIndex,
      random: this.#random,
      ...this.#settings,
    });
  }

  /** Loses everything that is not in storage. */
  restart(): void {
    this.raw = this.#start();
  }

  /** Does what is ready; returns what is to be sent. */
  process(): readonly Message[] {
    const sent: Message[] = [];
    while (this.raw.hasReady()) {
      const ready = this.raw.ready();
      if (ready.hardState !== null) this.storage.hardState = ready.hardState;
      if (ready.snapshot !== null) {
        this.storage.applySnapshot(ready.snapshot);
        this.applied = [...(ready.snapshot.data as number[])];
        this.appliedIndex = ready.snapshot.index;
      }
      this.storage.append(ready.entries);
      sent.push(...ready.messages);
      for (const { index } of ready.readStates) this.reads.push({ index, appliedThen: this.appliedIndex });
      for (const entry of ready.committedEntries) this.#apply(entry);
      this.raw.advance();
    }
    return sent;
  }

  #apply(entry: Entry): void {
    this.appliedIndex = entry.index;
    let confState = this.raw.raft.tracker.confState;
    if (entry.type !== ENTRY_NORMAL) confState = this.raw.applyConfChange(confChangeOf(entry.data));
    else if (entry.data instanceof Proposal) this.applied.push(entry.data.number);
    this.storage.createSnapshot({ index: entry.index, term: entry.term, confState, data: [...this.applied] });
  }

  get isLeader(): boolean {
    return this.raw.raft.state === STATE_LEADER;
  }
}

export class RaftGroup {
  readonly nodes: GroupNode[] = [];
  /** Messages on their way. */
  messages: Message[] = [];
  /** Directed pairs `from>to` that lose everything. */
  readonly cut = new Set<string>();

  constructor(count: number, settings: Partial<RaftConfig> = {}, random: (n: number) => number = (n) => n - 1) {
    const voters = Array.from({ length: count }, (_, i) => i + 1);
    for (const id of voters) this.nodes.push(new GroupNode(id, voters, settings, random));
  }

  node(id: number): GroupNode {
    return this.nodes[id - 1] as GroupNode;
  }

  /** Processes every node and delivers, until nothing moves. */
  settle(): void {
    for (;;) {
      for (const node of this.nodes) this.collect(node);
      if (this.messages.length === 0) return;
      const batch = this.messages;
      this.messages = [];
      for (const message of batch) this.deliver(message);
    }
  }

  collect(node: GroupNode): void {
    for (const message of node.process()) {
      if (!this.cut.has(`${message.from}>${message.to}`)) this.messages.push(message);
    }
  }

  deliver(message: Message): void {
    this.nodes[message.to - 1]?.raw.step(message);
  }

  tick(times: number): void {
    for (let i = 0; i < times; i++) {
      for (const node of this.nodes) node.raw.tick();
      this.settle();
    }
  }

  elect(id: number): void {
    this.node(id).raw.campaign();
    this.settle();
  }

  propose(id: number, number: number): string | null {
    const error = this.node(id).raw.propose(new Proposal(number));
    this.settle();
    return error;
  }

  change(id: number, change: ConfChange): void {
    this.node(id).raw.proposeConfChange(change);
    this.settle();
  }
}
