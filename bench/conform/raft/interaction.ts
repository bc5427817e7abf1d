/**
 * An interaction test: several nodes, one list of messages on their way, and directives that move both.
 *
 * Messages are delivered in order per recipient. What the directives print: etcd-io/raft rafttest (cdfbeed).
 */
import { describeEntries, describeMessage, describeReady } from '../../../core/raft/describe.ts';
import type { EntryData } from '../../../core/raft/entry.ts';
import { isStorageThread, Message, MSG_SNAP, MSG_STORAGE_APPEND } from '../../../core/raft/message.ts';
import { type RaftSnapshot, STATE_LEADER, stateName } from '../../../core/raft/snapshot.ts';
import { formatProgress } from '../../../core/raft/tracker.ts';
import { goQuote } from './go-quote.ts';
import { InteractionNode, type NodeSettings, Payload } from './interaction-node.ts';
import { Transcript } from './transcript.ts';

const NO_BYTES = new Uint8Array(0);
const quoteData = (data: EntryData | null): string => goQuote(data instanceof Payload ? data.bytes : NO_BYTES);

/** Most rounds of one `stabilize`: a group that never comes to rest is a failure, not a hang. */
const ROUNDS_MAX = 100_000;

/** Any message type. */
export const ANY_TYPE = -1;

const isLocal = ({ from, to }: Message): boolean => from === to || isStorageThread(from) || isStorageThread(to);

export class Interaction {
  readonly output = new Transcript();
  readonly nodes: InteractionNode[] = [];
  messages: Message[] = [];

  /** Adds nodes that start from `snapshot`; a string is the error. */
  addNodes(count: number, settings: NodeSettings, snapshot: RaftSnapshot, bootstrap: boolean): string | null {
    if (bootstrap && count > 0 && snapshot.index <= 1) return 'index must be specified as > 1 due to bootstrap';
    const first = bootstrap ? { ...snapshot, term: 1 } : snapshot;
    for (let i = 0; i < count; i++) {
      this.nodes.push(new InteractionNode(this.nodes.length + 1, settings, first, this.output));
    }
    return null;
  }

  /** Delivers, or drops, what is on its way to `id`; returns how many. What a node sends itself is never dropped. */
  deliver(id: number, drop: boolean, type: number): number {
    const isMeant = (message: Message): boolean =>
      message.to === id && !(drop && isLocal(message)) && (type === ANY_TYPE || message.type === type);
    const meant = this.messages.filter(isMeant);
    this.messages = this.messages.filter((message) => !isMeant(message));
    for (const message of meant) {
      this.output.write(`${drop ? 'dropped: ' : ''}${describeMessage(message, quoteData)}\n`);
      if (drop) continue;
      const error = (this.nodes[id - 1] as InteractionNode).raw.step(message);
      if (error !== null) this.output.write(`${error}\n`);
    }
    return meant.length;
  }

  /** Takes one Ready and does what it asks for; a string is the error. */
  processReady(node: InteractionNode): string | null {
    const ready = node.raw.ready();
    this.output.write(describeReady(ready, quoteData));
    if (!node.isAsync) {
      const error = node.append(ready.hardState, ready.entries, ready.snapshot);
      if (error !== null) return error;
      node.apply(ready.committedEntries);
    }
    for (const message of ready.messages) {
      if (!isStorageThread(message.to)) this.messages.push(message);
      else (message.type === MSG_STORAGE_APPEND ? node.appendWork : node.applyWork).push(message);
    }
    if (!node.isAsync) node.raw.advance();
    return null;
  }

  /** The append thread does the oldest work; a string is the error. */
  processAppend(node: InteractionNode): string | null {
    const work = node.appendWork.shift();
    if (work === undefined) {
      this.output.write('no append work to perform');
      return null;
    }
    const responses = this.#takeResponses(work);
    const { term, vote, commit } = work;
    const error = node.append({ term, vote, commit }, work.entries, work.snapshot);
    if (error === null) this.#respond(responses);
    return error;
  }

