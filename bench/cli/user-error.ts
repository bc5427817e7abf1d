/**
 * Errors of the user as the command line shows them: all at once on standard error, then where to read on.
 *
 * Always: no stack trace and nothing on standard output for a user's mistake; the exit code is 2.
 */
import { formatProblems, type Problem, UserError } from '../../scenarios/problem.ts';

export {
  formatProblem,
  formatProblems,
  type Problem as UserProblem,
  ProblemList,
  UserError,
} from '../../scenarios/problem.ts';

/** Codes of problems of the command line itself. */
export const CLI_CODES = {
  unknownFlag: 'CLI-001',
  unknownCommand: 'CLI-002',
  missingArgument: 'CLI-003',
  badValue: 'CLI-004',
  conflict: 'CLI-005',
  noInput: 'CLI-006',
} as const;

/** The text of an error report: every problem, then the line that points to the command's help. */
export function userErrorReport(error: UserError, helpCommand: string): string {
  const fromCli = error.problems.some((problem) => problem.code.startsWith('CLI-'));
  const pointer = fromCli ? `\nSee \`${helpCommand}\`.` : '';
  return `${formatProblems(error.problems)}${pointer}\n`;
}

/** A UserError with a single problem, to throw. */
export function userError(problem: Omit<Problem, 'severity'>): UserError {
  return new UserError([{ severity: 'error', ...problem }]);
}
