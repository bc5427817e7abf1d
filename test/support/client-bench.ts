/** A simulation with scripted API servers and processes built from the client library, for tests of core/client. */
import { Dispatcher } from '../../core/client/dispatcher.ts';
import type { Context } from '../../core/sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../core/sim/process.ts';
import { Simulation, type SimulationOptions } from '../../core/sim/simulation.ts';
import { NameTable } from '../../core/types/names.ts';
import { ScriptedApiServer, ScriptedState } from './scripted-api-server.ts';

/** A process that is nothing but a dispatcher; `build` makes its components on each start. */
class LibraryProcess implements Behaviour {
  readonly library: Dispatcher;
  readonly #build: (library: Dispatcher) => void;
  /** Events the library did not take. */
  readonly unhandled: number[] = [];

  constructor(ctx: Context, build: (library: Dispatcher) => void) {
    this.library = new Dispatcher(ctx);
    this.#build = build;
  }

  start(): void {
    this.library.during(() => this.#build(this.library));
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    if (!this.library.receive(op, from, a, b, payload, conn)) this.unhandled.push(op);
  }
}

export class ClientBench {
  readonly sim: Simulation;
  readonly names = new NameTable();
  readonly state = new ScriptedState(this.names);
  readonly servers: Pid[] = [];
  /** The running instance of each server. */
  readonly instances: ScriptedApiServer[] = [];

  constructor(serverCount = 1, options: Partial<SimulationOptions> = {}) {
    this.sim = new Simulation({ seed: 7, ...options });
    for (let i = 0; i < serverCount; i++) {
      this.servers.push(
        this.sim.addProcess(`apiserver-${i}`, `master-${i}`, (ctx) => {
          const server = new ScriptedApiServer(ctx, this.state);
          this.instances[i] = server;
          return server;
        }),
      );
    }
  }

  /** Adds a process; `build` runs on its start and every restart. */
  add(name: string, build: (library: Dispatcher) => void): Pid {
    return this.sim.addProcess(name, name, (ctx) => new LibraryProcess(ctx, build));
  }

  /** Runs `us` µs on. */
  run(us: number): void {
    this.sim.run(this.sim.now + us);
  }
}
