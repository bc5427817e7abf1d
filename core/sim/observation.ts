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
  type KindOf,
  kindOfPoint,
  type MarkId,
  type PointId,
} from './registry.ts';

/** Sees what passes a declared observation point. */
export type Observer = (pid: Pid, subject: unknown) => void;
/** May answer for a component at a declared point; undefined = no opinion. */
export type Interceptor = (pid: Pid, subject: unknown) => unknown;

/** Who listens at a point whose subjects have kinds. */
class KindListeners {
  readonly #kindOf: KindOf;
  readonly #all: { readonly observer: Observer; readonly kinds: readonly string[] | undefined }[] = [];
  /** Those that hear of a kind, in the order in which they began to listen; filled as kinds come up. */
  readonly #byKind = new Map<string, readonly Observer[]>();

  constructor(kindOf: KindOf) {
    this.#kindOf = kindOf;
  }

  add(observer: Observer, kinds: readonly string[] | undefined): void {
    this.#all.push({ observer, kinds });
    this.#byKind.clear();
  }

  tell(pid: Pid, subject: unknown): void {
    const kind = this.#kindOf(subject);
    const observers = this.#byKind.get(kind) ?? this.#find(kind);
    for (let i = 0; i < observers.length; i++) (observers[i] as Observer)(pid, subject);
  }

  #find(kind: string): readonly Observer[] {
    const found: Observer[] = [];
    for (const { observer, kinds } of this.#all) if (kinds === undefined || kinds.includes(kind)) found.push(observer);
    this.#byKind.set(kind, found);
    return found;
  }
}

export class Observation {
  /** 1 where the bug switch of that id is on. */
  readonly bugs: Uint8Array;
  /** How often each mark was reached. */
  readonly marks: Float64Array;
  /** Work done so far, by counter. */
  readonly counts: Float64Array;
  readonly #observers: (Observer[] | undefined)[];
  /** At points whose subjects have kinds, told by the one observer there. */
  readonly #listeners: (KindListeners | undefined)[];
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
    this.#observers = new Array(declaredPoints().length);
    this.#listeners = new Array(declaredPoints().length);
    this.#interceptors = new Array(declaredPoints().length);
  }

  /** Listens at a declared point, to subjects of these kinds; without `kinds` to all. */
  listen(point: PointId, observer: Observer, kinds?: readonly string[]): void {
    const kindOf = kindOfPoint(point);
    if (kindOf !== undefined) this.#listenersAt(point, kindOf).add(observer, kinds);
    else {
      assert(kinds === undefined, 'the subjects of this observation point have no kinds');
      const present = this.#observers[point];
      if (present === undefined) this.#observers[point] = [observer];
      else present.push(observer);
    }
  }

  #listenersAt(point: PointId, kindOf: KindOf): KindListeners {
    const present = this.#listeners[point];
    if (present !== undefined) return present;
    const listeners = new KindListeners(kindOf);
    this.#listeners[point] = listeners;
    this.#observers[point] = [(pid, subject) => listeners.tell(pid, subject)];
    return listeners;
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
