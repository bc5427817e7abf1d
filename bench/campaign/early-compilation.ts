/**
 * Compilation for a process that runs little and then ends.
 *
 * V8 waits with optimised code until a function has worked for a while; a replay of a minute of a thousand pods is nearly over by then. Where
 * thousands of runs follow one another the waiting pays: campaigns leave it as it is. Compiling has a price: V8 keeps four threads busy with it,
 * which on two cores take the replay's own. So less is compiled at a time, by threads that give way. Measured on 2 cores, Node 20.20, `replay to
 * the last event` of `bench chaos`, by turns: 0.55 and 0.59 s; 0.94 and 1.07 s with all calls inlined, after a sixteenth of the usual work, on
 * threads that do not give way. Node 22.23: 0.72 s, without this 0.95 to 1.16; Node 24.21: 0.46 to 0.49 either way.
 */
import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { setInterruptBudget } from './interrupt-budget.ts';

/** Bytes of bytecode: a third of the usual work. */
const INTERRUPT_BUDGET = 24_000;
const FLAGS = [
  // With a third of the usual calls inlined (920): more is compiled for long runs only.
  '--max-inlined-bytecode-size-cumulative=300',
  // What is not yet optimised is not interpreted either.
  '--always-sparkplug',
];
/** Linux knows threads one by one and keeps a priority for each; elsewhere they stay as they are. */
const OWN_THREADS = '/proc/self/task';
/** How far all others than the main thread give way (nice): a third of a share against its whole one, so that they still get on. */
const FURTHER_NICE = 5;
const NICEST = 19;

/** From now on this process compiles early. Threads that cannot give way, or are gone, do not: the run is only slower. */
export function compileEarly(): void {
  setInterruptBudget(INTERRUPT_BUDGET);
  for (const flag of FLAGS) setFlagsFromString(flag);
  if (process.platform !== 'linux' || !isMainThread) return;
  try {
    // A program that was started by `nice` has given way already.
    const priority = Math.min(NICEST, getPriority(process.pid) + FURTHER_NICE);
    for (const thread of readdirSync(OWN_THREADS).map(Number)) {
      if (thread !== process.pid) setPriority(thread, priority);
    }
  } catch {
    // No /proc, or a sandbox.
  }
}
