/**
 * What a leader sends its followers: appends, heartbeats, snapshots; at most what their progress allows.
 *
 * Rules and log texts: etcd-io/raft (cdfbeed).
 */
import { type Entry, payloadBytes } from './entry.ts';
import { hex } from './logger.ts';
import { Message, MSG_APP, MSG_HEARTBEAT, MSG_SNAP, MSG_TIMEOUT_NOW, NO_ENTRIES } from './message.ts';
import { PROGRESS_REPLICATE, type Progress } from './progress.ts';
import type { Raft } from './raft.ts';
import { UNKNOWN_TERM } from './storage.ts';

/** Sends an append, empty if there is nothing new; nothing while the follower is paused. */
export function sendAppend(raft: Raft, to: number): void {
  maybeSendAppend(raft, to, true);
}

/** Sends the next append to a follower, or a snapshot if the log no longer reaches back. False if nothing was sent. */
export function maybeSendAppend(raft: Raft, to: number, sendIfEmpty: boolean): boolean {
  const progress = raft.tracker.progress.get(to) as Progress;
  if (progress.paused) return false;
  const log = raft.log;
  const previous = progress.next - 1;
  const previousTerm = log.term(previous);
  if (previousTerm === UNKNOWN_TERM) return maybeSendSnapshot(raft, to, progress);
  // A full window still gets empty appends after heartbeats: if all that filled it was lost, the answer frees it.
  let entries: readonly Entry[] | null = NO_ENTRIES;
  if (progress.state !== PROGRESS_REPLICATE || !progress.inflights.full) {
    entries = log.entries(progress.next, raft.maxMessageBytes);
  }
  if ((entries === null || entries.length === 0) && !sendIfEmpty) return false;
  if (entries === null) return maybeSendSnapshot(raft, to, progress);
  const message = new Message(MSG_APP, to);
  message.index = previous;
  message.logTerm = previousTerm;
  message.entries = entries;
  message.commit = log.committed;
  raft.send(message);
  progress.sentEntries(entries.length, payloadBytes(entries));
  progress.sentCommit = log.committed;
  return true;
}

function maybeSendSnapshot(raft: Raft, to: number, progress: Progress): boolean {
  if (!progress.recentActive) {
    raft.logger?.debug(`ignore sending snapshot to ${hex(to)} since it is not recently active`);
    return false;
  }
  const me = hex(raft.id);
  const snapshot = raft.log.snapshot();
  if (snapshot === null) {
    raft.logger?.debug(`${me} failed to send snapshot to ${hex(to)} because snapshot is temporarily unavailable`);
    return false;
  }
  raft.logger?.debug(
    `${me} [firstindex: ${raft.log.firstIndex()}, commit: ${raft.log.committed}] sent snapshot[index: ` +
      `${snapshot.index}, term: ${snapshot.term}] to ${hex(to)} [${progress}]`,
  );
  progress.becomeSnapshot(snapshot.index);
  raft.logger?.debug(`${me} paused sending replication messages to ${hex(to)} [${progress}]`);
  const message = new Message(MSG_SNAP, to);
  message.snapshot = snapshot;
  raft.send(message);
  return true;
}

/** Sends all that the window allows, but no empty append. */
export function sendAllAppends(raft: Raft, to: number): void {
  while (maybeSendAppend(raft, to, false)) {
    // Each append moves the follower's next index or fills its window.
  }
}

/** Sends an append to every other node. */
export function broadcastAppend(raft: Raft): void {
  const ids = raft.tracker.ids;
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] !== raft.id) sendAppend(raft, ids[i] as number);
  }
}

/** Sends every other node what is new to it. */
export function broadcastNews(raft: Raft): void {
  for (const id of raft.tracker.ids) if (id !== raft.id) maybeSendAppend(raft, id, false);
}

/** Sends every other node a heartbeat that also asks to confirm the waiting reads. */
export function broadcastHeartbeat(raft: Raft): void {
  const { ids, nodes } = raft.tracker;
  const position = raft.readOnly.position;
  for (let i = 0; i < ids.length; i++) {
    const to = ids[i] as number;
    if (to === raft.id) continue;
    const progress = nodes[i] as Progress;
    // Never more than is known to be in the follower's log: it may hold other entries beyond.
    const commit = Math.min(progress.match, raft.log.committed);
    if (position === 0 && raft.config.beat?.(to) === true) {
      progress.recentActive = true;
      progress.sentCommit = commit;
      continue;
    }
    const message = new Message(MSG_HEARTBEAT, to);
    message.commit = commit;
    message.readPosition = position;
    raft.send(message);
    progress.sentCommit = commit;
  }
}

/** Tells a node to campaign at once. */
export function sendTimeoutNow(raft: Raft, to: number): void {
  raft.send(new Message(MSG_TIMEOUT_NOW, to));
}
