/** The store member as a process: group commit, watches over connections, crash and recovery, planted bugs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreClient } from '../../../core/chaos/store-campaign/store-client.ts';
import { compare, put, range, remove, txn } from '../../../core/chaos/store-campaign/v3-requests.ts';
import { TextValue, textOf } from '../../../core/chaos/store-campaign/value-fixture.ts';
import { findMark } from '../../../core/sim/registry.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import {
  ERROR_COMPACTED,
  ERROR_EMPTY_KEY,
  ERROR_FUTURE_REVISION,
  ERROR_LEASE_NOT_FOUND,
  ERROR_NO_SPACE,
  ERROR_REQUEST_TOO_LARGE,
  ERROR_TOO_MANY_REQUESTS,
  KeyInterner,
  OP_STORE_BATCH,
  OP_STORE_PROGRESS_REQUEST,
  OP_STORE_RANGE,
  OP_STORE_REQUEST,
  OP_STORE_TXN,
  OP_STORE_WATCH,
  OP_STORE_WATCH_CANCEL,
  OP_STORE_WATCH_EVENTS,
  StoreBatch,
  type StoreBatchResponse,
  type StoreErrorResponse,
  type StoreEvent,
  StoreRange,
  type StoreRangeResponse,
  StoreRequest,
  StoreTxn,
  type StoreTxnResponse,
  StoreWatch,
  type StoreWatchEvents,
} from '../../../core/store/client-interface.ts';
import { type StoreMember, storeMember } from '../../../core/store/member.ts';
import { POINT_STORE_COMMIT } from '../../../core/store/member-names.ts';
import { COMPARE_EQUAL, COMPARE_VERSION } from '../../../core/store/v3/messages.ts';

class Rig {
  readonly keys = new KeyInterner();
  readonly sim: Simulation;
  readonly store: number;
  readonly client: StoreClient;
  readonly observed: StoreEvent[] = [];
  member!: StoreMember;

  constructor(options: { bugs?: string[]; quotaBytes?: number; seed?: number } = {}) {
    this.sim = new Simulation({ seed: options.seed ?? 1, bugs: options.bugs ?? [] });
    const quota = options.quotaBytes === undefined ? {} : { quotaBytes: options.quotaBytes };
    const started = (member: StoreMember): void => {
      this.member = member;
    };
    this.store = this.sim.addProcess('etcd-0', 'machine-a', storeMember({ keys: this.keys, started, ...quota }));
    this.sim.observation.listen(POINT_STORE_COMMIT, (_pid, event) => this.observed.push(event as StoreEvent));
    let client: StoreClient | null = null;
    this.sim.addProcess('client', 'machine-b', (context) => {
      client = new StoreClient(context, this.store);
      return client;
    });
    this.run(1);
    this.client = client as unknown as StoreClient;
  }

  run(ms: number): void {
    this.sim.run(this.sim.now + ms * 1_000);
  }

  put(key: string, text: string, expected = -1): number {
    return this.client.ask(OP_STORE_TXN, new StoreTxn(this.keys.intern(key), expected, new TextValue(text)));
  }

  delete(key: string, expected = -1): number {
    return this.client.ask(OP_STORE_TXN, new StoreTxn(this.keys.intern(key), expected, null));
  }

  watch(id: number, path: string, startRevision: number, progressNotify = false, joinsAnswers = false): void {
    this.client.watch(OP_STORE_WATCH, id, StoreWatch.ofPrefix(path, { startRevision, progressNotify, joinsAnswers }));
  }

  answer<T>(id: number): T {
    const answer = this.client.answers.get(id);
    expect(answer).toBeDefined();
    return answer as T;
  }

  error(id: number): unknown {
    return this.answer<StoreErrorResponse>(id).error;
  }

  /** Everything in the store, read from it directly. */
  contents(): Record<string, string> {
    const found = this.member.mvcc.range('', '\0', 0, 0, false).keyValues;
    return Object.fromEntries(found.map((kv) => [this.keys.keyOf(kv.keyId), textOf(kv.value) as string]));
  }

  mark(name: string): number {
    return this.sim.observation.marks[findMark(name) as number] as number;
  }

  seen(watchId: number): string[] {
    return (this.client.events.get(watchId) ?? []).map(
      (e) => `${e.revision} ${this.keys.keyOf(e.keyId)}=${textOf(e.value)} was ${textOf(e.previous)}`,
    );
  }

  restart(): void {
    this.sim.restart(this.store);
    this.run(10);
  }
}

