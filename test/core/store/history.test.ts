/** A history across segment borders: what a snapshot keeps stays as it was, whatever the history does afterwards. */
import { describe, expect, it } from 'vitest';
import { TextValue, textOf } from '../../../core/chaos/store-campaign/value-fixture.ts';
import { KeyInterner } from '../../../core/store/client-interface.ts';
import { Mvcc } from '../../../core/store/mvcc.ts';

/** More changes than three segments hold, so that borders lie among live, swept and shared records. */
const CHANGES = 3 * 4096 + 100;
const KEYS = 1_000;

function changed(mvcc: Mvcc, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const key = mvcc.keys.intern(`/k/${(i * 7) % KEYS}`);
    if (i % 11 === 10) mvcc.delete(key);
    else mvcc.put(key, new TextValue(`${i}`), i % 3);
    mvcc.commit();
  }
}

/** Everything that a reader can see of a store, at a few revisions. */
function seen(mvcc: Mvcc, revisions: readonly number[]): unknown {
  return revisions.map((revision) =>
    mvcc.range('/', '\0', 0, revision, false).keyValues.map(({ value, ...rest }) => ({ ...rest, text: textOf(value) })),
  );
}

describe('history', () => {
  it('keeps a snapshot as it was through appends, sweeps and rewrites', () => {
    const mvcc = new Mvcc(new KeyInterner());
    changed(mvcc, 0, CHANGES);
    const revisions = [100, 4096, 4097, 9_000, mvcc.revision];
    const before = seen(mvcc, revisions);
    const image = mvcc.image();
    const hash = mvcc.history.contentHash;
    const bytes = mvcc.history.valueBytes;

    changed(mvcc, CHANGES, CHANGES + 5_000);
    expect(mvcc.compact(mvcc.revision - 10)).toBeNull();
    mvcc.compactStep(6_000);
    expect(mvcc.history.sweptCount).toBeGreaterThan(0);
    while (!mvcc.compactStep(1_000));
    changed(mvcc, 0, 3_000);

    const restored = new Mvcc(mvcc.keys);
    restored.load(image);
    expect(restored.history.contentHash).toBe(hash);
    expect(restored.history.valueBytes).toBe(bytes);
    expect(seen(restored, revisions)).toEqual(before);
  });

  it('goes on from a snapshot as the original does, compaction included', () => {
    const original = new Mvcc(new KeyInterner());
    changed(original, 0, CHANGES);
    const restored = new Mvcc(original.keys);
    restored.load(original.image());
    for (const mvcc of [original, restored]) {
      changed(mvcc, CHANGES, CHANGES + 500);
      mvcc.compact(5_000);
      while (!mvcc.compactStep(700));
      changed(mvcc, CHANGES + 500, CHANGES + 900);
    }
    expect(restored.history.count).toBe(original.history.count);
    expect(restored.history.contentHash).toBe(original.history.contentHash);
    const revisions = [5_000, 8_192, original.revision];
    expect(seen(restored, revisions)).toEqual(seen(original, revisions));
  });
});
