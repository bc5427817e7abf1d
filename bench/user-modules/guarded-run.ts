/**
 * Runs simulated work in this thread although it may call a user's code: a loop without an end and what would end the process are caught.
 *
 * Worker threads need none of it: a pool ends them after their time.
 */
import { types } from 'node:util';
import { Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { ToolFailure } from '../cli/tool-failure.ts';
import { userError } from '../cli/user-error.ts';
import { beginCall, CALL_LIMIT_MS, endCall } from './call-watch.ts';

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

/** The call of a user's code that did not end in this thread; its run is worth nothing. */
let endless = '';

/**
 * One call of a user's code, which `text` names. In a worker thread whoever watches it ends a call that takes too long; here it is broken off after
 * {@link CALL_LIMIT_MS}, and every later one at once, so that the run around it comes to its end and is refused there.
 */
export function userCall<Result>(text: string, call: () => Result): Result {
  if (!isMainThread) {
    beginCall(text);
    try {
      return withoutExit(() => talking(call));
    } finally {
      endCall();
    }
  }
  if (endless !== '') throw new Error(endless);
  return limited(
    { timeout: CALL_LIMIT_MS },
    () => talking(call),
    () => {
      endless = `${text} did not end within ${CALL_LIMIT_MS / 1000} s`;
      return new Error(endless);
    },
  );
}

/** A user error about a call that did not end. */
export function endlessCall(cause: string): Error {
  return userError({ code: 'OPR-003', message: cause, hint: 'it may loop without a request' });
}

function guarded<Result>(options: { timeout?: number }, work: () => Result, tooLongError: () => Error): Result {
  endless = '';
  const result = limited(options, work, tooLongError);
  if (endless !== '') throw endlessCall(endless);
  return result;
}

function limited<Result>(options: { timeout?: number }, work: () => Result, tooLongError: () => Error): Result {
  const slots = globalThis as unknown as Record<symbol, unknown>;
  slots[SLOT] = work;
  try {
    // Otherwise Node writes into the stack where it was thrown last, in our files too: the first frame of the user's is what is told.
    return withoutExit(() => CALL.runInThisContext({ ...options, displayErrors: false }) as Result);
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw tooLongError();
  } finally {
    delete slots[SLOT];
  }
}

/** Reads nothing of what a user threw that could run the user's code. */
function isTimeout(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  return Object.getOwnPropertyDescriptor(error, 'code')?.value === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** `process.exit`, `kill` and `abort` throw meanwhile. */
function withoutExit<Result>(work: () => Result): Result {
  const { exit, kill, abort } = process;
  process.exit = REFUSED.exit;
  process.kill = REFUSED.kill;
  process.abort = REFUSED.abort;
  try {
    return work();
  } finally {
    Object.assign(process, { exit, kill, abort });
  }
}

const REFUSED = { exit: refused('exit'), kill: refused('kill'), abort: refused('abort') };

function refused(name: string): () => never {
  return () => {
    throw new Error(`process.${name} was called`);
  };
}

/** What is written to standard output meanwhile is talk: that belongs to the results. */
function talking<Result>(work: () => Result): Result {
  const { stdout } = process;
  const { write } = stdout;
  stdout.write = ((...given: Parameters<typeof write>) => process.stderr.write(...given)) as typeof write;
  try {
    return work();
  } finally {
    stdout.write = write;
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
