/** Groups of nodes and counts by domain against plain sums, over random changes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DomainCounts } from '../../../../core/scheduler/pods/domain-counts.ts';
import { GROUPS_MAX, NodeGroups } from '../../../../core/scheduler/totals/node-groups.ts';

const TOTAL_MAX = 12;

interface Place {
  components: readonly number[];
  total: number;
  group: number;
}

describe('node groups', () => {
  test('know best total, its holders and feasible nodes of each group, whatever came and went', () => {
    const change = fc.record({
      node: fc.nat(7),
      components: fc.tuple(fc.integer({ min: -1, max: 2 }), fc.nat(1)),
      total: fc.integer({ min: -1, max: TOTAL_MAX }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 80 }), (changes) => {
        const groups = new NodeGroups(2, TOTAL_MAX);
        const places = new Map<number, Place>();
        for (const { node, components, total } of changes) {
          const before = places.get(node);
          if (before !== undefined && groups.has(before.group, Int32Array.from(components))) {
            groups.change(before.group, before.total, total);
            places.set(node, { ...before, total });
          } else {
            if (before !== undefined) groups.leave(before.group, before.total);
            const group = groups.find(Int32Array.from(components));
            groups.enter(group, total);
            places.set(node, { components, total, group });
          }
          for (const { group, components: own } of places.values()) {
            const here = [...places.values()].filter((place) => place.components.join() === own.join());
            const totals = here.map((place) => place.total).filter((each) => each >= 0);
            const best = Math.max(-1, ...totals);
            expect(here.every((place) => place.group === group)).toBe(true);
            expect(groups.feasible[group]).toBe(totals.length);
            expect(groups.best[group]).toBe(best);
            if (best >= 0) expect(groups.withTotal(group, best)).toBe(totals.filter((each) => each === best).length);
          }
        }
      }),
      { numRuns: 200, seed: 20250909 },
    );
  });

  test('refuse when there are too many, and use the ids of empty ones again', () => {
    const groups = new NodeGroups(1, 1);
    for (let i = 0; i < GROUPS_MAX; i++) groups.enter(groups.find(Int32Array.of(i)), 1);
    expect(groups.find(Int32Array.of(GROUPS_MAX))).toBe(-1);
    groups.leave(groups.find(Int32Array.of(7)), 1);
    expect(groups.find(Int32Array.of(GROUPS_MAX))).toBe(7);
    expect(groups.feasible[7]).toBe(0);
    expect(groups.best[7]).toBe(-1);
  });
});

describe('counts by domain', () => {
  test('follow sum, domains and the smallest figure', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(5), { maxLength: 5 }),
        fc.array(fc.tuple(fc.nat(5), fc.integer({ min: -3, max: 9 })), { maxLength: 60 }),
        (domains, changes) => {
          const counts = new DomainCounts(6);
          const expected = new Map(domains.map((value) => [value, 0]));
          for (const value of [...domains, ...domains]) counts.include(value);
          for (const [value, change] of changes) {
            const before = expected.get(value);
            if (before === undefined) continue;
            const bounded = Math.max(-before, change);
            counts.add(value, bounded);
            expected.set(value, before + bounded);
            const figures = [...expected.values()];
            expect(counts.least).toBe(Math.min(...figures));
            expect(counts.total).toBe(figures.reduce((a, b) => a + b, 0));
            expect(counts.counts[value]).toBe(expected.get(value));
          }
          expect(counts.domainCount).toBe(domains.length);
        },
      ),
      { numRuns: 200, seed: 20250910 },
    );
  });
});
