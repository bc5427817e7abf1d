/**
 * A13: who is told by a server when to come again does so: it gives up only after ten times, or when the time of its request is over.
 *
 * Said by Retry-After, with 429 or a code from 500 on. Source: client-go 1.34, rest/with_retry.go and request.go (maxRetries).
 */
import type { Pid } from '../../sim/process.ts';
import { CALL_FAILED, CALL_REPEATED } from '../../types/call-outcome.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

const RETRIES = 10;

interface CallEnd {
  readonly request: { readonly type: { readonly kind: string } };
  readonly response: object | null;
  readonly error: { readonly code: number; readonly retryAfterSeconds: number; readonly message: string } | null;
  readonly retries: number;
}

export function busyServersHeard(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A13',
    about: 'a request that the server wants again later is sent again, ten times if need be',
    evaluations: 0,
  };
  const ended = (pid: Pid, subject: unknown): void => {
    const { request, response, error, retries } = subject as CallEnd;
    const isBusy =
      response !== null && error !== null && error.retryAfterSeconds >= 0 && (error.code === 429 || error.code >= 500);
    if (!isBusy && retries === 0) return;
    predicate.evaluations++;
    if (!isBusy || retries >= RETRIES) return;
    const process = judge.sim.processes.names[pid];
    const what = `takes "${error.message}" for the end after ${retries} repetitions`;
    judge.violate(predicate, `${request.type.kind}: ${process} ${what}, which said when to come again`);
  };
  listen(judge, 'client.call-ended', ended, undefined, CALL_FAILED | CALL_REPEATED);
  return predicate;
}
