/**
 * Exit codes of every command, and which one wins when several apply.
 *
 * Always: the process ends with exactly one of these codes; `seatrial help exit-codes` prints this table.
 */

/** The codes by what they say. */
export const EXIT = {
  yes: 0,
  finding: 1,
  userError: 2,
  broken: 3,
  noAnswer: 4,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A row of the table: code, name, meaning. */
export interface ExitRow {
  readonly code: ExitCode;
  readonly name: string;
  readonly meaning: string;
}

export const EXIT_ROWS: readonly ExitRow[] = [
  { code: 0, name: 'yes', meaning: 'the answer is yes: everything as expected' },
  {
    code: 1,
    name: 'finding',
    meaning: 'the answer is no: a workload failed, a predicate was violated, a gate is closed',
  },
  { code: 2, name: 'user error', meaning: 'unknown flag, broken file, impossible cluster; nothing was run or written' },
  { code: 3, name: 'broken', meaning: 'a bug of seatrial, a dead worker, a failed write; the message says which' },
  {
    code: 4,
    name: 'no answer',
    meaning:
      'a question without an answer: not decided (with --strict), --add-nodes or search --threshold found none, no required baseline',
  },
  { code: 130, name: 'interrupted', meaning: 'Ctrl-C; partial results are kept and marked incomplete' },
  { code: 143, name: 'terminated', meaning: 'SIGTERM; partial results are kept and marked incomplete' },
];

/** Strongest first. An interruption hides every answer, but not a broken tool: a lost write must be seen. */
export const EXIT_PRECEDENCE: readonly ExitCode[] = [3, 143, 130, 2, 1, 4, 0];

/** The code that wins among those that apply; 0 when there is none. */
export function winningExit(codes: Iterable<ExitCode>): ExitCode {
  let winner: ExitCode = EXIT.yes;
  for (const code of codes) {
    if (EXIT_PRECEDENCE.indexOf(code) < EXIT_PRECEDENCE.indexOf(winner)) winner = code;
  }
  return winner;
}
