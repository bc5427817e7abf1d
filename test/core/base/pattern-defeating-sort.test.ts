/** Order of equals after Go's sort.Slice. Expected: a digest of the order that Go 1.24 leaves, by length, for several kinds of lists. */
import { expect, test } from 'vitest';
import { type Less, patternDefeatingSort } from '../../../core/base/pattern-defeating-sort.ts';

const DIGESTS: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  fives: { 12: 786542, 13: 497267, 16: 96603, 49: 168443, 50: 398923, 110: 483540, 1000: 246542, 5000: 674311 },
  equal: { 12: 38951, 13: 207634, 16: 787591, 49: 50127, 50: 556384, 110: 947584, 1000: 541983, 5000: 357100 },
  down: { 12: 927572, 13: 240064, 16: 881494, 49: 802269, 50: 33643, 110: 55525, 1000: 835961, 5000: 455464 },
  up: { 12: 716826, 13: 419023, 16: 237115, 49: 891174, 50: 868134, 110: 310656, 1000: 159624, 5000: 31667 },
  organ: { 12: 850644, 13: 518662, 16: 777258, 49: 644124, 50: 772203, 110: 654062, 1000: 842485, 5000: 794603 },
  mixed: { 12: 14103, 13: 611632, 16: 437294, 49: 904480, 50: 266408, 110: 306782, 1000: 301667, 5000: 537561 },
  always: { 12: 388804, 13: 920790, 16: 41211, 49: 910547, 50: 150339, 110: 174498, 1000: 20316, 5000: 432003 },
};

/** What item `i` of `n` is sorted by. */
const KEYS: Readonly<Record<string, (i: number, n: number) => number>> = {
  fives: (i) => (i * 7919) % 5,
  equal: () => 0,
  down: (i) => -Math.floor(i / 3),
  up: (i, n) => (i === Math.floor(n / 2) ? 0 : Math.floor(i / 3)),
  organ: (i, n) => (i < Math.floor(n / 2) ? Math.floor(i / 2) : Math.floor((n - i) / 2)),
  mixed: (i, n) => ((i * i * 7919) % 1009) % Math.floor(n / 2),
  always: () => 0,
};

function digestOf(order: readonly number[]): number {
  return order.reduce((digest, item, i) => (digest * 31 + item * (i + 1)) % 1_000_003, 0);
}

test.each(
  Object.entries(DIGESTS).flatMap(([kind, byLength]) =>
    Object.entries(byLength).map(([n, digest]) => ({ kind, n: Number(n), digest })),
  ),
)('$kind, $n items', ({ kind, n, digest }) => {
  const keyOf = (item: number) => (KEYS[kind] as (i: number, n: number) => number)(item, n);
  const less: Less<number> = kind === 'always' ? () => true : (a, b) => keyOf(a) < keyOf(b);
  const list = Array.from({ length: n }, (_, i) => i);
  patternDefeatingSort(list, less);
  expect(digestOf(list)).toBe(digest);
});
