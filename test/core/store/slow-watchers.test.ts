/** Watches of clients that do not read: channel, victims, catching up, compaction meanwhile. */
import { describe, expect, it } from 'vitest';
import { StoreGroup } from '../../../core/chaos/store-campaign/store-group.ts';
import { TextValue } from '../../../core/chaos/store-campaign/value-fixture.ts';
import {
  OP_STORE_BATCH,
  OP_STORE_PROGRESS_REQUEST,
  OP_STORE_REQUEST,
  OP_STORE_WATCH,
  OP_STORE_WATCH_CANCEL,
  StoreBatch,
  StoreRequest,
  StoreWatch,
} from '../../../core/store/client-interface.ts';

/** One member with two clients' worth of puts: client 1 watches and sleeps, puts come through member 1 from client 2. */
class Lab {
  readonly group = new StoreGroup({ members: 3, member: { streams: { windowMessages: 2, channelResponses: 3 } } });

  constructor() {
    this.group.run(500);
    this.group.client(1).watch(OP_STORE_WATCH, 1, StoreWatch.ofPrefix('/'));
    this.group.run(20);
  }

  sleep(): void {
    this.group.sim.pause(this.group.clientPids[0] as number);
  }

  wake(): void {
    this.group.sim.resume(this.group.clientPids[0] as number);
    this.group.run(1_000);
  }

  put(count: number): void {
    for (let i = 0; i < count; i++) {
      this.group.put(2, '/k', `${i}`);
      this.group.run(10);
    }
  }

  seen(watchId = 1): number[] {
    return (this.group.client(1).events.get(watchId) ?? []).map(({ revision }) => revision);
  }
}

const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('a client that does not read', () => {
  it('gets everything in order once it reads again, however much did not fit', () => {
    const lab = new Lab();
    lab.sleep();
    lab.put(20);
    expect(lab.group.mark('store-watch-victim')).toBe(1);
    expect(lab.seen()).toEqual([]);
    lab.wake();
    expect(lab.seen()).toEqual(upTo(2, 21));
    lab.put(3);
    expect(lab.seen()).toEqual(upTo(2, 24));
  });

  it('needs no victims while what comes fits window and channel', () => {
    const lab = new Lab();
    lab.sleep();
    lab.put(5);
    expect(lab.group.mark('store-watch-victim')).toBe(0);
    lab.wake();
    expect(lab.seen()).toEqual(upTo(2, 6));
  });

  it('keeps what its victims hold over a compaction; what they lack is told as compacted', () => {
    const lab = new Lab();
    lab.sleep();
    lab.put(12);
    lab.group.client(2).ask(OP_STORE_REQUEST, StoreRequest.compaction(12, true));
    lab.group.run(200);
    lab.wake();
    // Two unread, three in the channel, one held: then revision 8 is gone.
    expect(lab.seen()).toEqual(upTo(2, 7));
    expect(lab.group.client(1).canceled).toEqual([{ watchId: 1, compactRevision: 12, reason: '' }]);
  });

  it('gets each change once where a watch that was to come is let in between two of them', () => {
    const lab = new Lab();
    const { group } = lab;
    const { revision } = group.member(1).mvcc;
    group.client(1).watch(OP_STORE_WATCH, 2, StoreWatch.ofPrefix('/', { startRevision: revision + 9 }));
    group.run(20);
    lab.sleep();
    lab.put(4);
    // Eight revisions of one entry of the log come in one message, which does not fit.
    const keyIds = Array.from({ length: 8 }, (_, i) => group.keys.intern(`/k${i}`));
    const texts = keyIds.map((id) => new TextValue(`${id}`));
    group.client(2).ask(
      OP_STORE_BATCH,
      new StoreBatch(
        keyIds,
        keyIds.map(() => -1),
        texts,
      ),
    );
    group.run(50);
    expect(group.mark('store-watch-victim')).toBeGreaterThan(0);
    lab.wake();
    expect(lab.seen(1)).toEqual(upTo(revision + 1, revision + 12));
    expect(lab.seen(2)).toEqual(upTo(revision + 9, revision + 12));
  });

  it('is told of progress that had to wait, although nothing else comes', () => {
    const lab = new Lab();
    const client = lab.group.client(1);
    lab.sleep();
    lab.put(2);
    client.watch(OP_STORE_PROGRESS_REQUEST, 0, null);
    lab.group.run(50);
    lab.wake();
    expect(client.progress).toEqual([{ watchId: -1, revision: 3 }]);
  });

  it('gets nothing of a watch that it has ended meanwhile', () => {
    const lab = new Lab();
    lab.group.client(1).watch(OP_STORE_WATCH, 2, StoreWatch.ofPrefix('/'));
    lab.group.run(20);
    // What it asks for leaves at once; what it is sent waits.
    lab.sleep();
    lab.put(4);
    lab.group.client(1).watch(OP_STORE_WATCH_CANCEL, 2, null);
    lab.group.run(50);
    lab.put(4);
    lab.wake();
    expect(lab.seen(1)).toEqual(upTo(2, 9));
    // What was on its way: the window of two messages.
    expect(lab.seen(2)).toEqual([2, 3]);
    expect(lab.group.client(1).canceled).toEqual([{ watchId: 2, compactRevision: 0, reason: '' }]);
  });
});
