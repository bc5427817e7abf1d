/**
 * Replays of a card's worst rows: their cases are run once more, with a recorder.
 *
 * Why again: which case is the worst is known at the end only, and keeping a replay of each would cost memory for all. A
 * case gives the same run whenever it is run, so nothing is lost; three cases are a few percent of a battery.
 */
import path from 'node:path';
import { runCasePool } from '../campaign/case-pool.ts';
import { packageRoot } from '../cli/package-info.ts';
import type { ClusterReplay } from '../replay/cluster-replay.ts';
import type { TrialCase } from './battery.ts';
import type { CardRow } from './card.ts';
import type { CaseMeasures } from './measure.ts';
import type { PreparedTrial } from './prepare.ts';
import type { ReportCard } from './run-trial.ts';
import type { TrialWorkerData } from './worker.ts';

/** Cases that are shown. */
const REPLAYS_MAX = 3;

export interface WorstReplaysOptions {
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
}

/** Replays of the worst rows, worst first, each case once; none of an incomplete card. */
export async function worstReplays(
  prepared: PreparedTrial,
  card: ReportCard,
  options: WorstReplaysOptions,
): Promise<ClusterReplay[]> {
  const rows = worstRows(card);
  if (rows.length === 0 || !card.complete) return [];
  const cases = rows.map(({ trial, subject, seed }): TrialCase => ({ trial, subject, seed }));
  const workerData: TrialWorkerData = { setup: prepared.setup, cases, replays: true };
  const found: (ClusterReplay | undefined)[] = [];
  await runCasePool<CaseMeasures[]>({
    workerFile: path.join(packageRoot(), 'dist', 'bench', 'trial', 'worker.js'),
    workerData,
    workers: Math.min(options.workers, cases.length),
    tasks: cases.map((_, index) => [index]),
    caseTimeoutMs: 0,
    signal: options.signal,
    onResult: (numbers, results) => {
      numbers.forEach((number, index) => {
        found[number] = results[index]?.replay;
      });
    },
    // The case itself was judged before; without its replay the page is only poorer.
    onBroken: () => {},
  });
  return rows.flatMap((row, index) => {
    const replay = found[index];
    if (replay === undefined) return [];
    return [{ ...replay, title: titleOf(row), outcome: `${row.workload} ${row.mark}`, again: row.replay }];
  });
}

/** Failed and degraded rows, the worst marks first, one a case. */
function worstRows({ workloads }: ReportCard): CardRow[] {
  const rows = (['failed', 'degraded'] as const).flatMap((mark) =>
    workloads.flatMap((workload) => workload.rows.filter((row) => row.mark === mark && row.cases > 0)),
  );
  const isFirst = (row: CardRow, index: number): boolean =>
    rows.findIndex(
      ({ trial, subject, seed }) => trial === row.trial && subject === row.subject && seed === row.seed,
    ) === index;
  return rows.filter(isFirst).slice(0, REPLAYS_MAX);
}

function titleOf({ trial, subject }: CardRow): string {
  return subject === '' ? trial : `${trial} ${subject}`;
}
