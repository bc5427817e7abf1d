/**
 * What can be seen and weakened from outside during one run: listeners and interceptors at declared points, bug switches, marks,
 * counters of work.
 *
 * With nobody listening an observation is one array read.
 */
import { assert } from '../base/assert.ts';
import { KindNumbers } from './kind-numbers.ts';
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
  type SubjectRule,
  subjectRuleOf,
} from './registry.ts';
import { type Parts, SubjectTable } from './subject-table.ts';

/** Sees what passes a declared observation point; `kind`: number of the kind that it is about ({@link Observation.kinds}), −1 where subjects have none. */
export type Observer = (pid: Pid, subject: unknown, kind: number) => void;
/** May answer for a component at a declared point; undefined = no opinion. */
export type Interceptor = (pid: Pid, subject: unknown) => unknown;

/** Who listens at a point. */
interface Listeners {
  tell(pid: Pid, subject: unknown): void;
}

/** At a point whose subjects are all alike. */
class PlainListeners implements Listeners {
  readonly list: Observer[] = [];

  tell(pid: Pid, subject: unknown): void {
    const { list } = this;
    for (let i = 0; i < list.length; i++) (list[i] as Observer)(pid, subject, -1);
  }
}

/** At a point whose subjects are told apart. */
class RuledListeners implements Listeners {
  readonly #rule: SubjectRule;
  readonly #kinds: KindNumbers;
  readonly table: SubjectTable<Observer>;

  constructor(rule: SubjectRule, kinds: KindNumbers) {
    this.#rule = rule;
    this.#kinds = kinds;
    this.table = new SubjectTable(kinds);
  }

  tell(pid: Pid, subject: unknown): void {
    const { kindOf, partsOf } = this.#rule;
    const kind = this.#kinds.of(kindOf(subject));
    const observers = this.table.of(kind, partsOf === undefined ? 0 : partsOf(subject));
    for (let i = 0; i < observers.length; i++) (observers[i] as Observer)(pid, subject, kind);
  }
}

export class Observation {
  /** 1 where the bug switch of that id is on. */
  readonly bugs: Uint8Array;
  /** How often each mark was reached. */
  readonly marks: Float64Array;
  /** Work done so far, by counter. */
  readonly counts: Float64Array;
  /** Numbers of the kinds that come up in the run. */
  readonly kinds = new KindNumbers();
  readonly #listeners: (Listeners | undefined)[];
  readonly #interceptors: (Interceptor | undefined)[];
  readonly #shared = new Map<unknown, unknown>();

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
    this.#listeners = new Array(declaredPoints().length);
    this.#interceptors = new Array(declaredPoints().length);
  }

  /** Listens at a declared point, to subjects of these kinds with one of these parts; without `kinds` or `parts` to all. */
  listen(point: PointId, observer: Observer, kinds?: readonly string[], parts?: Parts): void {
    const rule = subjectRuleOf(point);
    assert(parts === undefined || rule?.partsOf !== undefined, 'the subjects of this observation point have no parts');
    assert(rule !== undefined || kinds === undefined, 'the subjects of this observation point have no kinds');
    this.#listeners[point] ??= rule === undefined ? new PlainListeners() : new RuledListeners(rule, this.kinds);
    const listeners = this.#listeners[point];
    if (listeners instanceof RuledListeners) listeners.table.add(observer, kinds, parts);
    else (listeners as PlainListeners).list.push(observer);
  }

  /** Installs (or with null removes) the interceptor of a declared point. */
  setInterceptor(point: PointId, interceptor: Interceptor | null): void {
    this.#interceptors[point] = interceptor ?? undefined;
  }

  /**
   * The one instance of what several observers of this run share, by `key`; `make` is asked once. It lives here and in no weak table outside: the
   * values of such a table outlive each collection of young objects, and a value that leads back to its run would take all of that along.
   */
  shared<T>(key: unknown, make: () => T): T {
    let value = this.#shared.get(key) as T | undefined;
    if (value === undefined) {
      value = make();
      this.#shared.set(key, value);
    }
    return value;
  }

  observe(point: PointId, pid: Pid, subject: unknown): void {
    const listeners = this.#listeners[point];
    if (listeners !== undefined) listeners.tell(pid, subject);
  }

  /** true if somebody listens: lets a component skip building a subject. */
  isObserved(point: PointId): boolean {
    return this.#listeners[point] !== undefined;
  }

  isIntercepted(point: PointId): boolean {
    return this.#interceptors[point] !== undefined;
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
