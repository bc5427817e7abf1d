/**
 * Messages, entries and Readies as text, in the exact form of etcd-io/raft (util.go at cdfbeed): its data-driven files hold it.
 */
import { confChangeOf, formatChanges } from './conf-change.ts';
import { ENTRY_NORMAL, type Entry, type EntryData, entryTypeName } from './entry.ts';
import { APPEND_THREAD, APPLY_THREAD, type Message, messageTypeName, NONE } from './message.ts';
import type { Ready } from './ready.ts';
import {
  type ConfState,
  type HardState,
  isEmptyHardState,
  isEmptySnapshot,
  type RaftSnapshot,
  type SoftState,
  stateName,
} from './snapshot.ts';

/** Shows the payload of an ordinary entry. */
export type DataFormatter = (data: EntryData | null) => string;

function describeHardState(state: HardState): string {
  const vote = state.vote === NONE ? '' : ` Vote:${state.vote}`;
  return `Term:${state.term}${vote} Commit:${state.commit}`;
}

const describeSoftState = (state: SoftState): string => `Lead:${state.lead} State:${stateName(state.state)}`;

const list = (ids: readonly number[]): string => `[${ids.join(' ')}]`;

function describeConfState(state: ConfState): string {
  return (
    `Voters:${list(state.voters)} VotersOutgoing:${list(state.votersOutgoing)} Learners:${list(state.learners)} ` +
    `LearnersNext:${list(state.learnersNext)} AutoLeave:${state.autoLeave}`
  );
}

/** `Index:i Term:t ConfState:…`. */
export function describeSnapshot(snapshot: RaftSnapshot): string {
  return `Index:${snapshot.index} Term:${snapshot.term} ConfState:${describeConfState(snapshot.confState)}`;
}

function describeTarget(id: number): string {
  if (id === NONE) return 'None';
  if (id === APPEND_THREAD) return 'AppendThread';
  return id === APPLY_THREAD ? 'ApplyThread' : id.toString(16);
}

/** `term/index Type payload`. */
export function describeEntry(entry: Entry, format: DataFormatter): string {
  const { type, term, index, data } = entry;
  const payload = type === ENTRY_NORMAL ? format(data) : formatChanges(confChangeOf(data).changes);
  return `${term}/${index} ${entryTypeName(type)}${payload === '' ? '' : ` ${payload}`}`;
}

/** One line an entry. */
export const describeEntries = (entries: readonly Entry[], format: DataFormatter): string =>
  entries.map((entry) => `${describeEntry(entry, format)}\n`).join('');

/** One message, several lines where it has several entries, a snapshot or responses. Ids are hexadecimal. */
export function describeMessage(message: Message, format: DataFormatter, indent = ''): string {
  const { type, from, to, term, logTerm, index, entries, snapshot, responses } = message;
  let text = `${indent}${describeTarget(from)}->${describeTarget(to)} ${messageTypeName(type)} Term:${term} Log:${logTerm}/${index}`;
  if (message.reject) text += ` Rejected (Hint: ${message.rejectHint})`;
  if (message.commit !== 0) text += ` Commit:${message.commit}`;
  if (message.vote !== NONE) text += ` Vote:${message.vote}`;
  if (entries.length === 1) text += ` Entries:[${describeEntry(entries[0] as Entry, format)}]`;
  else if (entries.length > 1) {
    const lines = entries.map((entry) => `\n${indent}  ${describeEntry(entry, format)}`);
    text += ` Entries:[${lines.join('')}\n${indent}]`;
  }
  if (snapshot !== null && !isEmptySnapshot(snapshot)) text += `\n${indent}  Snapshot: ${describeSnapshot(snapshot)}`;
  if (responses !== null && responses.length > 0) {
    const lines = responses.map((response) => `\n${describeMessage(response, format, `${indent}  `)}`);
    text += ` Responses:[${lines.join('')}\n${indent}]`;
  }
  return text;
}

/** Everything a Ready asks for, or `<empty Ready>`. */
export function describeReady(ready: Ready, format: DataFormatter): string {
  const { softState, hardState, readStates, entries, snapshot, committedEntries, messages } = ready;
  let text = '';
  if (softState !== null) text += `${describeSoftState(softState)}\n`;
  if (hardState !== null && !isEmptyHardState(hardState)) text += `HardState ${describeHardState(hardState)}\n`;
  if (readStates.length > 0) {
    const states = readStates.map(({ index, request }) => `{${index} ${describeRequest(request)}}`);
    text += `ReadStates [${states.join(' ')}]\n`;
  }
  if (entries.length > 0) text += `Entries:\n${describeEntries(entries, format)}`;
  if (snapshot !== null && !isEmptySnapshot(snapshot)) text += `Snapshot ${describeSnapshot(snapshot)}\n`;
  if (committedEntries.length > 0) text += `CommittedEntries:\n${describeEntries(committedEntries, format)}`;
  if (messages.length > 0) {
    text += `Messages:\n${messages.map((message) => `${describeMessage(message, format)}\n`).join('')}`;
  }
  return text === '' ? '<empty Ready>' : `Ready MustSync=${ready.mustSync}:\n${text}`;
}

/** Bytes in decimal, as Go prints a slice. */
function describeRequest(request: unknown): string {
  return request instanceof Uint8Array ? `[${request.join(' ')}]` : '[]';
}
