/** Watch groups: sharing, joining in the middle of a batch, sets of groups a key, single keys, catch-up limits. */
import { describe, expect, it } from 'vitest';
import { TextValue } from '../../../core/chaos/store-campaign/value-fixture.ts';
import {
  KeyInterner,
  type StoreEvent,
  type StoreEventBatch,
  StoreWatch,
} from '../../../core/store/client-interface.ts';
import { Mvcc } from '../../../core/store/mvcc.ts';
import type { Watcher } from '../../../core/store/watch-group.ts';
import { CATCH_UP_WATCHERS, WatchHub, type WatchSink } from '../../../core/store/watch-hub.ts';

class Rig implements WatchSink {
  readonly keys = new KeyInterner();
  readonly mvcc = new Mvcc(this.keys);
  readonly hub = new WatchHub(this.mvcc);
  readonly got = new Map<number, StoreEvent[]>();
  readonly batches = new Map<number, StoreEventBatch[]>();
  readonly lost: number[] = [];

  deliver(watchers: readonly Watcher[], batch: StoreEventBatch): void {
    for (const { owner } of watchers) {
      this.got.set(owner, [...(this.got.get(owner) ?? []), ...batch.events]);
      this.batches.set(owner, [...(this.batches.get(owner) ?? []), batch]);
    }
  }

  compacted(watcher: Watcher): boolean {
    this.lost.push(watcher.owner);
    return true;
  }

  put(key: string): void {
    const index = this.mvcc.put(this.keys.intern(key), new TextValue(key));
    this.mvcc.commit();
    this.hub.publish(this.mvcc.eventAt(index), this);
  }

  flush(): void {
    this.hub.flush(this);
  }

  watch(owner: number, prefix: string, start = 0): Watcher {
    return this.hub.add(owner, 1, StoreWatch.ofPrefix(prefix, { startRevision: start }));
  }

  watchKey(owner: number, key: string, start = 0): Watcher {
    return this.hub.add(owner, 1, new StoreWatch({ keyId: this.keys.intern(key), startRevision: start }));
  }

  revisions(owner: number): number[] {
    return (this.got.get(owner) ?? []).map((event) => event.revision);
  }
}

