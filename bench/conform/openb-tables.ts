/**
 * From the reports of one run to the cells of the three published tables.
 *
 * Source: analysis scripts of hkust-adsl/kubernetes-scheduler-simulator (pandas and numpy), described with the recorded data.
 * Means are numpy's pairwise ones and roundings are to even, so that cells come out equal to the last bit.
 */

/** The tables and their files. */
export const TABLES = {
  alloc: 'expected_allo.csv',
  frag: 'expected_frag.csv',
  frag_ratio: 'expected_frag_ratio.csv',
} as const;
export type OpenbTable = keyof typeof TABLES;

/** Last column: arrived GPU demand in percent of all GPUs. */
export const LAST_COLUMN = 130;

/** What was reported after every arrival; parallel arrays. */
export interface OpenbReports {
  /** GPU thousandths that all pods so far asked for, failed ones included. */
  readonly arrivedMilli: number[];
  /** GPU thousandths in use. */
  readonly usedMilli: number[];
  /** Fragmentation and idle thousandths of all nodes. */
  readonly fragmentMilli: number[];
  readonly idleMilli: number[];
}

/** The cells of all tables, by column. */
export function tablesOf(reports: OpenbReports, gpus: number): Readonly<Record<OpenbTable, readonly number[]>> {
  const buckets = bucketsOf(reports.arrivedMilli, gpus);
  const allocation = reports.usedMilli.map((used) => round2Printed(used / gpus / 10));
  const fragment = reports.fragmentMilli.map(round2Printed);
  const ratio = reports.fragmentMilli.map((milli, i) => {
    const idle = reports.idleMilli[i] as number;
    return idle === 0 ? 0 : round2Printed((100 * milli) / idle);
  });
  const meanOf = (values: readonly number[], bucket: readonly number[]) => mean(bucket.map((i) => values[i] as number));
  return {
    alloc: buckets.map((bucket) => round2(meanOf(allocation, bucket))),
    frag: buckets.map((bucket) => round2((100 * meanOf(fragment, bucket)) / 1000 / gpus)),
    frag_ratio: buckets.map((bucket) => meanOf(ratio, bucket)),
  };
}

/** Indexes of the reports of each column; an empty column takes those of its neighbours. */
function bucketsOf(arrivedMilli: readonly number[], gpus: number): number[][] {
  const columns = arrivedMilli.map((milli) => roundToEven(milli / gpus / 10));
  const buckets: number[][] = Array.from({ length: LAST_COLUMN + 1 }, () => []);
  columns.forEach((column, index) => {
    buckets[column]?.push(index);
  });
  return buckets.map((bucket, column) => {
    if (bucket.length > 0) return bucket;
    return columns.flatMap((other, index) => (Math.abs(other - column) <= 1 ? [index] : []));
  });
}

/** Below so many values numpy adds from left to right, up to the second in eight interleaved sums. */
const PLAIN_MAX = 8;
const BLOCK_MAX = 128;
const LANES = 8;

/** numpy's mean: pairwise summation. */
export function mean(values: readonly number[]): number {
  return pairwiseSum(values, 0, values.length) / values.length;
}

function pairwiseSum(values: readonly number[], from: number, count: number): number {
  if (count < PLAIN_MAX) {
    let sum = 0;
    for (let i = from; i < from + count; i++) sum += values[i] as number;
    return sum;
  }
  if (count > BLOCK_MAX) {
    const half = Math.floor(count / 2);
    const first = half - (half % LANES);
    return pairwiseSum(values, from, first) + pairwiseSum(values, from + first, count - first);
  }
  const lanes = values.slice(from, from + LANES);
  let i = LANES;
  for (; i < count - (count % LANES); i += LANES) {
    for (let lane = 0; lane < LANES; lane++) {
      lanes[lane] = (lanes[lane] as number) + (values[from + i + lane] as number);
    }
  }
  const [r0, r1, r2, r3, r4, r5, r6, r7] = lanes as [number, number, number, number, number, number, number, number];
  let sum = r0 + r1 + (r2 + r3) + (r4 + r5 + (r6 + r7));
  for (; i < count; i++) sum += values[from + i] as number;
  return sum;
}

/** numpy's round to two decimals: scaled, halves to even. */
function round2(value: number): number {
  return roundToEven(value * 100) / 100;
}

/** Nearest whole number, halves to even. */
export function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The double printed with two decimals, exact halves to even (C and Go; JavaScript rounds those up). */
export function round2Printed(value: number): number {
  // Only odd eighths lie exactly between two hundredths.
  const eighths = value * 8;
  if (Number.isInteger(eighths) && eighths % 2 !== 0) return roundToEven(value * 100) / 100;
  return Number(value.toFixed(2));
}
