/**
 * Host-time kernels of the store: MVCC put, get and range, watch fan-out, and writes through a simulated member.
 *
 * Each returns a closure that does `count` operations, so that whoever measures divides by it; state is built outside the measured part.
 */
import { Sfc32 } from '../../core/base/random.ts';
import type { Context } from '../../core/sim/context.ts';
import type { Behaviour } from '../../core/sim/process.ts';
import { Simulation } from '../../core/sim/simulation.ts';
import {
  KeyInterner,
  OP_STORE_RESPONSE,
  OP_STORE_TXN,
  type StoreEventBatch,
  StoreTxn,
  type StoreValue,
  StoreWatch,
} from '../../core/store/client-interface.ts';
import { storeMember } from '../../core/store/member.ts';
import { Mvcc } from '../../core/store/mvcc.ts';
import type { Watcher } from '../../core/store/watch-group.ts';
import { WatchHub, type WatchSink } from '../../core/store/watch-hub.ts';

/** A value of `sizeBytes` without content of its own. */
class BlankValue implements StoreValue {
  readonly sizeBytes: number;
  readonly hash: number;
  constructor(sizeBytes: number, hash: number) {
    this.sizeBytes = sizeBytes;
    this.hash = hash;
  }
  bytes(): Uint8Array {
    return new Uint8Array(this.sizeBytes);
  }
}

const podKey = (i: number): string => `/registry/pods/namespace-${i % 50}/pod-${String(i).padStart(6, '0')}`;

/** Key ids named in random order. */
function namedKeys(keys: KeyInterner, count: number): Int32Array {
  const random = new Sfc32(7, 8, 9);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const swap = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swap;
  }
  return order.map((i) => keys.intern(podKey(i)));
}

/** History is compacted when it is this many times the number of keys, as Kubernetes does by time. */
const VERSIONS_KEPT = 10;

/** Puts of `keyCount` existing keys in random order, a fresh 256-byte value each, one revision each, compaction included. */
export function mvccPut(keyCount: number): (count: number) => void {
  const keys = new KeyInterner();
  const ids = namedKeys(keys, keyCount);
  const mvcc = new Mvcc(keys);
  const random = new Sfc32(1, 2, 3);
  for (const id of ids) {
    mvcc.put(id, new BlankValue(256, id));
    mvcc.commit();
  }
  return (count) => {
    for (let i = 0; i < count; i++) {
      mvcc.put(ids[random.below(keyCount)] as number, new BlankValue(256, i));
      mvcc.commit();
      if (mvcc.history.count >= keyCount * VERSIONS_KEPT) {
        mvcc.compact(mvcc.revision);
        mvcc.compactStep(Number.MAX_SAFE_INTEGER);
      }
    }
  };
}

/** First puts of new keys: a fresh store and `count` keys, named beforehand in random order. */
export function mvccCreate(keyCount: number): (count: number) => void {
  const keys = new KeyInterner();
  const ids = namedKeys(keys, keyCount);
  let mvcc = new Mvcc(keys);
  let next = 0;
  return (count) => {
    for (let i = 0; i < count; i++) {
      if (next === keyCount) {
        mvcc = new Mvcc(keys);
        next = 0;
      }
      mvcc.put(ids[next++] as number, new BlankValue(256, i));
      mvcc.commit();
    }
  };
}

/** Gets of current keys in random order. */
export function mvccGet(keyCount: number): (count: number) => void {
  const keys = new KeyInterner();
  const ids = namedKeys(keys, keyCount);
  const mvcc = new Mvcc(keys);
  const random = new Sfc32(1, 2, 3);
  for (const id of ids) mvcc.put(id, new BlankValue(256, id));
  mvcc.commit();
  let found = 0;
  return (count) => {
    for (let i = 0; i < count; i++) found += mvcc.get(ids[random.below(keyCount)] as number)?.version ?? 0;
    if (found < 0) throw new Error('unreachable');
  };
}

