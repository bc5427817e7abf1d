import { expect, test } from 'vitest';
import { SliceTracker } from '../../../core/controllers/endpointslice/slice-tracker.ts';
import type { EndpointSlice } from '../../../core/types/endpoint-slice.ts';

const slice = (uid: string, generation: number, deletionTimestamp?: string): EndpointSlice =>
  ({ metadata: { name: uid, uid, generation, deletionTimestamp } }) as EndpointSlice;

test('slices are stale while the informer lacks what was written, or shows what was deleted', () => {
  const tracker = new SliceTracker();
  expect(tracker.isStale(1, [slice('a', 1)])).toBe(false);
  tracker.wrote(1, slice('a', 2));
  tracker.wrote(1, slice('b', 1));
  expect(tracker.isStale(1, [slice('a', 1), slice('b', 1)])).toBe(true);
  expect(tracker.isStale(1, [slice('a', 2)])).toBe(true);
  expect(tracker.isStale(1, [slice('a', 2), slice('b', 1), slice('foreign', 0)])).toBe(false);
  expect(tracker.isStale(2, [slice('a', 1)])).toBe(false);
  tracker.expectDeletion(1, slice('b', 1));
  expect(tracker.isStale(1, [slice('a', 2), slice('b', 1)])).toBe(true);
  expect(tracker.isStale(1, [slice('a', 2), slice('b', 1, '2025-01-01T00:00:00Z')])).toBe(false);
  expect(tracker.isStale(1, [slice('a', 2)])).toBe(false);
});

test('a change or a deletion is foreign unless it was made here; a service that is gone is forgotten', () => {
  const tracker = new SliceTracker();
  expect([tracker.isForeign(1, slice('a', 1)), tracker.deleted(1, slice('a', 1))]).toEqual([true, true]);
  tracker.wrote(1, slice('a', 2));
  expect([tracker.isForeign(1, slice('a', 2)), tracker.isForeign(1, slice('a', 3))]).toEqual([false, true]);
  expect([tracker.deleted(1, slice('a', 2)), tracker.isForeign(1, slice('a', 2))]).toEqual([true, true]);
  tracker.expectDeletion(1, slice('b', 1));
  expect(tracker.deleted(1, slice('b', 1))).toBe(false);
  tracker.wrote(1, slice('c', 2));
  tracker.forget(1);
  expect(tracker.isStale(1, [slice('c', 1)])).toBe(false);
});
