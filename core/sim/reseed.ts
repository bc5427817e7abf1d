/**
 * Another future for a run: from this instant on every draw comes from another seed; what has happened stays.
 */
import { seedOf } from '../base/random.ts';
import type { Simulation } from './simulation.ts';

/** Replaces the master seed and goes on with other streams. Part of the run: the same (seed, instant, new seed) give the same future. */
export function reseed(sim: Simulation, value: number): void {
  const { high, low } = seedOf(value);
  sim.seed.high = high;
  sim.seed.low = low;
  for (let pid = 0; pid < sim.processes.count; pid++) {
    const extras = sim.processes.extras[pid];
    if (extras) for (const stream of extras.streams.values()) stream.reseed(sim.seed);
  }
}
