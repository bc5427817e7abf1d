/**
 * `conform linearizability`: client histories with known verdicts against the checker that judges chaos runs.
 *
 * A Jepsen log `etcd_NNN.log` has its verdict in a `verdicts.csv` in its folder or the one above (columns log, linearizable); an EDN
 * history has `-ok` or `-bad` in its name. A history without either is expected to be linearizable. No answer within the time limit
 * is a failed case.
 */
import path from 'node:path';
import { checkLinearizability } from '../../../core/chaos/linearizability/check.ts';
import type { Partition } from '../../../core/chaos/linearizability/history.ts';
import { statPath } from '../../cli/stat-path.ts';
import { createFolder, writeFileAtomic } from '../../report/atomic-file.ts';
import { dataError, dataFiles, readDataText } from '../data-files.ts';
import { type CaseOutcome, type ConformCase, type ConformFormat, failedCase, PASSED } from '../format.ts';
import { readEdnHistory } from './edn-history.ts';
import { readJepsenLog } from './jepsen-log.ts';
import { describePart, historyPicture } from './picture.ts';

/** Time one history may take, host ms; then the answer is *unknown*. */
const TIME_LIMIT_MS = 20_000;

export const format: ConformFormat = {
  cases: (root, options) => {
    const base = statPath(root)?.isDirectory() === true ? root : path.dirname(root);
    return dataFiles(root, ['.log', '.txt'])
      .filter((file) => !isEmpty(file))
      .map(
        (file): ConformCase => ({
          name: path.relative(base, file),
          run: () => runCase(file, options?.picturesDir),
        }),
      );
  },
};

const isEmpty = (file: string): boolean => statPath(file)?.size === 0;

function runCase(file: string, picturesDir: string | undefined): CaseOutcome {
  const partitions: readonly Partition<never, never>[] = readHistory(file) as never;
  const expected = expectedVerdict(file);
  const deadline = performance.now() + TIME_LIMIT_MS;
  const { verdict, illegal } = checkLinearizability(partitions, () => performance.now() > deadline);
  if (illegal !== null && picturesDir !== undefined) {
    createFolder(picturesDir);
    const page = historyPicture(path.basename(file), illegal);
    writeFileAtomic(path.join(picturesDir, `${path.basename(file).replace(/\.\w+$/, '')}.html`), page);
  }
  if (verdict === 'unknown') return failedCase(`unknown: no answer within ${TIME_LIMIT_MS / 1000} s`);
  if ((verdict === 'linearizable') === expected) return PASSED;
  if (illegal === null) return failedCase('recorded as not linearizable, found linearizable');
  const hint = picturesDir === undefined ? ' (--pictures DIR draws it)' : '';
  return failedCase(`not linearizable: ${describePart(illegal)}${hint}`);
}

function readHistory(file: string): readonly Partition<unknown, unknown>[] {
  const text = readDataText(file);
  const isEdn = text.trimStart().startsWith('{');
  return (isEdn ? readEdnHistory(text, file) : readJepsenLog(text, file)) as readonly Partition<unknown, unknown>[];
}

/** Whether the history is recorded as linearizable. */
function expectedVerdict(file: string): boolean {
  const name = path.basename(file);
  const number = /^etcd_0*(\d+)\.log/.exec(name)?.[1];
  if (number === undefined) return !/-bad\b/.test(name);
  const folder = path.dirname(file);
  const table = [path.join(folder, 'verdicts.csv'), path.join(path.dirname(folder), 'verdicts.csv')].find(
    (candidate) => statPath(candidate)?.isFile() === true,
  );
  return table === undefined ? true : verdictIn(table, number);
}

function verdictIn(table: string, log: string): boolean {
  const rows = readDataText(table).split(/\r?\n/);
  for (let i = 1; i < rows.length; i++) {
    const row = rows[i] as string;
    if (row.trim() === '') continue;
    const found = /^(\d+),(true|false)$/.exec(row.trim());
    if (found === null) throw dataError({ file: table, line: i + 1, column: 1, message: `not LOG,true|false: ${row}` });
    if (Number(found[1]) === Number(log)) return found[2] === 'true';
  }
  throw dataError({ file: table, message: `no verdict for log ${log}` });
}
