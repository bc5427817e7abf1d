import { expect, test } from 'vitest';
import { CHANGE_REMOVE_NODE, ConfChange } from '../../../core/raft/conf-change.ts';
import { Entry } from '../../../core/raft/entry.ts';
import {
  Message,
  MSG_APP,
  MSG_APP_RESP,
  MSG_HEARTBEAT,
  MSG_HEARTBEAT_RESP,
  MSG_PRE_VOTE,
  MSG_PRE_VOTE_RESP,
  MSG_READ_INDEX,
  MSG_SNAP,
  MSG_VOTE,
  MSG_VOTE_RESP,
} from '../../../core/raft/message.ts';
import { PROPOSAL_DROPPED } from '../../../core/raft/raft.ts';
import { STEP_LOCAL, STEP_PEER_NOT_FOUND } from '../../../core/raft/raw-node.ts';
import { READ_ONLY_LEASE_BASED } from '../../../core/raft/read-only.ts';
import { STATE_FOLLOWER } from '../../../core/raft/snapshot.ts';
import { type GroupNode, Proposal, RaftGroup } from './raft-group.ts';

test('what a leader takes is applied everywhere, in one order', () => {
  const group = new RaftGroup(3);
  group.elect(2);
  for (let i = 0; i < 20; i++) group.propose(1 + (i % 3), i);
  const all = Array.from({ length: 20 }, (_, i) => i);
  for (const node of group.nodes) expect(node.applied).toEqual(all);
});

test('a safe read is answered only once a quorum has confirmed the leader, with the commit index of its start', () => {
  const group = new RaftGroup(3, { checkQuorum: true, preVote: true });
  group.elect(1);
  group.propose(1, 7);
  const leader = group.node(1);
  group.cut.add('1>2').add('1>3');
  leader.raw.readIndex(new Proposal(1));
  group.settle();
  expect(leader.reads).toEqual([]);
  group.cut.clear();
  group.tick(1);
  expect(leader.reads.map(({ index }) => index)).toEqual([leader.raw.raft.log.committed]);
});

test('reads of a follower go to the leader and come back; each is answered once', () => {
  const group = new RaftGroup(3);
  group.elect(1);
  const follower = group.node(3);
  for (let i = 0; i < 3; i++) follower.raw.readIndex(new Proposal(i));
  group.settle();
  expect(follower.reads.length).toBe(3);
});

test('a new leader postpones reads until it has committed in its term', () => {
  const group = new RaftGroup(3);
  group.elect(1);
  group.cut.add('2>1').add('2>3');
  const two = group.node(2);
  two.raw.campaign();
  two.process();
  group.cut.clear();
  group.elect(2);
  expect(two.isLeader).toBe(true);
  const leader = group.node(2);
  const read = new Message(MSG_READ_INDEX, 2);
  read.entries = [new Entry(0, 0, 0, new Proposal(1))];
  leader.raw.step(read);
  group.settle();
  expect(leader.reads.length).toBe(1);
  expect(leader.raw.raft.log.term(leader.reads[0]?.index as number)).toBe(leader.raw.raft.term);
});

test('lease-based reads ask nobody', () => {
  const group = new RaftGroup(3, { checkQuorum: true, readOnly: READ_ONLY_LEASE_BASED });
  group.elect(1);
  group.cut.add('1>2').add('1>3');
  group.node(1).raw.readIndex(new Proposal(1));
  group.settle();
  expect(group.node(1).reads.length).toBe(1);
});

test('the window is limited in bytes as well as in messages', () => {
  const group = new RaftGroup(2, { maxInflightMessages: 100, maxMessageBytes: 16, maxInflightBytes: 24 });
  group.elect(1);
  group.cut.add('2>1');
  const leader = group.node(1);
  for (let i = 0; i < 10; i++) leader.raw.propose(new Proposal(i));
  const sent = leader.process().filter(({ type }) => type === MSG_APP);
  // 8 payload bytes each: the third fills the window.
  expect(sent.length).toBe(3);
});

test('proposals above the limit of uncommitted bytes are dropped, one large one alone is not', () => {
  const group = new RaftGroup(3, { maxUncommittedBytes: 16 });
  group.elect(1);
  group.cut.add('1>2').add('1>3');
  const leader = group.node(1).raw;
  expect([1, 2, 3].map((i) => leader.propose(new Proposal(i)))).toEqual([null, null, PROPOSAL_DROPPED]);
  group.cut.clear();
  group.tick(2);
  expect(leader.propose({ byteLength: 1_000 })).toBeNull();
});

test('without forwarding a follower drops proposals', () => {
  const group = new RaftGroup(3, { disableProposalForwarding: true });
  group.elect(1);
  expect(group.propose(2, 1)).toBe(PROPOSAL_DROPPED);
});

test('a leader that hears of no quorum steps down; without check-quorum it stays', () => {
  for (const checkQuorum of [true, false]) {
    const group = new RaftGroup(3, { checkQuorum });
    group.elect(1);
    group.cut.add('2>1').add('3>1');
    for (let i = 0; i < 25; i++) group.node(1).raw.tick();
    expect(group.node(1).raw.raft.state === STATE_FOLLOWER).toBe(checkQuorum);
  }
});

