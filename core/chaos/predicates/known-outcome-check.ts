/**
 * A11: a client that is told that its write was refused can rely on it: what the store took is reported as done or as unknown.
 */
import type { Pid } from '../../sim/process.ts';
import { CALL_FAILED, CALL_WRITE } from '../../types/call-outcome.ts';
import { isMutating } from '../../types/wire.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

interface Request {
  readonly verb: number;
  readonly type: { readonly kind: string };
  readonly name: string;
}

interface CallEnd {
  readonly request: Request;
  readonly error: { readonly outcomeUnknown: boolean; readonly message: string } | null;
}

export function knownOutcome(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A11',
    about: 'no write that the store took is reported to its client as refused',
    evaluations: 0,
  };
  const { sim } = judge;
  /**
   * Requests whose write the store took, by reference: an answer belongs to the very object that was sent. Those of clients that crashed stay to
   * the end of the run.
   */
  const taken = new Set<object>();
  listen(judge, 'api.write', (_pid, subject) => {
    taken.add((subject as { readonly op: { readonly request: object } }).op.request);
  });
  const ended = (pid: Pid, { request, error }: CallEnd): void => {
    if (!isMutating(request.verb)) return;
    const isTaken = taken.delete(request);
    if (error === null || error.outcomeUnknown) return;
    predicate.evaluations++;
    if (!isTaken) return;
    const process = sim.processes.names[pid] as string;
    const what = `${request.type.kind} ${request.name}`;
    judge.violate(predicate, `${what}: ${process} is told "${error.message}", but the store took its write`);
  };
  const outcomes = CALL_WRITE | CALL_FAILED;
  listen(judge, 'client.call-ended', (pid, subject) => ended(pid, subject as CallEnd), undefined, outcomes);
  return predicate;
}
