/**
 * The published tables of the FGD experiment: one case = one row of one table, `workload/policy/seed/table`.
 *
 * A folder holds `expected_allo.csv`, `expected_frag.csv`, `expected_frag_ratio.csv`, the pod lists, the node list, and the
 * random choices of the experiment (`orders/`, `node_ranks/`). Every cell must be within 0.01. Rows of 01-Random are no
 * cases: upstream's draw depends on the order in which its parallel workers finish.
 * Always: the three tables of one run share one run; a row whose run cannot be made has failed.
 */
import path from 'node:path';
import { statPath } from '../cli/stat-path.ts';
import { dataError, plainOrCompressed } from './data-files.ts';
import { type CaseOutcome, type ConformCase, type ConformFormat, failedCase, PASSED } from './format.ts';
import { OpenbData } from './openb-data.ts';
import { type OpenbTable, TABLES } from './openb-tables.ts';

/** Largest difference of a cell. */
const TOLERANCE = 0.01;
/** Differences of printed decimals are not exact in doubles. */
const ROUNDING = 1e-9;
const NOT_REPRODUCIBLE = '01-Random';

/** The policies of the tables by the names that `compare --policy` takes. */
const POLICIES: Readonly<Record<string, string>> = {
  '02-DotProd': 'dot-product',
  '03-GpuClustering': 'gpu-clustering',
  '04-GpuPacking': 'gpu-packing',
  '05-BestFit': 'best-fit',
  '06-FGD': 'fgd',
};

const TABLE_NAMES = Object.keys(TABLES) as OpenbTable[];

export const format: ConformFormat = {
  cases(folder) {
    if (statPath(folder)?.isDirectory() !== true) {
      throw dataError({ file: folder, message: 'expected a folder with expected_allo.csv and the files it needs' });
    }
    const data = new OpenbData(folder);
    const present = TABLE_NAMES.filter((table) => plainOrCompressed(path.join(folder, TABLES[table])) !== undefined);
    const cases = present.flatMap((table) =>
      data
        .expectedRows(table)
        .filter(({ policy }) => policy !== NOT_REPRODUCIBLE)
        .map(
          ({ workload, policy, seed, cells }): ConformCase => ({
            name: `${workload}/${policy}/${seed}/${table}`,
            run: () => judge(cells, cellsOf(data, workload, policy, seed, table)),
          }),
        ),
    );
    return cases.sort((a, b) => (a.name < b.name ? -1 : 1));
  },
};

function cellsOf(
  data: OpenbData,
  workload: string,
  policy: string,
  seed: string,
  table: OpenbTable,
): readonly number[] {
  const name = POLICIES[policy];
  if (name === undefined) throw new Error(`policy ${policy} is not implemented`);
  return data.run(workload, name, seed)[table];
}

function judge(expected: readonly number[], found: readonly number[]): CaseOutcome {
  for (let column = 0; column < expected.length; column++) {
    const want = expected[column] as number;
    const have = found[column] ?? Number.NaN;
    if (!(Math.abs(have - want) <= TOLERANCE + ROUNDING)) {
      return failedCase(`column ${column}: ${have}, published ${want}`);
    }
  }
  return PASSED;
}
