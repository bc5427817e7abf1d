/**
 * Routes a process's events to the clients, informers, queues and electors it is made of.
 *
 * The owner makes one dispatcher per instance, hands it to every component of the library and begins its `receive` with
 * `if (this.library.receive(op, from, a, b, payload, conn)) return;`. Timers are found by the registration index in `b`,
 * connections by their id; both are O(1). Work queues that got keys while an event was handled start their workers when
 * the event is done, so a handler never runs a reconcile in the middle of another component's bookkeeping.
 */
import type { Context } from '../sim/context.ts';
import { OP_CONN_CLOSED } from '../sim/ops.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import { OP_RESPONSE, OP_WATCH_CLOSED, OP_WATCH_EVENTS } from '../types/wire.ts';
import { OP_CLIENT_END, OP_CLIENT_FIRST } from './ops.ts';

/** A part of the library that gets timers or messages. */
export interface Component {
  /** An event for this component; `b` is its registration index for timers. */
  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void;
}

/** A component that wants a turn after the current event. */
export interface Deferred {
  /** Called once after the event in which {@link Dispatcher.defer} was called. */
  afterEvent(): void;
}

/** The list of turns while there are none; nobody may push to it. */
const NOBODY: Deferred[] = [];

/** The library of one process instance. */
export class Dispatcher {
  readonly ctx: Context;
  readonly #components: Component[] = [];
  readonly #byConn = new Map<Conn, Component>();
  readonly #incarnation: number;
  #deferred: Deferred[] = NOBODY;
  #depth = 0;

  constructor(ctx: Context) {
    this.ctx = ctx;
    this.#incarnation = ctx.sim.processes.incarnation[ctx.pid] as number;
  }

  /** false once this instance has crashed or exited: it may be in the middle of an event then and must do nothing more. */
  get alive(): boolean {
    return this.ctx.sim.processes.incarnation[this.ctx.pid] === this.#incarnation;
  }

  /** Adds a component; the answer is its registration index, which its timers carry in `b`. */
  register(component: Component): number {
    this.#components.push(component);
    return this.#components.length - 1;
  }

  /** Messages of `conn` go to `component` from now on. */
  bindConnection(conn: Conn, component: Component): void {
    this.#byConn.set(conn, component);
  }

  /** `conn` is closed or given up. */
  unbindConnection(conn: Conn): void {
    this.#byConn.delete(conn);
  }

  /** true while an event is being handled: what is deferred now runs at its end. */
  get busy(): boolean {
    return this.#depth > 0;
  }

  /** Gives `component` a turn at the end of the current event; only while {@link busy}. */
  defer(component: Deferred): void {
    if (this.#deferred.length > 0) this.#deferred.push(component);
    else this.#deferred = [component];
  }

  /** Handles an event if it belongs to the library; false when the owner has to. */
  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): boolean {
    let component: Component | undefined;
    if (op >= OP_CLIENT_FIRST && op < OP_CLIENT_END) component = this.#components[b];
    else if (op === OP_RESPONSE || op === OP_WATCH_EVENTS || op === OP_WATCH_CLOSED || op === OP_CONN_CLOSED) {
      component = this.#byConn.get(conn);
    }
    if (component === undefined) return false;
    this.#depth++;
    component.receive(op, from, a, b, payload, conn);
    this.#depth--;
    if (this.#depth === 0 && this.#deferred.length > 0) this.#flush();
    return true;
  }

  /** Runs `body` as one event: queues filled in it start when it is done. For owners' own messages and timers. */
  during(body: () => void): void {
    this.#depth++;
    body();
    this.#depth--;
    if (this.#depth === 0 && this.#deferred.length > 0) this.#flush();
  }

  #flush(): void {
    this.#depth++;
    while (this.#deferred.length > 0 && this.alive) {
      const turn = this.#deferred;
      this.#deferred = NOBODY;
      for (const component of turn) component.afterEvent();
    }
    this.#depth--;
  }
}
