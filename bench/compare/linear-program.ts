/**
 * Linear programs of the form maximise c·x, A x ≤ b, x ≥ 0 with b ≥ 0, for bounds on what any policy could reach.
 *
 * Revised simplex with a dense basis inverse and sparse columns. What it returns is not the value of its last corner but the bound that
 * its prices prove (weak duality): Σ b y + Σ u max(0, reduced cost), with u the most that a column can be. So it is a true upper
 * bound wherever the search stops, and rounding cannot turn it into a wrong one but for the last digits of the sum. Cost: O(rows²) a step.
 */

/** A program; rows and columns by number. */
export interface LinearProgram {
  /** Right sides, ≥ 0. */
  readonly limits: Float64Array;
  readonly columns: readonly LinearColumn[];
}

/** One unknown. */
export interface LinearColumn {
  /** What a unit of it is worth. */
  readonly worth: number;
  /** Rows that it counts in, and how much. */
  readonly rows: readonly number[];
  readonly amounts: readonly number[];
  /** The most that it can be in any solution. */
  readonly most: number;
}

/** What was found. */
export interface LinearSolution {
  /** No solution is worth more. */
  readonly bound: number;
  /** Values of the columns where the search stopped. */
  readonly values: Float64Array;
}

/** Steps a row, at most; the bound is true wherever the search stops. */
const STEPS_A_ROW = 20;
const TINY = 1e-9;
/** After so many steps without progress the first improving column is taken instead of the best (Bland), which cannot cycle. */
const STALLED_STEPS = 50;

/** Solves a program as far as its step limit lets it. */
export function solveLinear({ limits, columns }: LinearProgram): LinearSolution {
  const simplex = new Simplex(limits, columns);
  simplex.run();
  return simplex.solution();
}

class Simplex {
  readonly #limits: Float64Array;
  readonly #columns: readonly LinearColumn[];
  readonly #rowCount: number;
  /** Inverse of the basis, row after row. */
  readonly #inverse: Float64Array;
  /** Column in the basis by row; −1 − r = the slack of row r. */
  readonly #basis: Int32Array;
  readonly #inBasis: Uint8Array;
  /** Values of the basis. */
  readonly #values: Float64Array;
  readonly #prices: Float64Array;
  readonly #direction: Float64Array;

  constructor(limits: Float64Array, columns: readonly LinearColumn[]) {
    const rows = limits.length;
    this.#limits = limits;
    this.#columns = columns;
    this.#rowCount = rows;
    this.#inverse = new Float64Array(rows * rows);
    for (let r = 0; r < rows; r++) this.#inverse[r * rows + r] = 1;
    this.#basis = Int32Array.from({ length: rows }, (_, r) => -1 - r);
    this.#inBasis = new Uint8Array(columns.length);
    this.#values = limits.slice();
    this.#prices = new Float64Array(rows);
    this.#direction = new Float64Array(rows);
  }

  run(): void {
    let stalled = 0;
    for (let step = 0; step < STEPS_A_ROW * this.#rowCount; step++) {
      this.#findPrices();
      const entering = this.#entering(stalled > STALLED_STEPS);
      if (entering === null) return;
      this.#findDirection(entering);
      const leaving = this.#leaving();
      if (leaving < 0) return;
      stalled = (this.#values[leaving] as number) > TINY ? 0 : stalled + 1;
      this.#pivot(leaving, entering);
    }
  }

  /** Prices y = c_B B⁻¹. */
  #findPrices(): void {
    const rows = this.#rowCount;
    this.#prices.fill(0);
    for (let i = 0; i < rows; i++) {
      const column = this.#basis[i] as number;
      const worth = column < 0 ? 0 : (this.#columns[column] as LinearColumn).worth;
      if (worth === 0) continue;
      for (let r = 0; r < rows; r++)
        this.#prices[r] = (this.#prices[r] as number) + worth * (this.#inverse[i * rows + r] as number);
    }
  }

  #reducedCost({ worth, rows, amounts }: LinearColumn): number {
    let cost = worth;
    for (let i = 0; i < rows.length; i++) cost -= (this.#prices[rows[i] as number] as number) * (amounts[i] as number);
    return cost;
  }

  /** The column (or slack, −1 − row) that improves most, or the first that does; null at the optimum. */
  #entering(first: boolean): number | null {
    let best = TINY;
    let entering: number | null = null;
    for (let column = 0; column < this.#columns.length; column++) {
      if (this.#inBasis[column] === 1) continue;
      const cost = this.#reducedCost(this.#columns[column] as LinearColumn);
      if (cost <= best) continue;
      entering = column;
      if (first) return entering;
      best = cost;
    }
    for (let r = 0; r < this.#rowCount; r++) {
      const cost = -(this.#prices[r] as number);
      if (cost <= best) continue;
      entering = -1 - r;
      if (first) return entering;
      best = cost;
    }
    return entering;
  }

  /** B⁻¹ a of the entering column. */
  #findDirection(entering: number): void {
    const rows = this.#rowCount;
    const column = entering < 0 ? { rows: [-1 - entering], amounts: [1] } : (this.#columns[entering] as LinearColumn);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let k = 0; k < column.rows.length; k++) {
        sum += (this.#inverse[i * rows + (column.rows[k] as number)] as number) * (column.amounts[k] as number);
      }
      this.#direction[i] = sum;
    }
  }

  /** The basis row that reaches 0 first; of equal ones that with the largest step, then the first. −1 = none. */
  #leaving(): number {
    let leaving = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#rowCount; i++) {
      const step = this.#direction[i] as number;
      if (step <= TINY) continue;
      const ratio = Math.max(0, this.#values[i] as number) / step;
      if (
        ratio < least - TINY ||
        (ratio < least + TINY && leaving >= 0 && step > (this.#direction[leaving] as number))
      ) {
        least = Math.min(least, ratio);
        leaving = i;
      }
    }
    return leaving;
  }

  #pivot(leaving: number, entering: number): void {
    const rows = this.#rowCount;
    const inverse = this.#inverse;
    const step = this.#direction[leaving] as number;
    const base = leaving * rows;
    for (let r = 0; r < rows; r++) inverse[base + r] = (inverse[base + r] as number) / step;
    this.#values[leaving] = Math.max(0, this.#values[leaving] as number) / step;
    for (let i = 0; i < rows; i++) {
      const factor = this.#direction[i] as number;
      if (i === leaving || factor === 0) continue;
      for (let r = 0; r < rows; r++) {
        inverse[i * rows + r] = (inverse[i * rows + r] as number) - factor * (inverse[base + r] as number);
      }
      this.#values[i] = (this.#values[i] as number) - factor * (this.#values[leaving] as number);
    }
    const left = this.#basis[leaving] as number;
    if (left >= 0) this.#inBasis[left] = 0;
    if (entering >= 0) this.#inBasis[entering] = 1;
    this.#basis[leaving] = entering;
  }

  solution(): LinearSolution {
    this.#findPrices();
    for (let r = 0; r < this.#rowCount; r++) this.#prices[r] = Math.max(0, this.#prices[r] as number);
    let bound = 0;
    for (let r = 0; r < this.#rowCount; r++) bound += (this.#prices[r] as number) * (this.#limits[r] as number);
    for (const column of this.#columns) bound += column.most * Math.max(0, this.#reducedCost(column));
    const values = new Float64Array(this.#columns.length);
    this.#basis.forEach((column, i) => {
      if (column >= 0) values[column] = Math.max(0, this.#values[i] as number);
    });
    return { bound, values };
  }
}
