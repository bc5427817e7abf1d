/** Differential test: the store and its watches against a list of changes, under random programs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, put, remove, txn } from '../../../core/chaos/store-campaign/v3-requests.ts';
import { TextValue, textOf } from '../../../core/chaos/store-campaign/value-fixture.ts';
import { applyEntry } from '../../../core/store/apply.ts';
import {
  ERROR_COMPACTED,
  ERROR_FUTURE_REVISION,
  EVENT_DELETE,
  KeyInterner,
  type StoreEvent,
  type StoreEventBatch,
  type StoreRangeResponse,
  StoreRequest,
  StoreWatch,
} from '../../../core/store/client-interface.ts';
import { Proposal } from '../../../core/store/log-entry.ts';
import { Mvcc } from '../../../core/store/mvcc.ts';
import { Engine } from '../../../core/store/v3/engine.ts';
import { COMPARE_EQUAL, COMPARE_MOD } from '../../../core/store/v3/messages.ts';
import type { Watcher } from '../../../core/store/watch-group.ts';
import { WatchHub, type WatchSink } from '../../../core/store/watch-hub.ts';
import { NaiveStore, type State } from './naive-store.ts';

const KEYS = ['/a/1', '/a/2', '/a/3', '/b/1', '/b/2', '/c', '/a/10', '/b'];
const BOUNDS = ['/', '/a/', '/a/2', '/b', '/b/', '/c', '/d', '\0'];

interface Step {
  readonly kind: 'put' | 'delete' | 'cas' | 'txn' | 'compact' | 'sweep' | 'range' | 'watch' | 'unwatch' | 'catch-up';
  readonly key: number;
  readonly other: number;
  readonly back: number;
  readonly limit: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'put',
    'put',
    'delete',
    'delete',
    'cas',
    'txn',
    'compact',
    'sweep',
    'range',
    'watch',
    'unwatch',
    'catch-up',
  ),
  key: fc.oneof(fc.nat(1), fc.nat(7)),
  other: fc.nat(7),
  back: fc.oneof(fc.integer({ min: 0, max: 2 }), fc.integer({ min: -2, max: 12 })),
  limit: fc.nat(4),
});

interface Watched {
  readonly start: number;
  readonly from: string;
  readonly to: string;
  readonly events: StoreEvent[];
  canceled: boolean;
  watcher: Watcher | null;
}

const plain = (keys: KeyInterner, answer: StoreRangeResponse): State[] =>
  answer.keyValues.map((kv) => ({
    key: keys.keyOf(kv.keyId),
    create: kv.createRevision,
    mod: kv.modRevision,
    version: kv.version,
    text: textOf(kv.value) as string,
  }));

class Bench implements WatchSink {
  readonly keys = new KeyInterner();
  readonly engine = new Engine({ keys: this.keys });
  readonly mvcc: Mvcc = this.engine.mvcc;
  readonly hub = new WatchHub(this.mvcc);
  readonly model = new NaiveStore();
  readonly watched: Watched[] = [];
  #count = 0;

  deliver(watchers: readonly Watcher[], batch: StoreEventBatch): void {
    for (const { owner } of watchers) {
      const watched = this.watched[owner] as Watched;
      for (const event of batch.events) {
        watched.events.push(event);
        const before = this.model.get(this.keys.keyOf(event.keyId), event.revision - 1);
        const compacted = event.revision <= this.mvcc.compactRevision;
        expect(textOf(event.previous)).toBe(compacted ? null : (before?.text ?? null));
      }
    }
  }

  compacted(watcher: Watcher): boolean {
    expect(watcher.nextRevision).toBeLessThan(this.model.compactRevision);
    (this.watched[watcher.owner] as Watched).canceled = true;
    return true;
  }

  text(): TextValue {
    return new TextValue(`v${this.#count++}`);
  }

  /** Takes in what the real store changed since `before`. */
  settle(before: number, flush = true): void {
    for (let i = before; i < this.mvcc.history.count; i++) this.hub.publish(this.mvcc.eventAt(i), this);
    if (flush) this.hub.flush(this);
    expect(this.mvcc.revision).toBe(this.model.revision);
  }

  run({ kind, key, other, back, limit }: Step): void {
    const { mvcc, model } = this;
    const name = KEYS[key] as string;
    const id = this.keys.intern(name);
    const before = mvcc.history.count;
    if (kind === 'put' || kind === 'cas') {
      const expected = kind === 'cas' ? model.revision - back : -1;
      const current = model.get(name)?.mod ?? 0;
      expect(mvcc.modRevision(id)).toBe(current);
      if (kind === 'put' || current === expected) {
        const value = this.text();
        mvcc.put(id, value);
        mvcc.commit();
        model.write([{ key: name, text: value.text }]);
      }
      this.settle(before, limit > 1);
    } else if (kind === 'delete') {
      expect(mvcc.delete(id) >= 0).toBe(model.write([{ key: name, text: null }]));
      mvcc.commit();
      this.settle(before);
    } else if (kind === 'txn') this.txn(id, other, back);
    else if (kind === 'compact') this.compact(model.revision - back);
    else if (kind === 'sweep') mvcc.compactStep(limit > 2 ? 1_000 : 1 + limit);
    else if (kind === 'range') this.range(BOUNDS[key] as string, BOUNDS[other] as string, model.revision - back, limit);
    else if (kind === 'watch') this.watch(BOUNDS[key] as string, BOUNDS[other] as string, model.revision - back);
    else if (kind === 'unwatch') this.unwatch(back);
    else this.catchUp();
  }

  txn(id: number, other: number, back: number): void {
    const before = this.mvcc.history.count;
    const name = KEYS[other] as string;
    const value = this.text();
    const expected = this.model.get(this.keys.keyOf(id))?.mod ?? 0;
    const [from, to] = ['/a/', '/a/2'];
    const wipe = remove(from as string, to as string);
    const number = expected - (back > 6 ? 1 : 0);
    const condition = compare(COMPARE_MOD, COMPARE_EQUAL, this.keys.keyOf(id), { number });
    const request = txn([put('/z/' + name, '', { value }), wipe], [wipe], [condition]);
    const answer = applyEntry(this.engine, new Proposal(StoreRequest.txn(request)), 0, false);
    const holds = back <= 6;
    const gone = this.model
      .range(from as string, to as string, this.model.revision)
      .map(({ key }) => ({ key, text: null }));
    this.model.write(holds ? [{ key: '/z/' + name, text: value.text }, ...gone] : gone);
    expect(answer).toMatchObject({ answer: { txn: { succeeded: holds } }, revision: this.model.revision });
    expect(value.announced).toEqual(holds ? [this.model.revision] : []);
    this.settle(before);
  }

  compact(revision: number): void {
    this.hub.flush(this);
    const error = this.mvcc.compact(revision);
    if (revision <= this.model.compactRevision) expect(error).toBe(ERROR_COMPACTED);
    else if (revision > this.model.revision) expect(error).toBe(ERROR_FUTURE_REVISION);
    else {
      expect(error).toBeNull();
      this.model.compactRevision = revision;
    }
  }

  range(from: string, to: string, revision: number, limit: number): void {
    const error = this.mvcc.checkRevision(revision);
    if (revision > this.model.revision) expect(error).toBe(ERROR_FUTURE_REVISION);
    else if (revision > 0 && revision < this.model.compactRevision) expect(error).toBe(ERROR_COMPACTED);
    else {
      expect(error).toBeNull();
      const expected = this.model.range(from, to, revision <= 0 ? this.model.revision : revision);
      const answer = this.mvcc.range(from, to, limit, revision, false);
      expect(plain(this.keys, answer)).toEqual(limit === 0 ? expected : expected.slice(0, limit));
      expect(answer).toMatchObject({
        count: expected.length,
        more: limit > 0 && expected.length > limit,
        revision: this.model.revision,
      });
      expect(this.mvcc.range(from, to, limit, revision, true)).toMatchObject({
        count: expected.length,
        more: false,
        keyValues: [],
      });
    }
  }

  watch(from: string, to: string, startRevision: number): void {
    const start = startRevision <= 0 ? this.model.revision + 1 : startRevision;
    this.hub.flush(this);
    const watched: Watched = { start, from, to, events: [], canceled: false, watcher: null };
    this.watched.push(watched);
    watched.watcher = this.hub.add(this.watched.length - 1, 0, new StoreWatch({ start: from, end: to, startRevision }));
  }

  catchUp(): boolean {
    this.hub.flush(this);
    return this.hub.catchUp(this);
  }

  unwatch(nth: number): void {
    const watched = this.watched[nth];
    if (watched === undefined || watched.canceled || watched.watcher === null) return;
    this.hub.flush(this);
    this.hub.remove(watched.watcher);
    watched.canceled = true;
  }

  finish(): void {
    while (this.catchUp());
    for (const watched of this.watched) {
      const seen = watched.events.map((e) => ({
        revision: e.revision,
        key: this.keys.keyOf(e.keyId),
        text: e.type === EVENT_DELETE ? null : textOf(e.value),
      }));
      const all = this.model.since(watched.start, watched.from, watched.to);
      expect(seen).toEqual(watched.canceled ? all.slice(0, seen.length) : all);
    }
    while (!this.mvcc.compactStep(3));
    this.compareWhole(this.mvcc);
    const copy = new Mvcc(this.keys);
    copy.load(this.mvcc.image());
    expect(copy.liveKeys).toBe(this.mvcc.liveKeys);
    expect(copy.sizeBytes).toBe(this.mvcc.sizeBytes);
    this.compareWhole(copy);
  }

  compareWhole(mvcc: Mvcc): void {
    for (let revision = Math.max(1, this.model.compactRevision); revision <= this.model.revision; revision++) {
      expect(plain(this.keys, mvcc.range('/', '\0', 0, revision, false))).toEqual(
        this.model.range('/', '\0', revision),
      );
    }
    expect(mvcc.liveKeys).toBe(this.model.range('/', '\0', this.model.revision).length);
  }
}

describe('MVCC against the naive model', () => {
  it('agrees on ranges, transactions, compactions and watches for random programs', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
        const bench = new Bench();
        for (const each of steps) bench.run(each);
        bench.finish();
      }),
      { seed: 20250101, numRuns: 1_000 },
    );
  });
});
