/**
 * A process for kernel tests: it writes down everything it gets, and does what the test tells it to.
 */

import { hashString } from '../../core/base/content-hash.ts';
import type { Context } from '../../core/sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../core/sim/process.ts';
import { Simulation } from '../../core/sim/simulation.ts';
import type { SimulationOptions } from '../../core/sim/simulation-options.ts';

/** One delivered event as a test sees it. `time` is true virtual time, µs. */
export interface Delivery {
  readonly time: number;
  readonly op: number;
  readonly from: Pid;
  readonly a: number;
  readonly b: number;
  readonly conn: Conn;
  readonly text: string | null;
}

/** Payload with a text and a size. */
export class Text implements Payload {
  readonly text: string;
  readonly sizeBytes: number;
  constructor(text: string, sizeBytes = 256) {
    this.text = text;
    this.sizeBytes = sizeBytes;
  }
  contentHash(): number {
    return hashString(this.text);
  }
  wireSizeBytes(): number {
    return this.sizeBytes;
  }
}

export interface ProbeScript {
  onStart?(ctx: Context, probe: Probe): void;
  onEvent?(ctx: Context, event: Delivery, probe: Probe): void;
}

/** Survives crashes: the instances of one process share it. */
export class Probe {
  readonly sim: Simulation;
  readonly pid: Pid;
  readonly log: Delivery[] = [];
  starts = 0;

  constructor(sim: Simulation, name: string, script: ProbeScript = {}, machine = name) {
    this.sim = sim;
    this.pid = sim.addProcess(name, machine, (ctx): Behaviour => this.#instance(ctx, script));
  }

  get ctx(): Context {
    return this.sim.contextOf(this.pid);
  }

  /** What it got with this opcode: the `a` values in order. */
  values(op: number): number[] {
    return this.log.filter((event) => event.op === op).map((event) => event.a);
  }

  /** When it got this opcode. */
  times(op: number): number[] {
    return this.log.filter((event) => event.op === op).map((event) => event.time);
  }

  #instance(ctx: Context, script: ProbeScript): Behaviour {
    return {
      start: () => {
        this.starts++;
        script.onStart?.(ctx, this);
      },
      receive: (op, from, a, b, payload, conn) => {
        const text = payload instanceof Text ? payload.text : null;
        const event = { time: this.sim.now, op, from, a, b, conn, text };
        this.log.push(event);
        script.onEvent?.(ctx, event, this);
      },
    };
  }
}

export const MS = 1_000;
export const S = 1_000_000;

/** A simulation without jitter: 200 µs a hop. */
export function quietSimulation(options: Partial<SimulationOptions> = {}): Simulation {
  return new Simulation({ seed: 1, ...options, costs: { linkJitterUs: 0, ...options.costs } });
}
