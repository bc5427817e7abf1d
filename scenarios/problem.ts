/**
 * What is wrong with something a user wrote: a file, a flag, a manifest.
 *
 * Problems are collected and reported all at once, never one a run. A problem is data; UserError carries a finished list
 * to whoever ends the command (exit code 2).
 * Always: one problem is one line `file:line:column error CODE: message (did you mean "x"?)`, plus an indented hint line.
 * Codes: SCN-nnn scenario files, MAN-nnn manifests, SPF-nnn scheduler_perf files, CLI-nnn the command line. They are stable; texts are not.
 */
import { printable } from '../core/base/printable.ts';
import { nearestName } from './suggest.ts';

/** Printed problems a command; more are counted, not shown. */
const PROBLEMS_SHOWN_MAX = 50;
/** Longest message that is printed whole; of a longer one, which quotes a whole line or file, beginning and end are. */
const MESSAGE_LENGTH_MAX = 2000;
/** Most known names that a hint lists. */
const LISTED_MAX = 50;

/** Where a problem is. Line and column count from 1; 0 or absent means unknown. */
export interface Place {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** One problem. A warning is shown and changes no exit code. */
export interface Problem extends Place {
  readonly severity: 'error' | 'warning';
  /** Stable code, such as `SCN-012`. */
  readonly code: string;
  /** One sentence without a full stop: what was found and what was expected. */
  readonly message: string;
  /** The nearest known name, printed as `(did you mean "x"?)`. */
  readonly nearest?: string | undefined;
  /** What to do about it, printed on a line of its own. */
  readonly hint?: string | undefined;
}

/** What may go with a problem besides place, code and message. */
export interface ProblemExtras {
  readonly nearest?: string | undefined;
  readonly hint?: string | undefined;
}

/** Errors of the user, all at once. Thrown by readers and by the command frame; ends a command with exit code 2. */
export class UserError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.name = 'UserError';
    this.problems = problems;
  }
}

/** Collects problems while a reader goes on as far as it can. */
export class ProblemList {
  readonly problems: Problem[] = [];

  /** Adds an error at `place`. */
  error(place: Place, code: string, message: string, extras: ProblemExtras = {}): void {
    this.problems.push({ severity: 'error', ...place, code, message, ...extras });
  }

  /** Adds a warning at `place`. */
  warning(place: Place, code: string, message: string, extras: ProblemExtras = {}): void {
    this.problems.push({ severity: 'warning', ...place, code, message, ...extras });
  }

  /**
   * Adds `unknown <what> "<name>"` with the nearest of `known`; when none is near, the hint lists them or, where they are more
   * than {@link LISTED_MAX}, is `seeAll`.
   */
  unknownName(place: Place, code: string, what: string, name: string, known: readonly string[], seeAll?: string): void {
    const nearest = nearestName(name, known);
    const distinct = [...new Set(known)];
    const list = distinct.length === 0 ? undefined : `known: ${distinct.join(', ')}`;
    const hint = distinct.length > LISTED_MAX ? seeAll : list;
    this.error(place, code, `unknown ${what} "${name}"`, { nearest, hint: nearest === undefined ? hint : undefined });
  }

  get errorCount(): number {
    return this.problems.reduce((count, problem) => count + (problem.severity === 'error' ? 1 : 0), 0);
  }

  get warnings(): readonly Problem[] {
    return this.problems.filter((problem) => problem.severity === 'warning');
  }

  /** What `read` gives; the problems of a UserError that it throws are added to these, and null stands for the result. */
  collect<T>(read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      this.take(error);
      return null;
    }
  }

  /** Adds the problems of a UserError; any other error is thrown again. */
  take(error: unknown): void {
    if (!(error instanceof UserError)) throw error;
    this.problems.push(...error.problems);
  }

  /** @throws UserError with every problem, warnings included, when one of them is an error. */
  throwIfErrors(): void {
    if (this.errorCount > 0) throw new UserError(this.problems);
  }
}

/** One problem as text: one line, and an indented one when there is a hint. */
export function formatProblem(problem: Problem): string {
  const place = formatPlace(problem);
  const nearest = problem.nearest === undefined ? '' : ` (did you mean "${problem.nearest}"?)`;
  const hint = problem.hint === undefined ? '' : `\n  hint: ${problem.hint}`;
  return printable(`${place}${problem.severity} ${problem.code}: ${shortened(problem.message)}${nearest}${hint}`);
}

function shortened(message: string): string {
  if (message.length <= MESSAGE_LENGTH_MAX) return message;
  return `${message.slice(0, MESSAGE_LENGTH_MAX / 4)} … ${message.slice(-MESSAGE_LENGTH_MAX / 4)}`;
}

/** All problems as text, sorted by file, line and column, each once; at most fifty, the rest as a count. */
export function formatProblems(problems: readonly Problem[]): string {
  const distinct = [...new Set([...problems].sort(byPlace).map(formatProblem))];
  const lines = distinct.slice(0, PROBLEMS_SHOWN_MAX);
  const hidden = distinct.length - PROBLEMS_SHOWN_MAX;
  if (hidden > 0) lines.push(`… and ${hidden} more ${hidden === 1 ? 'problem' : 'problems'}`);
  return lines.join('\n');
}

function formatPlace(place: Place): string {
  if (place.file === undefined) return '';
  const file = place.file === '' ? '""' : place.file.replaceAll('\n', '\\n');
  const line = place.line ?? 0;
  if (line <= 0) return `${file} `;
  const column = place.column ?? 0;
  return column > 0 ? `${file}:${line}:${column} ` : `${file}:${line} `;
}

function byPlace(a: Problem, b: Problem): number {
  const fileA = a.file ?? '';
  const fileB = b.file ?? '';
  if (fileA !== fileB) return fileA < fileB ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
