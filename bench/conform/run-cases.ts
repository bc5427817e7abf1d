/**
 * Runs recorded cases one after the other and counts.
 *
 * Always: every selected case is reported exactly once, in the order of the format's list; what throws has failed. Data that cannot be
 * read are no answer: all of them are told together after the last case, and a write that fails ends the run.
 */
import picomatch from 'picomatch';
import { ToolFailure } from '../cli/tool-failure.ts';
import { UserError, type UserProblem } from '../cli/user-error.ts';
import type { CaseOutcome, ConformCase } from './format.ts';

/** A case with its outcome. */
export interface CaseReport {
  readonly name: string;
  readonly outcome: CaseOutcome;
}

export interface CaseRun {
  readonly reports: readonly CaseReport[];
  readonly passed: number;
  readonly failed: number;
  /** False when `shouldStop` ended the run before the last case. */
  readonly complete: boolean;
}

/** Called after each case. */
export type OnCase = (report: CaseReport, doneCount: number, caseCount: number) => void;

/**
 * The cases whose name matches a glob: `*` stays within a part, `**` crosses parts, braces and character classes work.
 */
export function selectCases(cases: readonly ConformCase[], glob: string): readonly ConformCase[] {
  const matches = picomatch(glob, { dot: true });
  return cases.filter(({ name }) => matches(name));
}

/**
 * Runs all cases, at most `concurrency` at the same time. `shouldStop` is asked before each.
 * @throws UserError with everything that is wrong with the data of any case.
 */
export async function runCases(
  cases: readonly ConformCase[],
  onCase: OnCase = () => {},
  shouldStop: () => boolean = () => false,
  concurrency = 1,
): Promise<CaseRun> {
  const reports: CaseReport[] = [];
  const started: Promise<CaseOutcome | UserError>[] = [];
  const unreadable: UserProblem[] = [];
  let passed = 0;
  for (const [i, each] of cases.entries()) {
    while (started.length < Math.min(i + concurrency, cases.length) && !shouldStop()) {
      started.push(outcomeOf(cases[started.length] as ConformCase));
    }
    const running = started[i];
    if (running === undefined) break;
    const outcome = await running;
    if (outcome instanceof UserError) {
      unreadable.push(...outcome.problems);
      continue;
    }
    if (outcome.passed) passed++;
    const report = { name: each.name, outcome };
    reports.push(report);
    onCase(report, reports.length, cases.length);
    // Synchronous cases would otherwise keep signals and progress waiting until the last one.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (unreadable.length > 0) throw new UserError(unreadable);
  return { reports, passed, failed: reports.length - passed, complete: reports.length === cases.length };
}

async function outcomeOf(each: ConformCase): Promise<CaseOutcome | UserError> {
  try {
    return await each.run();
  } catch (error) {
    if (error instanceof UserError) return error;
    if (error instanceof ToolFailure) throw error;
    return { passed: false, difference: error instanceof Error ? error.message : String(error) };
  }
}

/** The closing line: `20 passed, 0 failed`, with ` (filtered)` when a filter was given. */
export function closingLine(run: Pick<CaseRun, 'passed' | 'failed'>, filtered: boolean): string {
  return `${run.passed} passed, ${run.failed} failed${filtered ? ' (filtered)' : ''}`;
}
