/**
 * Host-time kernels of the simulation core: event queue hold model, message round trips, fan-out.
 *
 * Each returns a closure that does `count` operations, so that whoever measures divides by it; state is built outside the measured part.
 */
import { Sfc32 } from '../../core/base/random.ts';
import type { Context } from '../../core/sim/context.ts';
import { EventQueue } from '../../core/sim/event-queue.ts';
import type { Behaviour } from '../../core/sim/process.ts';
import { Simulation } from '../../core/sim/simulation.ts';

/** Hold model: pop the earliest, push it again later; `pending` events stay in the queue. */
export function holdModel(pending: number): (count: number) => void {
  const queue = new EventQueue();
  const random = new Sfc32(1, 2, 3);
  let sequence = 0;
  for (let i = 0; i < pending; i++) queue.push(queue.allocate(), random.below(1_000_000), sequence++);
  return (count) => {
    for (let i = 0; i < count; i++) {
      const time = queue.peekTime();
      const slot = queue.pop();
      queue.free(slot);
      queue.push(queue.allocate(), time + 1 + (random.nextUint32() & 0xfffff), sequence++);
    }
  };
}

const OP_PING = 32;
const OP_PONG = 33;

/** Two processes that answer each other over connections with latency and jitter, `inFlight` messages at a time. */
export function roundTrips(inFlight: number): (count: number) => void {
  const simulation = new Simulation({ seed: 1 });
  let completed = 0;
  let wanted = 0;
  const server = simulation.addProcess(
    'server',
    'machine-a',
    (context: Context): Behaviour => ({
      start() {},
      receive(_op, _from, a, b, _payload, conn) {
        context.sendOn(conn, OP_PONG, a, b, null);
      },
    }),
  );
  simulation.addProcess(
    'client',
    'machine-b',
    (context: Context): Behaviour => ({
      start() {
        for (let i = 0; i < inFlight; i++) context.sendOn(context.connect(server), OP_PING, i, 0, null);
      },
      receive(_op, _from, a, _b, _payload, conn) {
        context.sendOn(conn, OP_PING, a, 0, null);
        if (++completed >= wanted) simulation.stop();
      },
    }),
  );
  return (count) => {
    wanted = completed + count;
    simulation.run(Number.MAX_SAFE_INTEGER);
  };
}
