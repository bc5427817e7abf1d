/**
 * Runs simulated work in this thread although it may call a user's code: a loop without an end and `process.exit` are caught.
 *
 * Worker threads need none of it: a pool ends them after their time.
 */
import { Script } from 'node:vm';
import { userError } from '../cli/user-error.ts';

const SLOT = Symbol.for('seatrial.guarded-run');
// A script is what V8 can stop in the middle; only its source, no argument, can say what to run.
const CALL = new Script(`globalThis[Symbol.for('seatrial.guarded-run')]()`);

/** What `work` gives. @throws UserError naming `subject` after `limitMs` of host time; 0 means no limit. */
export function guardedRun<Result>(subject: string, limitMs: number, work: () => Result): Result {
  const slots = globalThis as unknown as Record<symbol, unknown>;
  const { exit } = process;
  slots[SLOT] = work;
  process.exit = (() => {
    throw new Error('process.exit was called');
  }) as typeof exit;
  try {
    return CALL.runInThisContext(limitMs > 0 ? { timeout: limitMs } : {}) as Result;
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw userError({
      file: subject,
      code: 'OPR-003',
      message: `no result after ${limitMs / 1000} s of host time`,
      hint: 'a controller of yours may loop without an end; see --timeout',
    });
  } finally {
    process.exit = exit;
    delete slots[SLOT];
  }
}
