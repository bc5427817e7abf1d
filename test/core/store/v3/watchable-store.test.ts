import { describe, expect, test } from 'vitest';
import { KeyInterner } from '../../../../core/store/key-interner.ts';
import { BytesValue } from '../../../../core/store/v3/bytes-value.ts';
import { ETCD_3_4, ETCD_3_6 } from '../../../../core/store/v3/compatibility.ts';
import type { WatchCreateRequest, WatchResponse, WriteRequest } from '../../../../core/store/v3/messages.ts';
import { CHANNEL_CAPACITY } from '../../../../core/store/v3/watch-channel.ts';
import { WatchStream } from '../../../../core/store/v3/watch-stream.ts';
import { WatchableEngine } from '../../../../core/store/v3/watchable-engine.ts';

const put = (key: string, text = 'x'): WriteRequest => ({
  op: 'put',
  put: {
    key,
    value: new BytesValue(Buffer.from(text)),
    lease: 0n,
    prevKv: false,
    ignoreValue: false,
    ignoreLease: false,
  },
});
const remove = (key: string, rangeEnd = ''): WriteRequest => ({
  op: 'deleteRange',
  deleteRange: { key, rangeEnd, prevKv: false },
});
const compact = (revision: number): WriteRequest => ({ op: 'compaction', compaction: { revision, physical: true } });
const watch = (request: Partial<WatchCreateRequest> = {}): WatchCreateRequest => ({
  key: '\0',
  rangeEnd: '\0',
  startRevision: 0,
  progressNotify: false,
  filters: [],
  prevKv: false,
  watchId: 0n,
  fragment: false,
  ...request,
});

class Lab {
  readonly engine: WatchableEngine;
  readonly stream: WatchStream;

  constructor(compatibility = ETCD_3_6) {
    this.engine = new WatchableEngine({ keys: new KeyInterner(), compatibility });
    this.stream = new WatchStream(this.engine.watches, this.engine.kv, compatibility);
  }

  apply(...requests: WriteRequest[]): void {
    for (const request of requests) {
      this.engine.apply(request, 0);
      this.engine.mvcc.compactStep(Number.MAX_SAFE_INTEGER);
    }
  }

  take(): WatchResponse[] {
    const taken: WatchResponse[] = [];
    for (let next = this.stream.take(); next !== undefined; next = this.stream.take()) taken.push(next);
    return taken;
  }

  /** Revisions of all events that are there. */
  revisions(): number[] {
    return this.take().flatMap(({ events }) => events.map(({ kv }) => kv.modRevision));
  }
}

