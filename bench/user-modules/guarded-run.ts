/**
 * Runs simulated work in this thread although it may call a user's code: a loop without an end and `process.exit` are caught.
 *
 * Worker threads need none of it: a pool ends them after their time.
 */
import { Script } from 'node:vm';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { ToolFailure } from '../cli/tool-failure.ts';
import { userError } from '../cli/user-error.ts';

const SLOT = Symbol.for('seatrial.guarded-run');
// A script is what V8 can stop in the middle; only its source, no argument, can say what to run.
const CALL = new Script(`globalThis[Symbol.for('seatrial.guarded-run')]()`);

/** What is run: the file for the message, and a plan that says whether a user's code takes part. */
export interface Subject {
  readonly file: string;
  readonly plan: { readonly cluster: Pick<ScenarioPlan['cluster'], 'operators'> };
}

/** Runs one piece of work after the other on one limit. */
export type Guard = <Result>(work: () => Result) => Result;

/**
 * What `work` gives. After `limitMs` of host time, 0 = no limit: @throws UserError where controllers of the user take part, which may loop;
 * ToolFailure where none does.
 */
export function guardedRun<Result>(subject: Subject, limitMs: number, work: () => Result): Result {
  return guardFor(subject, limitMs)(work);
}

/** The same for several pieces of work, which have `limitMs` together from now on. */
export function guardFor(subject: Subject, limitMs: number): Guard {
  const endsAt = performance.now() + limitMs;
  return (work) => {
    const leftMs = Math.max(1, Math.ceil(endsAt - performance.now()));
    return guarded(limitMs > 0 ? { timeout: leftMs } : {}, work, () => tooLong(subject, limitMs));
  };
}

function guarded<Result>(options: { timeout?: number }, work: () => Result, tooLongError: () => Error): Result {
  const slots = globalThis as unknown as Record<symbol, unknown>;
  const { exit } = process;
  slots[SLOT] = work;
  process.exit = (() => {
    throw new Error('process.exit was called');
  }) as typeof exit;
  try {
    return CALL.runInThisContext(options) as Result;
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw tooLongError();
  } finally {
    process.exit = exit;
    delete slots[SLOT];
  }
}

function tooLong({ file, plan }: Subject, limitMs: number): Error {
  const message = `no result after ${limitMs / 1000} s of host time`;
  if ((plan.cluster.operators ?? []).length === 0) {
    return new ToolFailure(file, `${file}: ${message}; --timeout sets another limit, 0 none`);
  }
  const hint = 'a controller of yours may loop without an end; see --timeout';
  return userError({ file, code: 'OPR-003', message, hint });
}
