/**
 * What the disruption controller had seen of pods when it worked out what it wrote into a budget: the newest revision that its informer had taken in when the
 * sync began.
 *
 * Nobody knows it while a write may still be on its way whose sync is over: after one with an unknown outcome, and where a process was lost in the middle of a sync.
 */
import type { Pid } from '../sim/process.ts';
import { CALL_FAILED } from '../types/call-outcome.ts';
import { type Judge, listen } from './predicate.ts';

/** Name of the controller's work queue. */
const QUEUE = 'disruption';
/** A write arrives at the latest so long after its sync, µs. */
const REQUEST_US = 60_000_000;

interface Sync {
  readonly pid: Pid;
  readonly incarnation: number;
  /** Revision of the pods seen. */
  readonly pods: number;
  isOver: boolean;
}

export class BudgetSight {
  readonly #judge: Judge;
  /** Revisions of pods that informers have taken in, by process; those of a lost process are replaced by the next one's list. */
  readonly #seen = new Map<Pid, number>();
  #last: Sync | null = null;
  #uncertainUs = Number.NEGATIVE_INFINITY;

  constructor(judge: Judge) {
    this.#judge = judge;
    const taken = (pid: Pid, subject: unknown): void => {
      this.#seen.set(pid, (subject as { readonly revision: number }).revision);
    };
    listen(judge, 'informer.event', taken, ['Pod']);
    listen(judge, 'informer.listed', taken, ['Pod']);
    const isOurs = (subject: unknown): boolean => (subject as { readonly name: string }).name === QUEUE;
    listen(judge, 'queue.begin', (pid, subject) => {
      if (isOurs(subject)) this.#begin(pid);
    });
    listen(judge, 'queue.end', (pid, subject) => {
      if (isOurs(subject) && this.#last?.pid === pid) this.#last.isOver = true;
    });
    const failed = (_pid: Pid, subject: unknown): void => {
      const { error } = subject as { readonly error: { readonly outcomeUnknown: boolean } | null };
      if (error?.outcomeUnknown === true) this.#uncertainUs = judge.sim.now;
    };
    listen(judge, 'client.call-ended', failed, ['PodDisruptionBudget'], CALL_FAILED);
  }

  #begin(pid: Pid): void {
    const { sim } = this.#judge;
    const incarnation = sim.processes.incarnation[pid] as number;
    const last = this.#last;
    if (last !== null && !last.isOver) this.#uncertainUs = sim.now;
    // Another process may have begun long before, and its write be on its way.
    if (last !== null && (last.pid !== pid || last.incarnation !== incarnation)) this.#uncertainUs = sim.now;
    this.#last = { pid, incarnation, pods: this.#seen.get(pid) ?? -1, isOver: false };
  }

  /** The revision of pods that a write of now goes by; −1 where nobody knows. */
  get pods(): number {
    return this.#judge.sim.now - this.#uncertainUs < REQUEST_US ? -1 : (this.#last?.pods ?? -1);
  }
}
