/**
 * What can be seen and weakened from outside during one run: listeners and interceptors at declared points, bug switches, marks,
 * counters of work.
 *
 * With nobody listening an observation is one array read.
 */
import { assert } from '../base/assert.ts';
import type { Pid } from './process.ts';
import {
  type CounterId,
  declaredBugs,
  declaredCounters,
  declaredMarks,
  declaredPoints,
  findBug,
  type MarkId,
  type PointId,
} from './registry.ts';

/** Sees what passes a declared observation point. */
export type Observer = (pid: Pid, subject: unknown) => void;
/** May answer for a component at a declared point; undefined = no opinion. */
export type Interceptor = (pid: Pid, subject: unknown) => unknown;

export class Observation {
  /** 1 where the bug switch of that id is on. */
  readonly bugs: Uint8Array;
  /** How often each mark was reached. */
  readonly marks: Float64Array;
  /** Work done so far, by counter. */
  readonly counts: Float64Array;
  readonly #observers: (Observer[] | undefined)[];
  readonly #interceptors: (Interceptor | undefined)[];

  /** `bugs`: names of the switches that are on; an unknown name is refused. */
  constructor(bugs: readonly string[]) {
    this.bugs = new Uint8Array(declaredBugs().length);
    for (const name of bugs) {
      const bug = findBug(name);
      assert(bug !== undefined, `no bug switch is named "${name}"`);
      this.bugs[bug] = 1;
    }
    this.marks = new Float64Array(declaredMarks().length);
    this.counts = new Float64Array(declaredCounters().length);
    this.#observers = new Array(declaredPoints().length);
    this.#interceptors = new Array(declaredPoints().length);
  }

  /** Listens at a declared point. */
  listen(point: PointId, observer: Observer): void {
    const present = this.#observers[point];
    if (present === undefined) this.#observers[point] = [observer];
    else present.push(observer);
  }

  /** Installs (or with null removes) the interceptor of a declared point. */
  setInterceptor(point: PointId, interceptor: Interceptor | null): void {
    this.#interceptors[point] = interceptor ?? undefined;
  }

  observe(point: PointId, pid: Pid, subject: unknown): void {
    const observers = this.#observers[point];
    if (observers === undefined) return;
    for (const observer of observers) observer(pid, subject);
  }

  /** true if somebody listens: lets a component skip building a subject. */
  isObserved(point: PointId): boolean {
    return this.#observers[point] !== undefined;
  }

  intercept(point: PointId, pid: Pid, subject: unknown): unknown {
    const interceptor = this.#interceptors[point];
    return interceptor === undefined ? undefined : interceptor(pid, subject);
  }

  mark(id: MarkId): void {
    this.marks[id] = (this.marks[id] as number) + 1;
  }

  count(id: CounterId, amount: number): void {
    this.counts[id] = (this.counts[id] as number) + amount;
  }
}
