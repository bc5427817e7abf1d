import fc from 'fast-check';
import { describe, it } from 'vitest';
import { FOUND_BY_NODE, Watcher } from '../../../core/api/watch/watcher.ts';
import { WatcherIndex } from '../../../core/api/watch/watcher-index.ts';
import { ANY_FIELDS } from '../../../core/types/field-selector.ts';
import { EVERYTHING } from '../../../core/types/label-selector.ts';
import { PODS } from '../../../core/types/resource-type.ts';

const COMMON = {
  conn: 7,
  type: PODS,
  selection: { namespace: '', labels: EVERYTHING, fields: ANY_FIELDS },
  foundBy: FOUND_BY_NODE,
  bookmarks: false,
  afterRevision: 0,
  nextBookmarkUs: 0,
  endUs: 0,
  startRevision: -1,
};

/** Ids of the watchers under `key`, by the chain. */
function chained(index: WatcherIndex<number>, key: number): number[] {
  const ids: number[] = [];
  for (let watcher = index.first(key); watcher !== null; watcher = watcher.nextOfKey) ids.push(watcher.id);
  return ids;
}

describe('an index of watchers', () => {
  it('keeps those of a key in the order in which they came, whoever leaves', () => {
    // A step adds a watcher under a key (0 to 3), or removes the n-th that is there.
    const step = fc.oneof(fc.record({ add: fc.nat(3) }), fc.record({ remove: fc.nat(10) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const index = new WatcherIndex<number>('nextOfKey');
        const lists = new Map<number, Watcher[]>();
        steps.forEach((one, id) => {
          if ('add' in one) {
            const watcher = new Watcher({ ...COMMON, id, indexKey: one.add });
            index.add(one.add, watcher);
            lists.set(one.add, [...(lists.get(one.add) ?? []), watcher]);
            return;
          }
          const watcher = [...lists.values()].flat()[one.remove];
          if (watcher === undefined) return;
          const key = watcher.indexKey as number;
          index.remove(key, watcher);
          const left = (lists.get(key) as Watcher[]).filter((other) => other !== watcher);
          if (left.length === 0) lists.delete(key);
          else lists.set(key, left);
        });
        const same = JSON.stringify(index.keys()) === JSON.stringify([...lists.keys()]);
        return (
          same && [0, 1, 2, 3].every((key) => `${chained(index, key)}` === `${lists.get(key)?.map((w) => w.id) ?? ''}`)
        );
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