describe('store member', () => {
  it('creates, updates, deletes with compare and answers the current state on conflict', () => {
    const rig = new Rig();
    const create = rig.put('/a', 'one', 0);
    rig.run(10);
    const again = rig.put('/a', 'two', 0);
    const update = rig.put('/a', 'two', 2);
    rig.run(10);
    const gone = rig.delete('/a', 3);
    const absent = rig.delete('/a', 0);
    rig.run(10);
    expect(rig.answer<StoreTxnResponse>(create)).toMatchObject({ succeeded: true, revision: 2, current: null });
    const conflict = rig.answer<StoreTxnResponse>(again);
    expect(conflict).toMatchObject({ succeeded: false, revision: 2, current: { modRevision: 2, version: 1 } });
    expect(rig.answer<StoreTxnResponse>(update)).toMatchObject({ succeeded: true, revision: 3 });
    expect(rig.answer<StoreTxnResponse>(gone)).toMatchObject({ succeeded: true, revision: 4, deleted: 1 });
    expect(rig.answer<StoreTxnResponse>(absent)).toMatchObject({ succeeded: true, revision: 4, deleted: 0 });
    expect(rig.observed.map((e) => e.revision)).toEqual([2, 3, 4]);
  });

  it('answers no write before its fsync and lets writes that arrive meanwhile share the next one', () => {
    const rig = new Rig();
    const ids = ['/a', '/b', '/c', '/d'].map((key) => rig.put(key, key));
    const asked = rig.sim.now;
    rig.run(10);
    for (const id of ids)
      expect((rig.client.answeredAt.get(id) as number) - asked).toBeGreaterThan(rig.sim.costs.storeFsyncUs);
    const spread = (rig.client.answeredAt.get(ids[3] as number) as number) - asked;
    expect(spread).toBeLessThan(4 * rig.sim.costs.storeFsyncUs);
    expect(rig.mark('store-group-commit')).toBeGreaterThan(0);
  });

  it('announces the revision to a value exactly once, replays included', () => {
    const rig = new Rig();
    const value = new TextValue('x');
    rig.client.ask(OP_STORE_TXN, new StoreTxn(rig.keys.intern('/a'), 0, value));
    const refused = new TextValue('y');
    rig.client.ask(OP_STORE_TXN, new StoreTxn(rig.keys.intern('/a'), 0, refused));
    rig.run(10);
    rig.sim.crash(rig.store);
    rig.restart();
    expect(value.announced).toEqual([2]);
    expect(refused.announced).toEqual([]);
  });

  it('gives every item of a batch its own revision and reports failed compares', () => {
    const rig = new Rig();
    rig.put('/l/1', 'a');
    rig.run(10);
    const [one, two, three] = ['/l/1', '/l/2', '/l/3'].map((key) => rig.keys.intern(key)) as [number, number, number];
    const value = new TextValue('b');
    const id = rig.client.ask(
      OP_STORE_BATCH,
      new StoreBatch([one, two, three, three], [2, 7, 0, -1], [value, value, value, null]),
    );
    rig.run(10);
    const answer = rig.answer<StoreBatchResponse>(id);
    expect([...answer.revisions]).toEqual([3, -1, 4, 5]);
    expect(answer.current).toEqual([null]);
    expect(answer.revision).toBe(5);
  });

  it('serves ranges at old revisions and refuses future and compacted ones', () => {
    const rig = new Rig();
    rig.put('/a', 'one');
    rig.put('/a', 'two');
    rig.run(10);
    const old = rig.client.ask(OP_STORE_RANGE, StoreRange.ofKey(rig.keys.intern('/a'), 2));
    const future = rig.client.ask(OP_STORE_RANGE, StoreRange.ofPrefix('/', 0, 9));
    rig.run(10);
    expect(rig.answer<StoreRangeResponse>(old)).toMatchObject({
      revision: 3,
      count: 1,
      keyValues: [{ modRevision: 2 }],
    });
    expect(rig.error(future)).toBe(ERROR_FUTURE_REVISION);
    const compact = rig.client.ask(OP_STORE_REQUEST, StoreRequest.compaction(3, true));
    rig.run(30);
    expect(rig.answer(compact)).toMatchObject({ revision: 3 });
    expect(rig.member.mvcc.history.count).toBe(1);
    const below = rig.client.ask(OP_STORE_RANGE, StoreRange.ofPrefix('/', 0, 2));
    const twice = rig.client.ask(OP_STORE_REQUEST, StoreRequest.compaction(3));
    rig.run(10);
    expect(rig.error(below)).toBe(ERROR_COMPACTED);
    expect(rig.error(twice)).toBe(ERROR_COMPACTED);
  });

  it('sends one message a connection and commit, and shares one event object', () => {
    const rig = new Rig();
    rig.watch(1, '/a', 0);
    rig.watch(2, '/a', 0);
    rig.watch(3, '/', 0);
    rig.run(10);
    rig.put('/a', 'one');
    rig.run(10);
    expect(rig.client.created).toEqual([1, 2, 3]);
    expect(rig.client.messages).toBe(1);
    const [event] = rig.client.events.get(1) as StoreEvent[];
    expect(rig.client.events.get(2)).toEqual([event]);
    expect((rig.client.events.get(3) as StoreEvent[])[0]).toBe(event);
    rig.client.watch(OP_STORE_WATCH_CANCEL, 2, null);
    rig.client.watch(OP_STORE_WATCH_CANCEL, 77, null);
    rig.run(5);
    rig.put('/a', 'two');
    rig.run(10);
    expect(rig.client.canceled).toEqual([{ watchId: 2, compactRevision: 0, reason: '' }]);
    expect(rig.seen(2)).toHaveLength(1);
    expect(rig.seen(1)).toEqual(['2 /a=one was null', '3 /a=two was one']);
  });

  it('replays 2,500 revisions as 1,000 + 1,000 + 500 and then goes on live', () => {
    const rig = new Rig();
    for (let i = 0; i < 2_500; i++) rig.put('/a', `v${i}`);
    rig.run(200);
    const revisions: number[] = [];
    rig.client.heard = (op, _a, payload) => {
      if (op === OP_STORE_WATCH_EVENTS) revisions.push((payload as StoreWatchEvents).revision);
    };
    rig.watch(1, '/a', 2);
    rig.run(400);
    rig.put('/a', 'live');
    rig.run(10);
    expect(rig.client.batchSizes).toEqual([1_000, 1_000, 500, 1]);
    // Nothing at or below a message's revision comes later.
    expect(revisions).toEqual([1_001, 2_001, 2_501, 2_502]);
    expect(rig.client.events.get(1)?.map((e) => e.revision)).toEqual(Array.from({ length: 2_501 }, (_, i) => i + 2));
    expect(rig.mark('store-watch-replay-several')).toBeGreaterThan(0);
  });

  it('cancels a watch below the compacted revision and refuses empty ranges and duplicate ids', () => {
    const rig = new Rig();
    for (const text of ['1', '2', '3']) rig.put('/a', text);
    rig.client.ask(OP_STORE_REQUEST, StoreRequest.compaction(4));
    rig.run(10);
    rig.watch(1, '/a', 3);
    rig.watch(2, '/a', 4);
    rig.watch(2, '/a', 4);
    rig.client.watch(OP_STORE_WATCH, 3, new StoreWatch({ start: '/b', end: '/a', progressNotify: false }));
    rig.run(200);
    expect(rig.client.created).toEqual([1, 2, -1, -1]);
    expect(rig.client.canceled).toEqual([
      { watchId: -1, compactRevision: 0, reason: 'mvcc: duplicate watch ID provided on the WatchStream' },
      { watchId: -1, compactRevision: 0, reason: 'mvcc: watcher range is empty' },
      { watchId: 1, compactRevision: 4, reason: '' },
    ]);
    expect(rig.seen(2)).toEqual(['4 /a=3 was null']);
  });

  it('sends the answer to a write with its events to who asks for both in one message, and apart to others', () => {
    /** What the client has at the end, and how many events of the simulation that took. */
    const played = (joins: boolean): [unknown, number] => {
      const rig = new Rig();
      rig.watch(1, '/', 0, false, joins);
      rig.run(5);
      const before = rig.sim.eventCount;
      const won = rig.put('/a', 'one', 0);
      rig.run(5);
      const lost = rig.put('/a', 'two', 0);
      rig.run(5);
      // The last two come with one sync: both answers share the message with the events.
      const group = [rig.put('/b', 'one'), rig.put('/a', 'three'), rig.put('/b', 'two')];
      rig.run(10);
      const answers = [won, lost, ...group].map((id) => rig.answer(id));
      return [[answers, rig.seen(1)], rig.sim.eventCount - before];
    };
    const [apart, many] = played(false);
    const [joined, few] = played(true);
    expect(joined).toEqual(apart);
    expect(many - few).toBe(4);
  });

  it('keeps a watch from a future revision silent until then', () => {
    const rig = new Rig();
    rig.watch(1, '/', 4);
    rig.watch(2, '/', 0);
    rig.run(5);
    for (const text of ['1', '2', '3', '4']) rig.put('/a', text);
    rig.run(10);
    expect(rig.client.events.get(1)?.map((e) => e.revision)).toEqual([4, 5]);
    expect(rig.client.events.get(2)?.map((e) => e.revision)).toEqual([2, 3, 4, 5]);
  });

  it('notifies progress to quiet watches only, and answers a progress request when all are in step', () => {
    const rig = new Rig();
    rig.put('/b', '1');
    rig.watch(1, '/a', 0, true);
    rig.watch(2, '/b', 0, true);
    rig.run(4_000);
    rig.put('/b', '2');
    rig.run(1_500);
    expect(rig.client.progress).toEqual([{ watchId: 1, revision: 3 }]);
    rig.client.watch(OP_STORE_PROGRESS_REQUEST, 0, null);
    rig.run(10);
    expect(rig.client.progress[1]).toEqual({ watchId: -1, revision: 3 });
    rig.watch(3, '/b', 2);
    rig.client.watch(OP_STORE_PROGRESS_REQUEST, 0, null);
    rig.run(2);
    expect(rig.client.progress).toHaveLength(2);
  });

  it('refuses what exceeds quota or request size and lets deletes through', () => {
    const rig = new Rig({ quotaBytes: 2_000 });
    const ids = ['/a', '/b', '/c'].map((key) => rig.put(key, 'x'.repeat(600)));
    const huge = rig.put('/d', 'x'.repeat(1_572_864));
    rig.run(10);
    rig.put('/e', 'x'.repeat(900));
    const gone = rig.delete('/a');
    rig.run(10);
    const late = rig.put('/f', 'x'.repeat(900));
    rig.run(10);
    expect(rig.error(huge)).toBe(ERROR_REQUEST_TOO_LARGE);
    expect(rig.answer<StoreTxnResponse>(ids[0] as number).succeeded).toBe(true);
    expect(rig.answer<StoreTxnResponse>(gone).deleted).toBe(1);
    expect(rig.error(late)).toBe(ERROR_NO_SPACE);
  });

  it('refuses writes beyond 5,000 waiting ones, and leases it does not know', () => {
    const rig = new Rig();
    const ids = Array.from({ length: 5_200 }, (_, i) => rig.put(`/k/${i}`, 'x'));
    rig.run(50);
    const refused = ids.filter((id) => rig.answer<StoreErrorResponse>(id).error === ERROR_TOO_MANY_REQUESTS);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBe(rig.mark('store-too-many-requests'));
    expect(refused.length + rig.member.mvcc.revision - 1).toBe(5_200);
    const leased = rig.client.ask(OP_STORE_TXN, new StoreTxn(rig.keys.intern('/l'), 0, new TextValue('x'), 7));
    rig.run(10);
    expect(rig.error(leased)).toBe(ERROR_LEASE_NOT_FOUND);
  });

  it("runs the compactor's transaction: put if the version is as known, else read", () => {
    const rig = new Rig();
    const key = 'compact_rev_key';
    const claim = (version: number, text: string): number => {
      const condition = compare(COMPARE_VERSION, COMPARE_EQUAL, key, { number: version });
      const request = txn([put(key, text)], [range(key)], [condition]);
      return rig.client.ask(OP_STORE_REQUEST, StoreRequest.txn(request));
    };
    const [first, late] = [claim(0, '1'), claim(0, '2')];
    const malformed = rig.client.ask(OP_STORE_REQUEST, StoreRequest.txn(txn([], [remove('', '\0')])));
    rig.run(10);
    expect(rig.answer(first)).toMatchObject({ revision: 2, answer: { txn: { succeeded: true } } });
    expect(rig.answer(late)).toMatchObject({
      answer: { txn: { succeeded: false, responses: [{ range: { kvs: [{ version: 1 }] } }] } },
    });
    expect(rig.error(malformed)).toBe(ERROR_EMPTY_KEY);
  });

  it('rebuilds revision, keys and history exactly after a crash, with and without snapshot', () => {
    const rig = new Rig();
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 4_000; i++) rig.put(`/k/${i % 50}`, `r${round}i${i}`);
      rig.run(100);
      if (round === 3) rig.client.ask(OP_STORE_REQUEST, StoreRequest.compaction(15_000));
      rig.run(200);
    }
    const before = rig.member;
    const digest = rig.contents();
    rig.sim.crash(rig.store);
    rig.restart();
    expect(rig.member).not.toBe(before);
    expect(rig.member.mvcc.revision).toBe(before.mvcc.revision);
    expect(rig.member.mvcc.compactRevision).toBe(15_000);
    expect(rig.contents()).toEqual(digest);
    expect(rig.member.mvcc.history.lookup(0, 15_500)).toBeGreaterThanOrEqual(0);
    for (const revision of [15_000, 15_777, 20_001]) {
      const left = before.mvcc.range('', '\0', 0, revision, false).keyValues;
      expect(rig.member.mvcc.range('', '\0', 0, revision, false).keyValues).toEqual(left);
    }
    expect(rig.mark('store-snapshot')).toBeGreaterThan(0);
    expect(rig.mark('store-recovered')).toBe(1);
  });

  it('ends itself when the disk fails to sync, and refuses to start over a damaged record', () => {
    const rig = new Rig();
    for (const key of ['/a', '/b', '/c']) rig.put(key, 'x');
    rig.run(10);
    const disk = rig.sim.diskOf(rig.store);
    disk.conditions.failing = true;
    rig.put('/d', 'x');
    rig.run(10);
    expect(rig.sim.isRunning(rig.store)).toBe(false);
    disk.conditions.failing = false;
    disk.corrupt('wal', 1, null);
    rig.restart();
    expect(rig.mark('store-damaged')).toBe(1);
    expect(rig.sim.isRunning(rig.store)).toBe(false);
  });
});

