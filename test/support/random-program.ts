/**
 * Random programs for the kernel's properties: a few processes that talk, sleep, draw, write to disk and run tasks, and faults, all as plain data.
 */
import { hashJson } from '../../core/base/content-hash.ts';
import type { Context } from '../../core/sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../core/sim/process.ts';
import { defineBug, definePoint } from '../../core/sim/registry.ts';
import { Simulation } from '../../core/sim/simulation.ts';
import { WAIT, type Wait } from '../../core/sim/task.ts';

export interface ProgramFault {
  readonly kind: 'crash' | 'silent-crash' | 'pause' | 'clock-rate' | 'wall-offset' | 'cut' | 'slow-link' | 'lossy-link';
  readonly target: number;
  readonly peer: number;
  readonly atMs: number;
  readonly forMs: number;
}

export interface Program {
  readonly seed: number;
  readonly processCount: number;
  readonly faults: readonly ProgramFault[];
  readonly linkLatencyUs?: number;
  readonly bug?: boolean;
  readonly interleaving?: number;
  /** Alters one field of the n-th payload that process 0 sends. */
  readonly alterPayload?: number;
}

export const PROGRAM_UNTIL_US = 8_000_000;
const BUG_SKIPS_ANSWER = defineBug('test.program-skips-answer', 'the peer answers only every second request');
export const POINT_DRAW = definePoint('test.program-draw', 'a stateless draw was made: [object key, value]');

const OP_ASK = 40;
const OP_ANSWER = 41;
const OP_TICK = 42;
const OP_SYNCED = 43;
const OP_DATAGRAM = 44;

class JsonPayload implements Payload {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
  contentHash(): number {
    return hashJson(this.value);
  }
}

class Talker implements Behaviour {
  readonly #context: Context;
  readonly #program: Program;
  readonly #peers: readonly Pid[];
  readonly #waiting = new Map<number, ReturnType<Context['startTask']>>();
  #conn: Conn = -1;
  #sent = 0;
  #asked = 0;
  #round = 0;

  constructor(context: Context, program: Program, peers: readonly Pid[]) {
    this.#context = context;
    this.#program = program;
    this.#peers = peers;
  }

  start(): void {
    this.#context.setTimer(10_000 + this.#context.random('tick').below(50_000), OP_TICK);
    this.#context.disk.append('log', new JsonPayload({ restarts: this.#context.disk.read('log').length }), 16);
    this.#context.disk.sync('log', OP_SYNCED);
  }

