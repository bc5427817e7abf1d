/**
 * Runs tasks: starts, resumes and fails generators, numbers their points, and lets a fault act there.
 *
 * Who waits for something keeps the task object; a sleeping task travels with its timer. A task of a crashed instance never runs again.
 */
import { assert } from '../base/assert.ts';
import type { TrueTime } from './clocks.ts';
import { OP_TASK_DELAYED } from './ops.ts';
import type { CrashOptions, Payload, Pid } from './process.ts';
import { type PointAction, type PointHook, Task, type Wait } from './task.ts';

/** What the runner needs of the simulation. */
export interface TaskHost extends TrueTime {
  incarnationOf(pid: Pid): number;
  isUp(pid: Pid): boolean;
  crash(pid: Pid, options: CrashOptions): void;
  postOwn(pid: Pid, timeUs: number, op: number, a: number, b: number, payload: Payload | null): void;
}

/** Tasks one run may start; ids stay small integers. */
const TASKS_MAX = 2 ** 31 - 1;

export class TaskRunner {
  hook: PointHook | null = null;
  /** Where the value or error of a delayed resumption waits. */
  readonly #delayed = new Map<number, { task: Task; value: unknown; failed: boolean }>();
  readonly #host: TaskHost;
  #nextId = 1;
  #current: Task | null = null;

  constructor(host: TaskHost) {
    this.#host = host;
  }

  /** Starts `body` and runs it to its first yield. */
  start(pid: Pid, label: string, key: string, ordinal: number, body: Generator<Wait, void, unknown>): Task {
    assert(this.#nextId < TASKS_MAX, `more than ${TASKS_MAX} tasks`);
    const task = new Task(this.#nextId++, pid, this.#host.incarnationOf(pid), label, key, ordinal, body);
    if (this.#host.isUp(pid)) this.#step(task, undefined, false);
    else task.done = true;
    return task;
  }

  resume(task: Task, value: unknown): void {
    this.#continue(task, value, false);
  }

  fail(task: Task, error: unknown): void {
    this.#continue(task, error, true);
  }

  /** The running task. */
  current(): Task {
    assert(this.#current !== null, 'task: no task is running');
    return this.#current;
  }

  /** The timer of a sleeping task fired. */
  wake(task: Task): void {
    this.#continue(task, undefined, false);
  }

  /** A fault's delay is over. */
  endDelay(id: number): void {
    const waiting = this.#delayed.get(id);
    this.#delayed.delete(id);
    if (waiting !== undefined && this.#alive(waiting.task)) this.#step(waiting.task, waiting.value, waiting.failed);
  }

  /** Forgets the tasks of a process that went down. */
  drop(pid: Pid): void {
    for (const [id, waiting] of this.#delayed) if (waiting.task.pid === pid) this.#delayed.delete(id);
  }

  #alive(task: Task): boolean {
    return this.#host.incarnationOf(task.pid) === task.incarnation && this.#host.isUp(task.pid);
  }

  #continue(task: Task, value: unknown, failed: boolean): void {
    if (!this.#alive(task)) return;
    if (!task.suspended) assert(false, `task ${task.label} ${task.key}: resumed though it does not wait`);
    if (this.hook !== null) {
      const action = this.hook(task, 'resuming');
      if (action !== null) {
        this.#act(task, action, value, failed);
        return;
      }
    }
    this.#step(task, value, failed);
  }

  #act(task: Task, action: PointAction, value: unknown, failed: boolean): void {
    switch (action.kind) {
      case 'crash':
        this.#host.crash(task.pid, { silent: action.silent });
        return;
      case 'delay':
        task.suspended = false;
        this.#delayed.set(task.id, { task, value, failed });
        this.#host.postOwn(task.pid, this.#host.now + action.delayUs, OP_TASK_DELAYED, task.id, 0, null);
        return;
      case 'fail':
        this.#step(task, action.error, true);
    }
  }

  #step(task: Task, value: unknown, failed: boolean): void {
    const outer = this.#current;
    this.#current = task;
    task.suspended = false;
    try {
      const result = failed ? task.body.throw(value) : task.body.next(value);
      if (result.done === true) {
        task.done = true;
        return;
      }
      task.point++;
      task.suspended = true;
    } finally {
      this.#current = outer;
    }
    if (this.hook === null) return;
    const action = this.hook(task, 'yielded');
    if (action?.kind === 'crash') this.#host.crash(task.pid, { silent: action.silent });
  }
}