test('an entry of an older term commits only with one of the own term; the bug switch commits it', () => {
  const outcome = (commitsAnyTerm: boolean): number => {
    const group = new RaftGroup(3, { commitsAnyTerm });
    group.elect(1);
    const one = group.node(1);
    const two = group.node(2);
    // Node 1 appends entry 3 and reaches only node 2; nobody hears that it is there.
    group.cut.add('1>3').add('2>1');
    one.raw.propose(new Proposal(1));
    group.settle();
    group.cut.clear();
    group.cut.add('2>3').add('1>2').add('1>3');
    group.elect(2);
    group.cut.clear();
    const committed = two.raw.raft.log.committed;
    two.raw.campaign();
    for (const message of two.process()) if (message.to === 1) one.raw.step(message);
    for (const message of one.process()) if (message.to === 2) two.raw.step(message);
    // Leader of a new term; its empty entry has reached nobody. Node 1 tells that it has entry 3.
    two.process();
    const answer = new Message(MSG_APP_RESP, 2);
    answer.from = 1;
    answer.term = two.raw.raft.term;
    answer.index = 3;
    expect(two.isLeader).toBe(true);
    two.raw.step(answer);
    return two.raw.raft.log.committed - committed;
  };
  expect(outcome(false)).toBe(0);
  expect(outcome(true)).toBe(1);
});

test('a change of the group that comes before the last one is applied does nothing', () => {
  const group = new RaftGroup(4);
  group.elect(1);
  const leader = group.node(1);
  for (const nodeId of [4, 3]) {
    leader.raw.proposeConfChange(new ConfChange([{ type: CHANGE_REMOVE_NODE, nodeId }]));
  }
  group.settle();
  expect(leader.raw.raft.tracker.confState.voters).toEqual([1, 2, 3]);
  group.change(1, new ConfChange([{ type: CHANGE_REMOVE_NODE, nodeId: 3 }]));
  expect(leader.raw.raft.tracker.confState.voters).toEqual([1, 2]);
});

test('messages no peer may send, and answers from strangers, are refused', () => {
  const group = new RaftGroup(3);
  group.elect(1);
  expect(group.node(1).raw.step(new Message(0, 1))).toBe(STEP_LOCAL);
  const stranger = new Message(MSG_APP_RESP, 1);
  stranger.from = 9;
  expect(group.node(1).raw.step(stranger)).toBe(STEP_PEER_NOT_FOUND);
});

test('a failed snapshot goes back to probing from before it, a delivered one from after it', () => {
  for (const failed of [true, false]) {
    const group = new RaftGroup(3);
    group.elect(1);
    group.cut.add('1>3');
    for (let i = 0; i < 5; i++) group.propose(1, i);
    const leader = group.node(1);
    leader.storage.compact(6);
    leader.raw.reportUnreachable(3);
    const progress = leader.raw.raft.tracker.progress.get(3);
    leader.raw.raft.step(Object.assign(new Message(9, 1), { from: 3, term: leader.raw.raft.term }));
    leader.process();
    const pending = progress?.pendingSnapshot ?? 0;
    expect(pending).toBeGreaterThan(0);
    leader.raw.reportSnapshot(3, failed);
    expect(progress?.next).toBe(failed ? (progress?.match ?? 0) + 1 : pending + 1);
    // A report of a snapshot that nobody waits for changes nothing.
    const second = leader.raw.raft.tracker.progress.get(2);
    const before = String(second);
    leader.raw.reportSnapshot(2, failed);
    expect(String(second)).toBe(before);
  }
});

test('a follower whose entries are compacted waits while the storage has no snapshot to send', () => {
  const group = new RaftGroup(3);
  group.elect(1);
  group.cut.add('1>3');
  for (let i = 0; i < 5; i++) group.propose(1, i);
  const { storage, raw } = group.node(1);
  const snapshot = storage.snapshot();
  let asked = 0;
  storage.snapshot = () => (++asked % 4 === 0 ? snapshot : null);
  storage.compact(6);
  raw.reportUnreachable(3);
  group.cut.clear();
  group.tick(1);
  expect([asked > 0, asked < 4, group.node(3).applied]).toEqual([true, true, []]);
  group.tick(8);
  expect(group.node(3).applied).toEqual([0, 1, 2, 3, 4]);
});

test('messages are taken out alone only where nothing has to be done besides', () => {
  const group = new RaftGroup(3);
  group.elect(1);
  const leader = group.node(1).raw;
  expect(leader.takeMessages()).toBeNull();
  leader.tick();
  const beats = leader.takeMessages();
  expect(beats?.map(({ type, to }) => [type, to])).toEqual([
    [MSG_HEARTBEAT, 2],
    [MSG_HEARTBEAT, 3],
  ]);
  const second = group.node(2).raw;
  second.step(beats?.[0] as Message);
  const answers = second.takeMessages();
  expect(answers?.map(({ type, to }) => [type, to])).toEqual([[MSG_HEARTBEAT_RESP, 1]]);
  leader.step(answers?.[0] as Message);
  expect([leader.hasReady(), second.hasReady()]).toEqual([false, false]);
  // An entry must be durable, and the promise of it kept, before or with what is sent.
  leader.tick();
  leader.propose(new Proposal(1));
  expect(leader.takeMessages()).toBeNull();
  const ready = leader.ready();
  expect([ready.entries.length, ready.messages.length, ready.mustSync]).toEqual([1, 4, true]);
  expect(leader.takeMessages()).toBeNull();
});