  /** The apply thread does the oldest work. */
  processApply(node: InteractionNode): void {
    const work = node.applyWork.shift();
    if (work === undefined) {
      this.output.write('no apply work to perform');
      return;
    }
    const responses = this.#takeResponses(work);
    node.apply(work.entries);
    this.#respond(responses);
  }

  #takeResponses(work: Message): readonly Message[] {
    const responses = work.responses ?? [];
    work.responses = null;
    this.output.write(`Processing:\n${describeMessage(work, quoteData)}\n`);
    return responses;
  }

  #respond(responses: readonly Message[]): void {
    this.output.write('Responses:\n');
    for (const response of responses) this.output.write(`${describeMessage(response, quoteData)}\n`);
    this.messages.push(...responses);
  }

  /** Readies, messages, append and apply threads in turn, until nothing is left to do; a string is the error. */
  stabilize(nodes: readonly InteractionNode[]): string | null {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const before = this.#steps;
      const error = this.#stabilizeOnce(nodes);
      if (error !== null || this.#steps === before) return error;
    }
    throw new Error(`the nodes did not come to rest within ${ROUNDS_MAX} rounds`);
  }

  #steps = 0;

  #stabilizeOnce(nodes: readonly InteractionNode[]): string | null {
    let error: string | null = null;
    for (const node of nodes) {
      if (!node.raw.hasReady()) continue;
      this.#step(`> ${node.id} handling Ready`, () => {
        error = this.processReady(node);
      });
      if (error !== null) return error;
    }
    for (const { id } of nodes) {
      if (!this.messages.some(({ to }) => to === id)) continue;
      this.#step(`> ${id} receiving messages`, () => this.deliver(id, false, ANY_TYPE));
    }
    for (const node of nodes) {
      if (node.appendWork.length === 0) continue;
      this.#step(`> ${node.id} processing append thread`, () => {
        while (node.appendWork.length > 0 && error === null) error = this.processAppend(node);
      });
      if (error !== null) return error;
    }
    for (const node of nodes) {
      if (node.applyWork.length === 0) continue;
      this.#step(`> ${node.id} processing apply thread`, () => {
        while (node.applyWork.length > 0) this.processApply(node);
      });
    }
    return null;
  }

  #step(title: string, body: () => void): void {
    this.#steps++;
    this.output.write(`${title}\n`);
    this.output.indented(body);
  }

  /** Prints the stable entries of a node. */
  printLog({ storage }: InteractionNode): void {
    const first = storage.firstIndex();
    const last = storage.lastIndex();
    if (last < first) {
      this.output.write(`log is empty: first index=${first}, last index=${last}`);
      return;
    }
    const entries = storage.entries(first, last + 1, Number.POSITIVE_INFINITY) ?? [];
    this.output.write(describeEntries(entries, quoteData));
  }

  /** Prints one line a node: role, vote, term, leader. */
  printStates(): void {
    for (const { id, raw } of this.nodes) {
      const { raft } = raw;
      const voter = raft.tracker.isVoter(id) ? '(Voter)' : '(Non-Voter)';
      this.output.write(`${id}: ${stateName(raft.state)} ${voter} Term:${raft.term} Lead:${raft.lead}\n`);
    }
  }

  /** Prints what a leader knows of each node; others know nothing. */
  printStatus({ raw }: InteractionNode): void {
    if (raw.raft.state === STATE_LEADER) this.output.write(formatProgress(raw.raft.tracker.progress));
  }

  /** Sends a snapshot out of the ordinary course. */
  sendSnapshot(from: InteractionNode, to: number): void {
    const message = new Message(MSG_SNAP, to);
    message.from = from.id;
    message.term = from.raw.raft.term;
    message.snapshot = from.storage.snapshot();
    this.messages.push(message);
    this.output.write(describeMessage(message, quoteData));
  }
}