/** Ranges of 1,000 keys among 100,000. */
export function mvccRange(): (count: number) => void {
  const keys = new KeyInterner();
  const mvcc = new Mvcc(keys);
  for (const id of namedKeys(keys, 100_000)) mvcc.put(id, new BlankValue(256, id));
  mvcc.commit();
  keys.ordered();
  return (count) => {
    for (let i = 0; i < count; i++) {
      const start = `/registry/pods/namespace-${i % 50}/`;
      mvcc.range(start, start + '~', 1_000, 0, false);
    }
  };
}

/** Takes deliveries into a column: the revision each watcher has got to. */
class ColumnSink implements WatchSink {
  readonly got: Float64Array;
  constructor(watcherCount: number) {
    this.got = new Float64Array(watcherCount);
  }
  deliver(watchers: readonly Watcher[], batch: StoreEventBatch): void {
    const revision = batch.events[batch.events.length - 1]?.revision ?? 0;
    for (let i = 0; i < watchers.length; i++) this.got[(watchers[i] as Watcher).owner] = revision;
  }
  compacted(): boolean {
    return true;
  }
}

/**
 * Fan-out of one-event revisions to `watcherCount` watchers, flushed at each revision; an operation is one delivery to one watcher.
 * `cohort`: all watch the same range; otherwise each a range of its own that covers the key. The put is included.
 */
export function watchFanOut(watcherCount: number, cohort: boolean): (count: number) => void {
  const keys = new KeyInterner();
  const mvcc = new Mvcc(keys);
  const hub = new WatchHub(mvcc);
  const sink = new ColumnSink(watcherCount);
  const id = keys.intern(podKey(1));
  for (let i = 0; i < watcherCount; i++) {
    const end = cohort ? '/registry/pods0' : `/registry/pods0${String(i).padStart(6, '0')}`;
    hub.add(i, 1, new StoreWatch({ start: '/registry/pods/', end, progressNotify: false }));
  }
  const value = new BlankValue(256, 1);
  return (count) => {
    for (let done = 0; done < count; done += watcherCount) {
      const index = mvcc.put(id, value);
      mvcc.commit();
      hub.publish(mvcc.eventAt(index), sink);
      hub.flush(sink);
      if (mvcc.history.count > 100_000) {
        mvcc.compact(mvcc.revision);
        mvcc.compactStep(Number.MAX_SAFE_INTEGER);
      }
    }
  };
}

/** Single-key writes through a simulated one-member store, `inFlight` at a time, one watch on everything. */
export function memberWrites(keyCount: number, inFlight: number): (count: number) => void {
  const keys = new KeyInterner();
  const ids = namedKeys(keys, keyCount);
  const simulation = new Simulation({ seed: 1 });
  let mvcc: Mvcc | null = null;
  const started = (member: { readonly mvcc: Mvcc }): void => {
    mvcc = member.mvcc;
  };
  const store = simulation.addProcess('etcd-0', 'machine-a', storeMember({ keys, started }));
  let wanted = 0;
  let completed = 0;
  const client = (context: Context): Behaviour => {
    const random = context.random('keys');
    let conn = -1;
    const write = (): void => {
      const txn = new StoreTxn(ids[random.below(keyCount)] as number, -1, new BlankValue(256, completed));
      context.sendOn(conn, OP_STORE_TXN, 1, 0, txn);
    };
    return {
      start() {
        conn = context.connect(store);
        for (let i = 0; i < inFlight; i++) write();
      },
      receive(op) {
        if (op !== OP_STORE_RESPONSE) return;
        if (++completed >= wanted) simulation.stop();
        if (mvcc !== null && completed % (keyCount * VERSIONS_KEPT) === 0) mvcc.compact(mvcc.revision);
        if (mvcc?.compacting) mvcc.compactStep(1_000);
        write();
      },
    };
  };
  simulation.addProcess('client', 'machine-b', client);
  return (count) => {
    wanted = completed + count;
    simulation.run(Number.MAX_SAFE_INTEGER);
  };
}
