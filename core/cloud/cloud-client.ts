/**
 * The cloud controller manager's side of the provider's API: one connection, a question suspends the calling task.
 */
import type { Context } from '../sim/context.ts';
import { OP_CONN_CLOSED } from '../sim/ops.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import { type Task, WAIT, type Wait } from '../sim/task.ts';
import { StatusError } from '../types/status-error.ts';
import { OP_CLOUD_ANSWER, OP_CLOUD_DESCRIBE } from './ops.ts';
import { type InstanceAnswer, InstanceQuery } from './provider.ts';

/** Questions that may be under way. */
const QUESTIONS_MAX = 4096;

export class CloudClient {
  readonly #ctx: Context;
  readonly #provider: Pid;
  readonly #waiting = new Map<number, Task>();
  #conn: Conn = -1;
  #ids = 0;

  constructor(ctx: Context, provider: Pid) {
    this.#ctx = ctx;
    this.#provider = provider;
  }

  /** State of the instance of a node. Throws StatusError 429 when throttled, 503 when the provider cannot be reached. */
  *describe(name: string): Generator<Wait, InstanceAnswer, unknown> {
    if (this.#waiting.size >= QUESTIONS_MAX) throw StatusError.tooManyRequests('too many requests to the cloud', 1);
    if (this.#conn < 0) this.#conn = this.#ctx.connect(this.#provider);
    const id = ++this.#ids;
    this.#waiting.set(id, this.#ctx.currentTask);
    this.#ctx.sendOn(this.#conn, OP_CLOUD_DESCRIBE, id, 0, new InstanceQuery(name));
    const answer = (yield WAIT) as InstanceAnswer;
    if (answer.throttled) throw StatusError.tooManyRequests('Rate exceeded', 1);
    return answer;
  }

  /** true if the event was for this client. */
  receive(op: number, a: number, payload: Payload | null, conn: Conn): boolean {
    if (op === OP_CLOUD_ANSWER) {
      const task = this.#waiting.get(a);
      this.#waiting.delete(a);
      if (task !== undefined) this.#ctx.resume(task, payload);
      return true;
    }
    if (op !== OP_CONN_CLOSED || conn !== this.#conn) return false;
    this.#conn = -1;
    const tasks = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const task of tasks)
      this.#ctx.fail(task, StatusError.connectionLost('cloud provider: connection lost', false));
    return true;
  }
}