describe('crashes at any moment', () => {
  interface Plan {
    readonly seed: number;
    readonly fate: 'lost' | 'kept' | 'torn';
    readonly crashAtUs: number;
    readonly rounds: number;
  }

  /** Writes, crashes and resumes a watch, several times over; returns what broke. */
  function campaign({ seed, fate, crashAtUs, rounds }: Plan, bugs: string[]): string[] {
    const rig = new Rig({ bugs, seed });
    const broken: string[] = [];
    rig.watch(1, '/', 0);
    for (let round = 0; round < rounds; round++) {
      const asked = new Map<number, string>();
      for (let i = 0; i < 12; i++) {
        const text = `r${round}v${i}`;
        asked.set(rig.put(`/k/${i % 3}`, text), text);
        rig.sim.run(rig.sim.now + 700);
      }
      rig.sim.run(rig.sim.now + crashAtUs);
      const last = `r${round} last`;
      asked.set(rig.put('/k/0', last), last);
      rig.sim.run(rig.sim.now + crashAtUs);
      rig.sim.crash(rig.store, { unsynced: fate });
      rig.restart();
      broken.push(...checkHistory(rig, asked), ...resume(rig, round + 2));
    }
    return broken;
  }

  function checkHistory(rig: Rig, asked: ReadonlyMap<number, string>): string[] {
    const history = rig.member.mvcc.history;
    const stored = Array.from({ length: history.count }, (_, i) => textOf(history.value(i)));
    const known = new Set(stored);
    const lost = [...asked].filter(([id, text]) => rig.client.answers.has(id) && !known.has(text));
    const broken = lost.map(([, text]) => `acknowledged ${text} is lost`);
    rig.observed.forEach((event, i) => {
      if (stored[i] !== textOf(event.value) || history.revision(i) !== event.revision)
        broken.push(`change ${i} was rewritten`);
    });
    return broken;
  }

  /** Goes on where the watch before ended. */
  function resume(rig: Rig, watchId: number): string[] {
    const last = (rig.client.events.get(watchId - 1) ?? []).at(-1)?.revision ?? rig.member.mvcc.revision;
    rig.put('/k/1', 'after');
    rig.run(10);
    rig.watch(watchId, '/', last + 1);
    rig.run(300);
    const revisions = (rig.client.events.get(watchId) ?? []).map((e) => e.revision);
    if (revisions[0] !== last + 1) return [`resumed watch begins at ${revisions[0]} instead of ${last + 1}`];
    return revisions.some((revision, i) => revision !== last + 1 + i) ? ['resumed watch has a gap'] : [];
  }

  const plan: fc.Arbitrary<Plan> = fc.record({
    seed: fc.nat(1_000_000),
    fate: fc.constantFrom<'lost' | 'kept' | 'torn'>('lost', 'kept', 'torn'),
    crashAtUs: fc.integer({ min: 1, max: 2_500 }),
    rounds: fc.integer({ min: 1, max: 4 }),
  });

  it('loses no acknowledged write and no watch event', () => {
    fc.assert(
      fc.property(plan, (each) => {
        expect(campaign(each, [])).toEqual([]);
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  it('finds the planted bugs', () => {
    const runs = fc.sample(plan, { seed: 8, numRuns: 60 });
    const found = (bug: string): string[] => runs.flatMap((each) => campaign(each, [bug]));
    expect(found('store-ack-before-sync').some((text) => text.includes('is lost'))).toBe(true);
    expect(found('store-watch-resume-skips').some((text) => text.includes('begins at'))).toBe(true);
    const rig = new Rig({ bugs: ['store-ignore-compare'] });
    rig.put('/a', 'one', 0);
    const again = rig.put('/a', 'two', 0);
    rig.run(10);
    expect(rig.answer<StoreTxnResponse>(again).succeeded).toBe(true);
  });

  it('gives the same digest for the same seed', () => {
    const digest = (): string => {
      const rig = new Rig({ seed: 5 });
      rig.watch(1, '/', 0);
      for (let i = 0; i < 50; i++) rig.put(`/k/${i % 7}`, `v${i}`);
      rig.run(50);
      rig.sim.crash(rig.store, { unsynced: 'torn' });
      rig.restart();
      return rig.sim.digestHex();
    };
    expect(digest()).toBe(digest());
  });
});
