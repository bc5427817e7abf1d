/**
 * Watches for conditions and says once when one has come true: single changes and task points, and what `all`, `any` and `sequence` make of them.
 *
 * Nothing is asked on a path that no condition listens to. A condition that has come true listens no more.
 */
import { assertNever } from '../../base/assert.ts';
import { findPoint } from '../../sim/registry.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Task } from '../../sim/task.ts';
import type { WatchEvent } from '../../types/wire.ts';
import type { Jury } from '../jury.ts';
import type { Condition, FaultCondition, ObjectCondition, TaskCondition } from '../plan.ts';
import { isChange, type SeenChange } from './object-condition.ts';

const DELETED = 3;

/** Told what made the condition true, for reports. */
export type Fired = (what: string) => void;

/** A leaf that listens. */
interface Leaf {
  done: boolean;
}

export class ConditionWatch {
  readonly #sim: Simulation;
  readonly #jury: Jury;
  readonly #originUs: number;
  readonly #tasks: (Leaf & { readonly condition: TaskCondition; readonly fired: Fired })[] = [];
  /** Listeners for what faults do, by `id state`; and what has come about. */
  readonly #faults = new Map<string, Fired[]>();
  readonly #past = new Set<string>();
  #stopped = false;

  /** Instants of conditions count from `originUs`. */
  constructor(sim: Simulation, jury: Jury, originUs: number) {
    this.#sim = sim;
    this.#jury = jury;
    this.#originUs = originUs;
  }

  /** Calls `fired` once, when the condition has come true. */
  watch(condition: Condition, fired: Fired): void {
    switch (condition.kind) {
      case 'at':
        this.#sim.at(Math.max(this.#sim.now, this.#originUs + condition.atUs), 'condition of time', () =>
          this.#fire(fired, ''),
        );
        return;
      case 'wait':
        this.#sim.at(this.#sim.now + condition.forUs, 'condition of time', () => this.#fire(fired, ''));
        return;
      case 'fault':
        this.#watchFault(condition, fired);
        return;
      case 'task':
        this.#tasks.push({ done: false, condition, fired });
        this.#watchTasks();
        return;
      case 'object':
        this.#watchObject(condition, fired);
        return;
      case 'any': {
        let done = false;
        for (const each of condition.of) {
          this.watch(each, (what) => {
            if (done) return;
            done = true;
            fired(what);
          });
        }
        return;
      }
      case 'all': {
        let left = condition.of.length;
        for (const each of condition.of) {
          this.watch(each, (what) => {
            left--;
            if (left === 0) fired(what);
          });
        }
        return;
      }
      case 'sequence':
        this.#inTurn(condition.of, fired);
        return;
      default:
        assertNever(condition, 'kind of condition');
    }
  }

  /** A fault has begun for the first time, or has ended for good. */
  faultHas(id: string, state: FaultCondition['state']): void {
    const key = `${id} ${state}`;
    this.#past.add(key);
    for (const fired of this.#faults.get(key) ?? []) this.#fire(fired, `fault ${id} had ${state}`);
    this.#faults.delete(key);
  }

  /** Nothing fires any more. */
  stop(): void {
    this.#stopped = true;
    this.#tasks.length = 0;
    this.#sim.tasks.hook = null;
  }

  #fire(fired: Fired, what: string): void {
    if (!this.#stopped) fired(what);
  }

  #inTurn(conditions: readonly Condition[], fired: Fired): void {
    const [first, ...rest] = conditions;
    if (first === undefined) return;
    this.watch(first, (what) => {
      if (rest.length === 0) fired(what);
      else this.#inTurn(rest, fired);
    });
  }

  #watchFault({ id, state }: FaultCondition, fired: Fired): void {
    const key = `${id} ${state}`;
    if (this.#past.has(key)) this.#fire(fired, `fault ${id} had ${state}`);
    else this.#faults.set(key, [...(this.#faults.get(key) ?? []), fired]);
  }

  #watchTasks(): void {
    const hook = (task: Task) => this.#atPoint(task);
    this.#sim.tasks.hook = hook;
  }

  #atPoint(task: Task): null {
    for (const leaf of this.#tasks) {
      if (leaf.done || !isPoint(leaf.condition, task)) continue;
      leaf.done = true;
      const process = this.#sim.processes.names[task.pid] as string;
      this.#fire(leaf.fired, `${process}: ${task.label} ${task.key} run ${task.ordinal} point ${task.point}`);
    }
    for (let i = this.#tasks.length - 1; i >= 0; i--) if (this.#tasks[i]?.done === true) this.#tasks.splice(i, 1);
    if (this.#tasks.length === 0) this.#sim.tasks.hook = null;
    return null;
  }

  #watchObject(condition: ObjectCondition, fired: Fired): void {
    let left = condition.nth ?? 1;
    let done = false;
    const see = (change: SeenChange, by: string): void => {
      if (done || this.#stopped || !isChange(condition, change)) return;
      left--;
      if (left > 0) return;
      done = true;
      fired(
        `${by} saw ${condition.of} ${change.object?.metadata.name ?? change.previous?.metadata.name ?? ''} ${condition.change}`,
      );
    };
    const seenBy = condition.seenBy ?? 'store';
    if (seenBy === 'store') {
      this.#jury.onCommit.push((commit) => see(commit, 'the store'));
      return;
    }
    const isServer = seenBy === 'apiserver';
    const point = findPoint(isServer ? 'api.watch-delivery' : 'informer.event');
    if (point === undefined) return;
    this.#sim.observation.listen(point, (pid, subject) => {
      const process = this.#sim.processes.names[pid] as string;
      if (done || !process.startsWith(seenBy)) return;
      const events = isServer
        ? (subject as { readonly events: readonly WatchEvent[] }).events
        : [subject as WatchEvent];
      for (const event of events) see(changeOf(event), process);
    });
  }
}

function changeOf({ type, object, previous }: WatchEvent): SeenChange {
  return type === DELETED ? { object: null, previous: object } : { object, previous };
}

function isPoint({ label, key, run, point }: TaskCondition, task: Task): boolean {
  if (label !== task.label || (key !== undefined && key !== task.key)) return false;
  return (run === undefined || run === task.ordinal) && (point === undefined || point === task.point);
}
