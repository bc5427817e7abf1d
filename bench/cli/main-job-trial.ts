/**
 * The first part of `npm start`: the battery on the example application, judged by the marks it should get.
 */

import type { ClusterReplay } from '../replay/cluster-replay.ts';
import type { Metric } from '../report/metrics-csv.ts';
import { cardText } from '../trial/card-report.ts';
import { compareMarks, type MarkDifference, marksOf, readExpectedMarks } from '../trial/expected-marks.ts';
import { DEFAULT_SEED_COUNT, DEFAULT_TOLERATE_US } from '../trial/prepare.ts';
import { type ReportCard, runTrial } from '../trial/run-trial.ts';
import type { CommandRun } from './command.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { Interrupt } from './interrupt.ts';
import { shellLine } from './shell-line.ts';
import { ProblemList } from './user-error.ts';

/** The card and how it differs from what it should say. */
export interface ExampleTrial {
  readonly card: ReportCard;
  readonly replays: readonly ClusterReplay[];
  readonly differences: readonly MarkDifference[];
  readonly metrics: readonly Metric[];
  readonly exit: ExitCode;
}

/** Runs the battery on `folder`; the expected marks are in `<folder>-marks.json`. Prints the card and the comparison. */
export async function trialExample(
  folder: string,
  workers: number,
  run: CommandRun,
  interrupt: Interrupt,
): Promise<ExampleTrial> {
  const problems = new ProblemList();
  const expected = readExpectedMarks(`${folder}-marks.json`, problems);
  problems.throwIfErrors();
  const progress = run.startProgress();
  let card: ReportCard;
  let replays: readonly ClusterReplay[];
  try {
    ({ card, replays } = await runTrial({
      paths: [folder],
      readStdin: () => '',
      nodes: undefined,
      zones: undefined,
      clusterFile: undefined,
      only: undefined,
      seeds: Array.from({ length: DEFAULT_SEED_COUNT }, (_, index) => index + 1),
      tolerateUs: DEFAULT_TOLERATE_US,
      workers,
      failOn: 'failed',
      strict: false,
      signal: interrupt.signal,
      replays: true,
      onProgress: (done, count) => progress.update(() => `battery on ${folder}: ${done} of at most ${count} cases`),
    }));
  } finally {
    progress.finish();
  }
  const differences = card.complete ? compareMarks(expected ?? {}, marksOf(card.workloads)) : [];
  run.io.out(
    `${cardText(card, run.colours, { showDigest: false, verbose: false, pending: new Map() })}${comparisonText(folder, card, differences, run)}`,
  );
  return { card, replays, differences, metrics: cardMetrics(card), exit: exitOf(card, differences) };
}

function exitOf(card: ReportCard, differences: readonly MarkDifference[]): ExitCode {
  if (card.broken.length > 0) return EXIT.broken;
  return differences.length > 0 ? EXIT.finding : EXIT.yes;
}

function comparisonText(
  folder: string,
  card: ReportCard,
  differences: readonly MarkDifference[],
  run: CommandRun,
): string {
  if (!card.complete) return run.colours.yellow('the card is incomplete\n');
  if (differences.length === 0) return run.colours.green('the card is as expected, with both weaknesses\n');
  const lines = differences.map(({ workload, trial, expected, found }) => {
    const replay = shellLine(['seatrial', 'trial', folder, '--only', trial]);
    return `${workload}, ${trial}: ${found ?? 'no row'}, expected ${expected ?? 'no row'}\n  replay: ${replay}\n`;
  });
  return `${run.colours.red(`the card is not as expected (${differences.length} marks)`)}\n${lines.join('')}`;
}

/** Numbers of a card's rows; a Job is judged by its completion alone, so its cells are empty as on the card. */
export function cardMetrics(card: Pick<ReportCard, 'workloads'>): Metric[] {
  return card.workloads.flatMap(({ id, rows }) =>
    rows.flatMap<Metric>((row) => {
      const subject = `${id} ${row.trial}`;
      const known = (value: number): number | null => (value < 0 || id.startsWith('Job/') ? null : value);
      const count = (name: string, value: number): Metric => {
        return { subject, seed: row.seed, name, kind: 'count', unit: '', value: known(value) };
      };
      const time = (name: string, us: number): Metric => {
        return { subject, seed: row.seed, name, kind: 'virtual', unit: 'us', value: known(us) };
      };
      return [
        count('floor', row.floor),
        count('lowest-ready', row.lowest),
        time('longest-none-ready', row.longestNoneUs),
        time('below-floor', row.belowFloorUs),
        time('recovery', row.recoveryUs),
      ];
    }),
  );
}
