/**
 * OP1: a user's reconciler throws nothing but answers of the API server, and comes to an end. Each beginning of one is an evaluation: without any, the
 * operators were there for nothing.
 */
import type { Pid } from '../../sim/process.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** A reconciler that runs for so long, µs, and has asked so often meanwhile when the run ends, does not end: one that waits for an answer asks seldom. */
const ENDLESS_US = 30_000_000;
const ENDLESS_REQUESTS = 100;

interface Failure {
  readonly operator: string;
  readonly key: string;
  readonly error: string;
}

interface Run {
  readonly operator: string;
  readonly key: string;
  readonly requestCount: number;
  readonly ended: boolean;
}

export function operatorsThrowNothing(judge: Judge): Predicate {
  /** The last beginning in each process, whose one worker runs one reconciler at a time. */
  const begun = new Map<Pid, { readonly run: Run; readonly sinceUs: number }>();
  const { sim } = judge;
  const predicate: Predicate = {
    id: 'OP1',
    about: 'no reconciler of a user throws or runs without an end',
    evaluations: 0,
    conclude() {
      for (const [pid, { run, sinceUs }] of begun) {
        const forUs = sim.now - sinceUs;
        // What an instance that is gone was at has ended with it.
        const isUnderWay = !run.ended && sim.isRunning(pid) && (sim.processes.startedAt[pid] as number) <= sinceUs;
        if (!isUnderWay || forUs < ENDLESS_US || run.requestCount < ENDLESS_REQUESTS) continue;
        const after = `${Math.round(forUs / 1_000_000)} s and ${run.requestCount} requests`;
        judge.violate(predicate, `operator ${run.operator} has not ended its reconcile of ${run.key} after ${after}`);
      }
    },
  };
  listen(judge, 'operator.began', (pid, subject) => {
    predicate.evaluations++;
    begun.set(pid, { run: subject as Run, sinceUs: sim.now });
  });
  listen(judge, 'operator.failed', (_pid, subject) => {
    const { operator, key, error } = subject as Failure;
    judge.violate(predicate, `operator ${operator} threw on ${key}: ${error}`);
  });
  return predicate;
}
