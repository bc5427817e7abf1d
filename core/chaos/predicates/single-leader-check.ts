/**
 * LE2: nobody begins to lead while another running instance of the same component still believes that it leads.
 *
 * A paused instance may still believe that it leads, and goes on for its renew deadline after it wakes: without fencing only conflicts protect. Such
 * an overlap is not held against anybody here.
 */
import type { Pid } from '../../sim/process.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** A woken leader stops itself within its renew deadline of 10 s and one retry, µs. */
const AFTER_WAKING_US = 15_000_000;

/** `scheduler-1` → `scheduler`. */
function componentOf(process: string): string {
  return process.slice(0, process.lastIndexOf('-'));
}

export function singleLeader(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'LE2',
    about: 'no two running instances of a component lead at one time',
    evaluations: 0,
  };
  const { sim } = judge;
  const leaders = new Map<Pid, number>();
  listen(judge, 'leader.started', (pid) => {
    predicate.evaluations++;
    const name = sim.processes.names[pid] as string;
    const component = componentOf(name);
    for (const [other, incarnation] of leaders) {
      if (other === pid || sim.processes.incarnation[other] !== incarnation || !sim.isRunning(other)) continue;
      const resumedAt = sim.processes.resumedAt[other] as number;
      if (resumedAt > 0 && sim.now - resumedAt < AFTER_WAKING_US) continue;
      const otherName = sim.processes.names[other] as string;
      if (componentOf(otherName) === component)
        judge.violate(predicate, `${name} begins to lead while ${otherName} still leads`);
    }
    leaders.set(pid, sim.processes.incarnation[pid] as number);
  });
  listen(judge, 'leader.stopped', (pid) => leaders.delete(pid));
  return predicate;
}