describe('watch hub', () => {
  it('shares one batch object among watchers of equal range', () => {
    const rig = new Rig();
    for (const owner of [1, 2, 3]) rig.watch(owner, '/a');
    rig.put('/a/1');
    rig.put('/a/2');
    rig.flush();
    expect(rig.batches.get(1)).toHaveLength(1);
    expect(rig.batches.get(2)?.[0]).toBe(rig.batches.get(1)?.[0]);
    expect(rig.batches.get(3)?.[0]).toBe(rig.batches.get(1)?.[0]);
    expect(rig.revisions(3)).toEqual([2, 3]);
  });

  it('lets a future watcher into a group with events pending without giving it the older ones', () => {
    const rig = new Rig();
    rig.watch(1, '/a');
    rig.watch(2, '/a', 3);
    rig.put('/a/1');
    rig.put('/a/2');
    rig.put('/a/3');
    rig.flush();
    expect(rig.revisions(1)).toEqual([2, 3, 4]);
    expect(rig.revisions(2)).toEqual([3, 4]);
  });

  it('finds the groups of a key anew when ranges come and go', () => {
    const rig = new Rig();
    const wide = rig.watch(1, '/');
    rig.put('/a/1');
    rig.flush();
    rig.watch(2, '/a/');
    rig.put('/a/1');
    rig.flush();
    rig.hub.remove(wide);
    rig.put('/a/1');
    rig.put('/b/1');
    rig.flush();
    expect(rig.revisions(1)).toEqual([2, 3]);
    expect(rig.revisions(2)).toEqual([3, 4]);
    expect(rig.hub.isWatched(rig.keys.intern('/b/1'))).toBe(false);
  });

  it('tells keys of one directory apart where a range begins, ends or leaves out something between them', () => {
    const rig = new Rig();
    rig.watch(1, '/a/b');
    rig.hub.add(2, 1, new StoreWatch({ start: '/a/', end: '/a/c' }));
    rig.hub.add(3, 1, StoreWatch.ofPrefix('/', { except: '/a/ba' }));
    rig.hub.add(4, 1, StoreWatch.ofPrefix('/', { except: '/a/' }));
    for (const key of ['/a/a', '/a/b', '/a/ba', '/a/c', '/a/b/b', '/b/b', 'a']) rig.put(key);
    rig.flush();
    expect([1, 2, 3, 4].map((owner) => rig.got.get(owner)?.map(({ keyId }) => rig.keys.keyOf(keyId)))).toEqual([
      ['/a/b', '/a/ba', '/a/b/b'],
      ['/a/a', '/a/b', '/a/ba', '/a/b/b'],
      ['/a/a', '/a/b', '/a/c', '/a/b/b', '/b/b'],
      ['/b/b'],
    ]);
  });

  it('serves watches of single keys beside ranges', () => {
    const rig = new Rig();
    rig.watch(1, '/a');
    const single = rig.watchKey(2, '/a/1');
    rig.put('/a/1');
    rig.put('/a/2');
    rig.flush();
    rig.hub.remove(single);
    rig.put('/a/1');
    rig.flush();
    expect(rig.revisions(1)).toEqual([2, 3, 4]);
    expect(rig.revisions(2)).toEqual([2]);
    rig.watchKey(3, '/a/1', 2);
    expect(rig.hub.catchUp(rig)).toBe(false);
    expect(rig.revisions(3)).toEqual([2, 4]);
    expect(rig.got.get(3)?.[1]?.previous).toBe(rig.got.get(3)?.[0]?.value);
  });

  it('feeds at most 512 watchers a pass, first come first served', () => {
    const rig = new Rig();
    rig.put('/a');
    for (let owner = 0; owner < CATCH_UP_WATCHERS + 10; owner++) rig.watch(owner, '/', 2);
    expect(rig.hub.catchUp(rig)).toBe(true);
    expect(rig.got.size).toBe(CATCH_UP_WATCHERS);
    expect(rig.hub.behindCount).toBe(10);
    expect(rig.hub.catchUp(rig)).toBe(false);
    expect(rig.got.size).toBe(CATCH_UP_WATCHERS + 10);
    expect(rig.batches.get(0)?.[0]).toBe(rig.batches.get(1)?.[0]);
  });

  it('gives a removed watcher nothing, whichever state it is in', () => {
    const rig = new Rig();
    rig.put('/a');
    const states = [rig.watch(1, '/', 0), rig.watch(2, '/', 2), rig.watch(3, '/', 9)];
    for (const watcher of states) rig.hub.remove(watcher);
    for (let i = 0; i < 10; i++) rig.put('/a');
    rig.flush();
    rig.hub.catchUp(rig);
    expect(rig.got.size).toBe(0);
  });

  it('keeps a delete event for a watch that starts at the compacted revision of the delete', () => {
    const rig = new Rig();
    rig.put('/a');
    rig.mvcc.delete(rig.keys.intern('/a'));
    rig.mvcc.commit();
    expect(rig.mvcc.compact(3)).toBeNull();
    expect(rig.mvcc.compactStep(1_000)).toBe(true);
    expect(rig.mvcc.history.count).toBe(1);
    rig.watch(1, '/', 3);
    rig.watch(2, '/', 2);
    rig.hub.catchUp(rig);
    expect(rig.got.get(1)).toMatchObject([{ type: 1, revision: 3, createRevision: 0, version: 0, value: null }]);
    expect(rig.lost).toEqual([2]);
    rig.put('/b');
    rig.mvcc.compact(4);
    rig.mvcc.compactStep(1_000);
    expect(rig.mvcc.history.count).toBe(1);
  });
});
