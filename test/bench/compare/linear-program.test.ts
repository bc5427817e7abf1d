/** The simplex against all corners of small programs, and what its bound promises. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LinearColumn, solveLinear } from '../../../bench/compare/linear-program.ts';

interface Plan {
  readonly worths: readonly number[];
  readonly limits: readonly number[];
  readonly amounts: readonly number[];
}

const COLUMNS = 3;
const ROWS = 3;
const MOST = 50;

const plans: fc.Arbitrary<Plan> = fc.record({
  worths: fc.array(fc.integer({ min: -2, max: 9 }), { minLength: COLUMNS, maxLength: COLUMNS }),
  limits: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: ROWS, maxLength: ROWS }),
  amounts: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: ROWS * COLUMNS, maxLength: ROWS * COLUMNS }),
});

/** Rows with a limit for every column, so that the program is bounded. */
function columnsOf({ worths, amounts }: Plan): LinearColumn[] {
  return worths.map((worth, column) => ({
    worth,
    rows: [...Array.from({ length: ROWS }, (_, row) => row), ROWS + column],
    amounts: [...Array.from({ length: ROWS }, (_, row) => amounts[row * COLUMNS + column] as number), 1],
    most: MOST,
  }));
}

const limitsOf = ({ limits }: Plan): Float64Array => Float64Array.from([...limits, ...Array(COLUMNS).fill(MOST)]);

/** The best corner: every choice of as many tight constraints as there are columns, solved by elimination. */
function plain(plan: Plan): number {
  const columns = columnsOf(plan);
  const limits = limitsOf(plan);
  const rows: { a: number[]; b: number }[] = [];
  limits.forEach((b, row) => {
    rows.push({ a: columns.map(({ rows: at, amounts }) => amounts[at.indexOf(row)] ?? 0), b });
  });
  for (let column = 0; column < COLUMNS; column++) {
    rows.push({ a: Array.from({ length: COLUMNS }, (_, i) => (i === column ? -1 : 0)), b: 0 });
  }
  let best = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let j = i + 1; j < rows.length; j++) {
      for (let k = j + 1; k < rows.length; k++) {
        const x = solve3([rows[i], rows[j], rows[k]] as { a: number[]; b: number }[]);
        if (x === null) continue;
        const inside = rows.every(
          ({ a, b }) => a.reduce((sum, value, c) => sum + value * (x[c] as number), 0) <= b + 1e-9,
        );
        if (inside)
          best = Math.max(
            best,
            columns.reduce((sum, { worth }, c) => sum + worth * (x[c] as number), 0),
          );
      }
    }
  }
  return best;
}

function solve3(rows: readonly { a: number[]; b: number }[]): number[] | null {
  const m = rows.map(({ a, b }) => [...a, b]);
  for (let p = 0; p < 3; p++) {
    const pivot = m.findIndex((row, i) => i >= p && Math.abs(row[p] as number) > 1e-9);
    if (pivot < 0) return null;
    [m[p], m[pivot]] = [m[pivot] as number[], m[p] as number[]];
    const base = m[p] as number[];
    for (let i = 0; i < 3; i++) {
      if (i === p) continue;
      const row = m[i] as number[];
      const factor = (row[p] as number) / (base[p] as number);
      for (let c = 0; c < 4; c++) row[c] = (row[c] as number) - factor * (base[c] as number);
    }
  }
  return m.map((row, i) => (row[3] as number) / (row[i] as number));
}

test('the bound is the value of the best corner, and the values reach it', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const columns = columnsOf(plan);
      const { bound, values } = solveLinear({ limits: limitsOf(plan), columns });
      expect(bound).toBeCloseTo(plain(plan), 6);
      const worth = columns.reduce((sum, column, i) => sum + column.worth * (values[i] as number), 0);
      expect(worth).toBeCloseTo(bound, 6);
    }),
    { seed: 5, numRuns: 400 },
  );
});
