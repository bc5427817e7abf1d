/** Levels must answer as a scan of all totals does, wherever the floor lies; what they do not tell they must say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LevelIndex, tellsTotals } from '../../../../core/scheduler/totals/level-index.ts';

const BASES = [[0], [0, 0], [1, -1, 1], [0, 2], [3, 0, 1], [300, 0]].map((bases) => Int32Array.from(bases));
/** By how much totals differ: little, more than there are levels below the first top, far more than levels. */
const STEPS = [1, 60, 17_500];

/** Levels and, beside them, the totals they stand for. */
class Pair {
  readonly levels: LevelIndex;
  readonly totals: number[];
  readonly #kinds: Uint16Array<ArrayBuffer>;
  readonly #bases: Int32Array;
  readonly #step: number;
  readonly #turned: number[] = [];
  #feasibility: boolean[];

  constructor(count: number, bases: Int32Array, step: number) {
    this.levels = new LevelIndex(count);
    this.totals = new Array<number>(count).fill(-1);
    this.#feasibility = this.totals.map(() => false);
    this.#kinds = Uint16Array.from({ length: count }, (_, position) => (position * 7) % bases.length);
    this.#bases = bases;
    this.#step = step;
  }

  /** Sets rows of positions; the log that is read holds two entries before them. */
  set(changes: readonly (readonly [number, number])[]): void {
    const { length } = this.totals;
    const positions = changes.map(([position]) => position % length);
    const rows = changes.map(([, wanted], i) => {
      const base = this.#bases[this.#kinds[positions[i] as number] as number] as number;
      const row = base < 0 || wanted < 0 ? -1 : wanted * this.#step;
      this.totals[positions[i] as number] = row < 0 ? -1 : row + base;
      return row;
    });
    const log = Int32Array.from([0, 0, ...positions]);
    this.levels.setAll(log, 2, rows.length, Int32Array.from(rows), this.#kinds, this.#bases, this.#turned);
    for (const position of this.#turned.splice(0)) {
      this.#feasibility[position] = !this.#feasibility[position];
    }
    expect(this.#feasibility).toEqual(this.totals.map((total) => total >= 0));
  }

  /** As the owner of levels does when they no longer tell the best. */
  fillAgainWhereDue(): void {
    const top = this.levels.top();
    if (top > 0 && !tellsTotals(top))
      this.levels.fill(Int32Array.from(this.totals.keys()), Int32Array.from(this.totals), this.totals.length);
  }
}

const change = fc.tuple(fc.nat(699), fc.integer({ min: -1, max: 4 }));

test('answers as a scan of all totals', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 63, 64, 65, 700),
      fc.array(change, { maxLength: 400 }),
      fc.nat(),
      fc.nat(),
      fc.constantFrom(...BASES),
      fc.constantFrom(...STEPS),
      (count, changes, a, b, bases, step) => {
        const pair = new Pair(count, bases, step);
        const { levels, totals } = pair;
        for (let i = 0; i < changes.length; i += 7) {
          pair.set(changes.slice(i, i + 7));
          pair.fillAgainWhereDue();
          const best = Math.max(...totals);
          const holders = totals.flatMap((total, position) => (total === best ? [position] : []));
          const top = levels.top();
          expect(top === 0).toBe(best < 0);
          expect(levels.feasible).toBe(totals.filter((total) => total >= 0).length);
          if (best < 0) continue;
          expect(levels.ties).toBe(holders.length);
          expect(levels.nth(top, a % holders.length)).toBe(holders[a % holders.length]);
          const copy = new Int32Array(count);
          if (levels.copyTotals(copy)) expect([...copy]).toEqual(totals);
          else expect(new Set(totals).size).toBeGreaterThan(1);
        }
        const [from, to] = [a % (count + 1), b % (count + 1)].sort((x, y) => x - y) as [number, number];
        const part = totals.slice(from, to);
        const partBest = Math.max(-1, ...part);
        const { level, ties } = levels.bestIn(from, to, 1);
        expect(ties > 0).toBe(partBest >= 0);
        if (tellsTotals(level)) {
          const isBest = (total: number) => total === partBest;
          expect(ties).toBe(part.filter(isBest).length);
          expect(levels.nthIn(from, to, level, 0)).toBe(from + part.indexOf(partBest));
          expect(levels.nthIn(from, to, level, ties - 1)).toBe(from + part.lastIndexOf(partBest));
          expect(levels.nthIn(from, to, level, ties)).toBe(-1);
          expect(levels.bestIn(from, to, level + 1).ties).toBe(0);
        }
        const feasible = totals.flatMap((total, position) => (total >= 0 && position >= from ? [position] : []));
        expect(levels.feasibleFrom(from)).toBe(feasible.length);
        expect(levels.nthFeasible(from, a % 50)).toBe(feasible[a % 50] ?? -1);
      },
    ),
    { numRuns: 200, seed: 3 },
  );
});

test('totals below all levels and above them are said not to be told, until they are filled in again', () => {
  const pair = new Pair(3, Int32Array.of(0), 1);
  pair.set([
    [0, 1000],
    [1, 1001],
    [2, 5000],
  ]);
  expect(tellsTotals(pair.levels.top())).toBe(false);
  pair.fillAgainWhereDue();
  expect(tellsTotals(pair.levels.top())).toBe(true);
  expect(pair.levels.copyTotals(new Int32Array(3))).toBe(false);
  expect(tellsTotals(pair.levels.bestIn(0, 2, 1).level)).toBe(false);
  pair.set([[2, -1]]);
  expect(tellsTotals(pair.levels.top())).toBe(false);
  pair.fillAgainWhereDue();
  const top = pair.levels.top();
  expect([pair.levels.ties, pair.levels.nth(top, 0)]).toEqual([1, 1]);
});

test('a position that is swapped out is out of the question until it is swapped back', () => {
  const pair = new Pair(70, Int32Array.of(0), 1);
  pair.set([
    [3, 2],
    [66, 4],
  ]);
  pair.fillAgainWhereDue();
  const { levels } = pair;
  const hidden = levels.swap(66, 0);
  expect([levels.feasible, levels.nth(levels.top(), 0), levels.isFeasible(66)]).toEqual([1, 3, false]);
  expect(levels.swap(66, hidden)).toBe(0);
  expect([levels.feasible, levels.nth(levels.top(), 0)]).toEqual([2, 66]);
});