  receive(op: number, from: Pid, a: number, _b: number, payload: Payload | null, conn: Conn): void {
    switch (op) {
      case OP_TICK:
        this.#tick();
        break;
      case OP_ASK:
        this.#asked++;
        this.#context.spend(50);
        if (this.#context.bug(BUG_SKIPS_ANSWER) && this.#asked % 2 === 0) return;
        this.#context.sendOn(conn, OP_ANSWER, a, 0, payload);
        break;
      case OP_ANSWER: {
        const task = this.#waiting.get(a);
        this.#waiting.delete(a);
        if (task !== undefined) this.#context.resume(task, payload);
        break;
      }
      case OP_DATAGRAM:
        if (a > 0) this.#context.send(from, OP_DATAGRAM, a - 1, 0, null);
        break;
      case 1:
        this.#conn = -1;
        for (const task of this.#waiting.values()) this.#context.fail(task, 'closed');
        this.#waiting.clear();
        break;
    }
  }

  #tick(): void {
    const context = this.#context;
    const stream = context.random('tick');
    this.#round++;
    const key = `${context.name}/${this.#round}`;
    context.observe(POINT_DRAW, [key, context.draw(key, 'start-latency')]);
    context.startTask('talk', key, this.#talk(stream.below(this.#peers.length)), this.#round);
    context.send(this.#peers[stream.below(this.#peers.length)] as Pid, OP_DATAGRAM, 2, 0, null);
    context.setTimer(50_000 + stream.below(200_000), OP_TICK);
  }

  *#talk(peer: number): Generator<Wait, void, unknown> {
    const context = this.#context;
    try {
      yield* context.sleep(1_000 + (context.draw(context.name, 'pause') % 5_000));
      if (this.#conn < 0 || !context.isOpen(this.#conn)) this.#conn = context.connect(this.#peers[peer] as Pid);
      const id = this.#sent++;
      const altered = this.#program.alterPayload === id && context.name === 'process-0';
      const body = new JsonPayload({ id, from: context.name, note: altered ? 'altered' : 'plain' });
      if (!context.sendOn(this.#conn, OP_ASK, id, 0, body)) return;
      this.#waiting.set(id, context.currentTask);
      const answer = (yield WAIT) as JsonPayload;
      context.mixDigest(answer.contentHash());
      context.disk.append('log', answer, 64);
      context.disk.sync('log', OP_SYNCED);
    } catch (error) {
      if (error !== 'closed') throw error;
    }
  }
}

/** Builds the simulation of a program, with its faults armed. */
export function buildProgram(program: Program): Simulation {
  const simulation = new Simulation({
    seed: program.seed,
    costs: program.linkLatencyUs === undefined ? {} : { linkLatencyUs: program.linkLatencyUs },
    bugs: program.bug === true ? ['test.program-skips-answer'] : [],
    ...(program.interleaving === undefined ? {} : { interleaving: program.interleaving }),
  });
  const pids: Pid[] = [];
  for (let i = 0; i < program.processCount; i++) {
    pids.push(simulation.addProcess(`process-${i}`, `machine-${i}`, (context) => new Talker(context, program, pids)));
  }
  program.faults.forEach((fault, index) => {
    arm(simulation, pids, fault, index);
  });
  return simulation;
}

function arm(simulation: Simulation, pids: readonly Pid[], fault: ProgramFault, index: number): void {
  const target = pids[fault.target % pids.length] as Pid;
  const peer = pids[fault.peer % pids.length] as Pid;
  const [begin, end] = effects(simulation, fault, target, peer);
  simulation.at(fault.atMs * 1000, `fault ${index} ${fault.kind} begins`, begin);
  simulation.at((fault.atMs + fault.forMs) * 1000, `fault ${index} ${fault.kind} ends`, end);
}

function effects(simulation: Simulation, fault: ProgramFault, target: Pid, peer: Pid): [() => void, () => void] {
  const link = simulation.network.links;
  switch (fault.kind) {
    case 'crash':
    case 'silent-crash':
      return [
        () => simulation.crash(target, { silent: fault.kind === 'silent-crash', unsynced: 'torn' }),
        () => {
          if (simulation.processes.state[target] === 2) simulation.restart(target);
        },
      ];
    case 'pause':
      return [() => simulation.pause(target), () => simulation.resume(target)];
    case 'clock-rate':
      return [() => simulation.clocks.setRate(target, 1.1), () => simulation.clocks.setRate(target, 1)];
    case 'wall-offset':
      return [
        () => simulation.clocks.setWallOffset(target, 5_000_000),
        () => simulation.clocks.setWallOffset(target, 0),
      ];
    case 'cut':
      return [
        () => {
          link.of(target, peer).cutCount++;
          simulation.network.suspect(target);
        },
        () => {
          link.of(target, peer).cutCount--;
          simulation.network.releaseHeld();
        },
      ];
    case 'slow-link':
      return [
        () => {
          link.of(target, peer).latencyUs = 40_000;
        },
        () => {
          link.of(target, peer).latencyUs = -1;
        },
      ];
    case 'lossy-link':
      return [
        () => {
          Object.assign(link.of(target, peer), { lossPpm: 300_000, duplicationPpm: 200_000, reorderPpm: 200_000 });
        },
        () => {
          Object.assign(link.of(target, peer), { lossPpm: 0, duplicationPpm: 0, reorderPpm: 0 });
        },
      ];
  }
}

/** Runs a program to its end and returns the digest. */
export function digestOfProgram(program: Program): string {
  const simulation = buildProgram(program);
  simulation.run(PROGRAM_UNTIL_US);
  return simulation.digestHex();
}
