/**
 * Pattern-defeating quicksort as Go's `sort.Slice` does it, swap by swap: it is not stable, and where a program's choice hangs on the order
 * of equals, this order is the one that it sees. `less` may contradict itself (upstream compares with the clock); then, too, the order is
 * the same. Source: Go 1.24, package sort (zsortfunc.go).
 */

/** Whether an item belongs before another. */
export type Less<T> = (a: T, b: T) => boolean;

/** Up to this length items are inserted one by one, which keeps the order of equals. */
const INSERTED = 12;
/** From this length a pivot is the median of three medians. */
const NINTHER = 50;
/** Pairs out of order that are mended before an almost sorted range is given up. */
const MENDED = 5;
/** Comparisons of a median of medians: all of them against the order means that the range is turned round. */
const MEDIAN_SWAPS = 12;

/** Sorts a list in place. Cost: O(n log n). */
export function patternDefeatingSort<T>(list: T[], less: Less<T>): void {
  new Sorter(list, less).sort(0, list.length, bitLength(list.length));
}

/** Position of the highest bit, from 1; 0 of 0. */
function bitLength(n: number): number {
  return 32 - Math.clz32(n);
}

class Sorter<T> {
  readonly #list: T[];
  readonly #before: Less<T>;
  /** Comparisons of the last choice of a pivot that went against the order. */
  #swaps = 0;

  constructor(list: T[], less: Less<T>) {
    this.#list = list;
    this.#before = less;
  }

  /** Sorts from `from` up to `to`; `limit` unbalanced pivots later a heap takes over. */
  sort(from: number, to: number, limit: number): void {
    let [a, b, left] = [from, to, limit];
    let isBalanced = true;
    let wasPartitioned = true;
    while (b - a > INSERTED) {
      if (left === 0) return this.#heapSort(a, b);
      if (!isBalanced) {
        this.#scatter(a, b);
        left--;
      }
      const length = b - a;
      let pivot = this.#choosePivot(a, b);
      const isReversed = this.#swaps === MEDIAN_SWAPS;
      if (isReversed) {
        this.#reverse(a, b);
        pivot = b - 1 - (pivot - a);
      }
      const looksSorted = isReversed || this.#swaps === 0;
      if (isBalanced && wasPartitioned && looksSorted && this.#mend(a, b)) return;
      if (a > 0 && !this.#less(a - 1, pivot)) {
        a = this.#passEqual(a, b, pivot);
        continue;
      }
      const middle = this.#partition(a, b, pivot);
      wasPartitioned = middle.wasPartitioned;
      const [below, above] = [middle.at - a, b - middle.at];
      isBalanced = Math.min(below, above) >= Math.floor(length / 8);
      if (below < above) {
        this.sort(a, middle.at, left);
        a = middle.at + 1;
      } else {
        this.sort(middle.at + 1, b, left);
        b = middle.at;
      }
    }
    this.#insert(a, b);
  }

  #less(i: number, j: number): boolean {
    return this.#before(this.#list[i] as T, this.#list[j] as T);
  }

  #swap(i: number, j: number): void {
    const kept = this.#list[i] as T;
    this.#list[i] = this.#list[j] as T;
    this.#list[j] = kept;
  }

  #insert(a: number, b: number): void {
    for (let i = a + 1; i < b; i++) {
      for (let j = i; j > a && this.#less(j, j - 1); j--) this.#swap(j, j - 1);
    }
  }

  #heapSort(a: number, b: number): void {
    const size = b - a;
    for (let i = Math.floor((size - 1) / 2); i >= 0; i--) this.#siftDown(i, size, a);
    for (let i = size - 1; i >= 0; i--) {
      this.#swap(a, a + i);
      this.#siftDown(0, i, a);
    }
  }

  #siftDown(top: number, size: number, first: number): void {
    for (let root = top; ; ) {
      let child = 2 * root + 1;
      if (child >= size) return;
      if (child + 1 < size && this.#less(first + child, first + child + 1)) child++;
      if (!this.#less(first + root, first + child)) return;
      this.#swap(first + root, first + child);
      root = child;
    }
  }

  /** Items below the pivot, it, and those that are not below it. */
  #partition(a: number, b: number, pivot: number): { readonly at: number; readonly wasPartitioned: boolean } {
    this.#swap(a, pivot);
    let [i, j] = [a + 1, b - 1];
    for (let swaps = 0; ; swaps++) {
      while (i <= j && this.#less(i, a)) i++;
      while (i <= j && !this.#less(j, a)) j--;
      if (i > j) {
        this.#swap(j, a);
        return { at: j, wasPartitioned: swaps === 0 };
      }
      this.#swap(i++, j--);
    }
  }

  /** Puts items equal to the pivot, below which there is none, first; returns where greater ones begin. */
  #passEqual(a: number, b: number, pivot: number): number {
    this.#swap(a, pivot);
    let [i, j] = [a + 1, b - 1];
    for (;;) {
      while (i <= j && !this.#less(a, i)) i++;
      while (i <= j && this.#less(a, j)) j--;
      if (i > j) return i;
      this.#swap(i++, j--);
    }
  }

  /** Mends some pairs of a long range; returns whether it is in order then. */
  #mend(a: number, b: number): boolean {
    let i = a + 1;
    for (let step = 0; step < MENDED; step++) {
      while (i < b && !this.#less(i, i - 1)) i++;
      if (i === b) return true;
      if (b - a < NINTHER) return false;
      this.#swap(i, i - 1);
      if (i - a >= 2) for (let j = i - 1; j >= 1 && this.#less(j, j - 1); j--) this.#swap(j, j - 1);
      if (b - i >= 2) for (let j = i + 1; j < b && this.#less(j, j - 1); j++) this.#swap(j, j - 1);
    }
    return false;
  }

  /** Swaps three items of the middle with any, which breaks what made the last pivot a bad one. */
  #scatter(a: number, b: number): void {
    const length = b - a;
    const mask = (1 << bitLength(length)) - 1;
    const middle = a + Math.floor(length / 4) * 2;
    let state = BigInt(length);
    for (let i = middle - 1; i <= middle + 1; i++) {
      state ^= BigInt.asUintN(64, state << 13n);
      state ^= state >> 7n;
      state ^= BigInt.asUintN(64, state << 17n);
      const other = Number(state & BigInt(mask));
      this.#swap(i, a + (other >= length ? other - length : other));
    }
  }

  #choosePivot(a: number, b: number): number {
    const quarter = Math.floor((b - a) / 4);
    const picks = [a + quarter, a + quarter * 2, a + quarter * 3];
    this.#swaps = 0;
    const [i, j, k] = b - a >= NINTHER ? picks.map((at) => this.#median(at - 1, at, at + 1)) : picks;
    return this.#median(i as number, j as number, k as number);
  }

  #median(i: number, j: number, k: number): number {
    const [low, high] = this.#ordered(i, j);
    const [middle] = this.#ordered(high, k);
    return this.#ordered(low, middle)[1];
  }

  #ordered(i: number, j: number): readonly [low: number, high: number] {
    if (!this.#less(j, i)) return [i, j];
    this.#swaps++;
    return [j, i];
  }

  #reverse(a: number, b: number): void {
    for (let i = a, j = b - 1; i < j; i++, j--) this.#swap(i, j);
  }
}