/** Steps a request for a vote of a log up to (1, 1) + `ahead` into a node; the answers it would send. */
function askVote(node: GroupNode, type: number, from: number, term: number, ahead = 0): readonly Message[] {
  const request = new Message(type, node.id);
  const { log } = node.raw.raft;
  Object.assign(request, { from, term, index: log.lastIndex() + ahead, logTerm: log.lastTerm() });
  node.raw.step(request);
  return node.process().filter((message) => message.type === MSG_VOTE_RESP || message.type === MSG_PRE_VOTE_RESP);
}

test('one vote a term, the same one again when it is asked again, and none against a leader it knows', () => {
  const [one, two] = new RaftGroup(3).nodes as [GroupNode, GroupNode];
  const granted = (answers: readonly Message[]) => answers.map(({ reject, term, to }) => [!reject, term, to]);
  expect(granted(askVote(one, MSG_VOTE, 2, 5))).toEqual([[true, 5, 2]]);
  expect(granted(askVote(one, MSG_VOTE, 2, 5))).toEqual([[true, 5, 2]]);
  expect(granted(askVote(one, MSG_VOTE, 3, 5))).toEqual([[false, 5, 3]]);
  expect(granted(askVote(one, MSG_VOTE, 3, 6, -1))).toEqual([[false, 6, 3]]);
  const heartbeat = Object.assign(new Message(MSG_HEARTBEAT, 2), { from: 3, term: 7 });
  two.raw.step(heartbeat);
  two.process();
  expect([two.raw.raft.vote, granted(askVote(two, MSG_VOTE, 1, 7))]).toEqual([0, [[false, 7, 1]]]);
});

test('a vote in a term that is on already is durable before it is sent', () => {
  const [one] = new RaftGroup(3).nodes as [GroupNode];
  askVote(one, MSG_VOTE, 2, 5, -1);
  expect(one.storage.hardState).toEqual({ term: 5, vote: 0, commit: 1 });
  const request = Object.assign(new Message(MSG_VOTE, 1), { from: 3, term: 5, index: 1, logTerm: 1 });
  one.raw.step(request);
  const ready = one.raw.ready();
  expect([ready.hardState, ready.mustSync]).toEqual([{ term: 5, vote: 3, commit: 1 }, true]);
});

test('a pre-vote of an older term is refused with the term of now; it moves no term and casts no vote', () => {
  const [one] = new RaftGroup(3, { preVote: true }).nodes as [GroupNode];
  askVote(one, MSG_VOTE, 2, 5);
  expect(askVote(one, MSG_PRE_VOTE, 3, 4).map(({ reject, term }) => [reject, term])).toEqual([[true, 5]]);
  expect(askVote(one, MSG_PRE_VOTE, 3, 9).map(({ reject, term }) => [reject, term])).toEqual([[false, 9]]);
  expect([one.raw.raft.term, one.raw.raft.vote]).toEqual([5, 2]);
});

test('a voter helps nobody to unseat a leader that it heard within an election timeout, and not a tick longer', () => {
  const group = new RaftGroup(3, { checkQuorum: true });
  group.elect(1);
  const two = group.node(2);
  for (let i = 0; i < 9; i++) two.raw.tick();
  expect(askVote(two, MSG_VOTE, 3, 9)).toEqual([]);
  two.raw.tick();
  expect(askVote(two, MSG_VOTE, 3, 9).map(({ reject }) => reject)).toEqual([false]);
});

test('a follower that has the snapshot’s entries already keeps its log and takes them for committed', () => {
  const group = new RaftGroup(3);
  group.elect(1);
  group.cut.add('1>3');
  group.propose(1, 7);
  const [leader, three] = [group.node(1).raw.raft, group.node(3).raw.raft];
  const append = new Message(MSG_APP, 3);
  const entries = leader.log.entries(three.log.lastIndex() + 1, 1_000) ?? [];
  const at = { index: three.log.lastIndex(), logTerm: three.log.lastTerm(), commit: three.log.committed };
  group.node(3).raw.step(Object.assign(append, { from: 1, term: leader.term, entries, ...at }));
  group.node(3).process();
  const last = three.log.lastIndex();
  const snapshot = { index: last, term: leader.term, confState: leader.tracker.confState, data: [] };
  group.node(3).raw.step(Object.assign(new Message(MSG_SNAP, 3), { from: 1, term: leader.term, snapshot }));
  expect([three.log.committed, three.log.unstable.snapshot, three.log.firstIndex()]).toEqual([last, null, 2]);
});
