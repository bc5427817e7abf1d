import { describe, expect, test } from 'vitest';
import { POINT_STORE_EVENTS, POINT_STORE_WATCH } from '../../../core/api/declarations.ts';
import type { Judge } from '../../../core/chaos/predicate.ts';
import { storeWatches } from '../../../core/chaos/predicates/store-watch-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import { POINT_STORE_COMMIT } from '../../../core/store/member-names.ts';

interface Change {
  readonly keyId: number;
  readonly revision: number;
  readonly createRevision: number;
  readonly version: number;
  readonly value: object | null;
  readonly previous: object | null;
}

const change = (revision: number, keyId = 1, previous: object | null = null): Change => {
  return { keyId, revision, createRevision: revision, version: 1, value: {}, previous };
};

/** Commits five changes, two of them in one revision, and shows a stream what `give` says. */
function verdict(
  give: (stream: (revision: number, ...events: Change[]) => void, all: readonly Change[]) => void,
): string {
  const sim = new Simulation({ seed: 1 });
  const violations: string[] = [];
  const judge: Judge = { sim, world: new World(), calmSinceUs: 0, violate: (_, message) => violations.push(message) };
  storeWatches(judge);
  const first = change(2);
  const all = [first, change(3, 2), change(4, 3), change(4, 4), change(5, 1, first.value)];
  for (const each of all) sim.observation.observe(POINT_STORE_COMMIT, 9, each);
  sim.observation.observe(POINT_STORE_WATCH, 0, { startRevision: 2 });
  const stream = (revision: number, ...events: Change[]): void =>
    sim.observation.observe(
      POINT_STORE_EVENTS,
      0,
      events.length === 0 ? { revision } : { revision, batches: [{ events }] },
    );
  give(stream, all);
  return violations.join('; ');
}

describe('S7', () => {
  test('the history itself, in any whole pieces, with progress between', () => {
    expect(
      verdict((stream, [a, b, c, d, e]) => {
        stream(2, a!);
        stream(2);
        stream(4, b!, c!, d!);
        stream(5, { ...e!, previous: null });
        stream(9);
      }),
    ).toBe('');
  });

  test('of all kinds called Event, those of the core group alone are left out', () => {
    const sim = new Simulation({ seed: 1 });
    const violations: string[] = [];
    const judge: Judge = { sim, world: new World(), calmSinceUs: 0, violate: (_, message) => violations.push(message) };
    storeWatches(judge);
    const ofKind = (revision: number, apiVersion: string): Change => {
      return { ...change(revision), value: { object: { apiVersion, kind: 'Event' } } };
    };
    const own = ofKind(3, 'example.com/v1');
    const all = [ofKind(2, 'v1'), own, ofKind(4, 'v1'), change(5)];
    for (const each of all) sim.observation.observe(POINT_STORE_COMMIT, 9, each);
    sim.observation.observe(POINT_STORE_WATCH, 0, { startRevision: 2 });
    sim.observation.observe(POINT_STORE_EVENTS, 0, { revision: 3, batches: [{ events: [own] }] });
    expect(violations).toEqual([]);
    sim.observation.observe(POINT_STORE_EVENTS, 0, { revision: 5, batches: [{ events: [all[2]] }] });
    expect(violations).toHaveLength(1);
  });

  test.each([
    [
      'ordered',
      'comes next',
      (all: readonly Change[]) => [
        [3, all[1]],
        [2, all[0]],
      ],
    ],
    [
      'unique',
      'comes next',
      (all: readonly Change[]) => [
        [2, all[0]],
        [2, all[0]],
      ],
    ],
    [
      'reliable',
      'comes next',
      (all: readonly Change[]) => [
        [2, all[0]],
        [4, all[2], all[3]],
      ],
    ],
    ['resumable', 'comes next', (all: readonly Change[]) => [[3, all[1]]]],
    [
      'atomic',
      'two parts',
      (all: readonly Change[]) => [
        [2, all[0]],
        [3, all[1]],
        [4, all[2]],
      ],
    ],
    ['bookmarkable', 'told of progress to revision 3', (all: readonly Change[]) => [[2, all[0]], [3]]],
    [
      'filter',
      'never committed',
      (all: readonly Change[]) => [
        [5, ...all],
        [6, change(6)],
      ],
    ],
    ['create flag', 'version', (all: readonly Change[]) => [[2, { ...all[0]!, version: 2 }]]],
    ['value', 'another value at', (all: readonly Change[]) => [[2, { ...all[0]!, value: {} }]]],
    [
      'previous value',
      'before revision 5',
      (all: readonly Change[]) => [[5, ...all.slice(0, 4), { ...all[4]!, previous: {} }]],
    ],
  ] as const)('%s', (_, message, pieces) => {
    const found = verdict((stream, all) => {
      for (const [revision, ...events] of pieces(all)) stream(revision as number, ...(events as Change[]));
    });
    expect(found).toContain(message);
  });
});
