/**
 * The rows of one trial for whoever waits for the card: those that ran and did not survive, and how many did.
 */
import type { CardRow } from './card.ts';

/** As many rows have a line each, or the card of many workloads would stand far below. */
const ROWS_MAX = 5;

/** Lines, each with its end. `told` holds the workloads that were never Ready in a trial before: once is enough; those of `rows` are added. */
export function rowLines(rows: readonly CardRow[], told: Set<string>): string[] {
  const line = (mark: string, rest: string): string =>
    `${mark.padEnd(8)}  ${(rows[0]?.trial ?? '').padEnd(24)}  ${rest}\n`;
  const hurt = rows.filter(({ workload, mark, cases, neverReady }) => {
    return mark !== 'survived' && cases > 0 && !(neverReady && told.has(workload));
  });
  for (const { workload, neverReady } of hurt) if (neverReady) told.add(workload);
  const shown = hurt.length > ROWS_MAX + 1 ? hurt.slice(0, ROWS_MAX) : hurt;
  const survived = rows.filter(({ mark }) => mark === 'survived');
  const [first] = survived;
  return [
    ...shown.map(({ workload, mark, reasons }) => line(mark, `${workload}  ${reasons.join('; ')}`)),
    ...(hurt.length > shown.length ? [line('…', `${hurt.length - shown.length} more workloads`)] : []),
    ...(first === undefined
      ? []
      : [line('survived', survived.length === 1 ? first.workload : `${survived.length} workloads`)]),
  ];
}
