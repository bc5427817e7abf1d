/**
 * A11: a client that is told that its write was refused can rely on it: what the store took is reported as done or as unknown.
 */
import type { Pid } from '../../sim/process.ts';
import { CALL_FAILED } from '../../types/call-outcome.ts';
import { isMutating } from '../../types/wire.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** Twice as long as a client waits for an answer, repetitions included, µs; and so many writes are remembered in any case. */
const ANSWERED_US = 120_000_000;
const REMEMBERED_MIN = 4096;

interface Request {
  readonly verb: number;
  readonly type: { readonly kind: string };
  readonly name: string;
}

interface CallEnd {
  readonly request: Request;
  readonly error: { readonly outcomeUnknown: boolean; readonly message: string };
}

export function knownOutcome(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A11',
    about: 'no write that the store took is reported to its client as refused',
    evaluations: 0,
  };
  const { sim } = judge;
  /**
   * Requests whose write the store took lately, by reference: an answer belongs to the very object that was sent. Nobody hears of successes, which are
   * nearly all: a request goes when it is too old to be answered, with all that came before it.
   */
  let taken = new Set<object>();
  let takenBefore = new Set<object>();
  let sinceUs = 0;
  listen(judge, 'api.write', (_pid, subject) => {
    if (taken.size >= REMEMBERED_MIN && sim.now - sinceUs > ANSWERED_US) {
      takenBefore = taken;
      taken = new Set();
      sinceUs = sim.now;
    }
    taken.add((subject as { readonly op: { readonly request: object } }).op.request);
  });
  const failed = (pid: Pid, { request, error }: CallEnd): void => {
    if (!isMutating(request.verb)) return;
    const isTaken = taken.delete(request) || takenBefore.delete(request);
    if (error.outcomeUnknown) return;
    predicate.evaluations++;
    if (!isTaken) return;
    const process = sim.processes.names[pid] as string;
    const what = `${request.type.kind} ${request.name}`;
    judge.violate(predicate, `${what}: ${process} is told "${error.message}", but the store took its write`);
  };
  listen(judge, 'client.call-ended', (pid, subject) => failed(pid, subject as CallEnd), undefined, CALL_FAILED);
  return predicate;
}