describe('WatchableStore', () => {
  test.each([
    ['b', '', [3]],
    ['b', 'd', [3, 4]],
    ['b', '\0', [3, 4, 5, 6]],
    ['\0', '\0', [2, 3, 4, 5, 6]],
  ])('a watch from %j to %j hears of the keys between alone', (key, rangeEnd, expected) => {
    const lab = new Lab();
    lab.stream.create(watch({ key, rangeEnd }));
    lab.take();
    lab.apply(...['a', 'b', 'c', 'd', 'e'].map((name) => put(name)));
    expect(lab.revisions()).toEqual(expected);
  });

  test('a watch from now, from the past and from the future get each change once', () => {
    const lab = new Lab();
    lab.apply(put('a'), put('b'));
    lab.stream.create(watch({ watchId: 1n }));
    lab.stream.create(watch({ watchId: 2n, startRevision: 2 }));
    lab.stream.create(watch({ watchId: 3n, startRevision: 6 }));
    lab.apply(put('c'));
    expect(lab.engine.watches.unsyncedCount).toBe(1);
    lab.engine.watches.syncWatchers();
    lab.apply(put('d'), remove('a'));
    const seen = new Map<bigint, number[]>();
    for (const { watchId, events } of lab.take()) {
      seen.set(watchId, [...(seen.get(watchId) ?? []), ...events.map(({ kv }) => kv.modRevision)]);
    }
    expect([seen.get(1n), seen.get(2n), seen.get(3n)]).toEqual([[4, 5, 6], [2, 3, 4, 5, 6], [6]]);
  });

  test('a full channel makes victims: nothing is lost, nothing comes twice, order stays', () => {
    const lab = new Lab();
    lab.stream.create(watch());
    const total = 3 * CHANNEL_CAPACITY;
    for (let i = 0; i < total; i++) lab.apply(put(`k${i}`));
    expect(lab.engine.watches.victimCount).toBe(1);
    expect(lab.engine.watches.syncedCount).toBe(0);
    const seen: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      seen.push(...lab.revisions());
      lab.engine.watches.moveVictims();
      lab.engine.watches.syncWatchers();
    }
    expect(seen).toEqual(Array.from({ length: total }, (_, i) => i + 2));
    expect(lab.engine.watches.syncedCount).toBe(1);
  });

  test('2,500 revisions of catch-up come as 1,000 + 1,000 + 500; a revision is never split', () => {
    const lab = new Lab();
    for (let i = 0; i < 2_499; i++) lab.apply(put(`k${i % 7}`));
    lab.apply(remove('k', 'l'));
    lab.stream.create(watch({ startRevision: 1 }));
    while (lab.engine.watches.unsyncedCount > 0) lab.engine.watches.syncWatchers();
    const sizes = lab.take().map(({ events }) => new Set(events.map(({ kv }) => kv.modRevision)).size);
    expect(sizes).toEqual([1_000, 1_000, 500]);
  });

  test('a catch-up that does not fit goes on where it stopped', () => {
    const lab = new Lab();
    for (let i = 0; i < 2_500; i++) lab.apply(put(`k${i % 7}`));
    lab.stream.create(watch({ watchId: 1n }));
    for (let i = 0; i < CHANNEL_CAPACITY; i++) lab.apply(put('k'));
    lab.stream.create(watch({ watchId: 2n, startRevision: 1 }));
    lab.engine.watches.syncWatchers();
    expect(lab.engine.watches.victimCount).toBe(1);
    const seen: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      for (const { watchId, events } of lab.take())
        if (watchId === 2n) seen.push(...events.map(({ kv }) => kv.modRevision));
      lab.engine.watches.moveVictims();
      lab.engine.watches.syncWatchers();
    }
    expect(seen).toEqual(Array.from({ length: 2_500 + CHANNEL_CAPACITY }, (_, i) => i + 2));
  });

  test('a compacted start ends the watch, keeps its id, and mutes progress until it is canceled', () => {
    const lab = new Lab();
    lab.apply(put('a'), put('a'), put('a'), compact(4));
    lab.stream.create(watch({ startRevision: 2 }));
    lab.engine.watches.syncWatchers();
    expect(lab.take()).toMatchObject([{ canceled: true, compactRevision: 4, revision: 0 }]);
    lab.stream.create(watch({ watchId: 9n }));
    lab.stream.requestProgress();
    expect(lab.take()).toEqual([]);
    expect(lab.stream.cancel(0n)?.canceled).toBe(true);
    lab.stream.requestProgress();
    expect(lab.take()).toMatchObject([{ watchId: -1n, revision: 4 }]);
  });

  test('the tombstone at the compact revision reaches a watch from there, and on 3.4 it does not', () => {
    for (const [compatibility, expected] of [
      [ETCD_3_6, [3, 4]],
      [ETCD_3_4, [4]],
    ] as const) {
      const lab = new Lab(compatibility);
      lab.apply(put('a'), remove('a'), put('b'), compact(3));
      lab.stream.create(watch({ startRevision: 3 }));
      lab.engine.watches.syncWatchers();
      expect(lab.revisions()).toEqual(expected);
    }
  });

  test('filters, values before, refused creates and progress notices are as etcd has them', () => {
    const lab = new Lab();
    lab.apply(put('a', '1'));
    lab.stream.create(watch({ watchId: 1n, filters: [0] }));
    lab.stream.create(watch({ watchId: 2n, key: 'a', rangeEnd: '', prevKv: true, progressNotify: true }));
    expect(lab.stream.create(watch({ watchId: 2n })).cancelReason).toContain('duplicate watch ID');
    expect(lab.stream.create(watch({ key: 'b', rangeEnd: 'b' })).cancelReason).toContain('range is empty');
    expect(lab.stream.create(watch({ startRevision: -1 })).canceled).toBe(true);
    lab.apply(put('a', '2'), remove('a'));
    const byWatch = lab.take().map(({ watchId, events }) => [watchId, events[0]?.type, events[0]?.prevKv?.version]);
    expect(byWatch).toEqual([
      [2n, 0, 1],
      [2n, 1, 2],
      [1n, 1, undefined],
    ]);
    lab.stream.notifyProgress();
    expect(lab.take()).toEqual([]);
    lab.stream.notifyProgress();
    expect(lab.take()).toMatchObject([{ watchId: 2n, revision: 4, events: [] }]);
  });

  test('after the store was replaced, watches go on from what they had', () => {
    const lab = new Lab();
    lab.apply(put('a'));
    lab.stream.create(watch());
    const other = new Lab();
    other.apply(put('a'), put('b'), put('c'));
    lab.engine.restore(other.engine.backup());
    lab.engine.watches.syncWatchers();
    expect(lab.revisions()).toEqual([3, 4]);
  });
});
