/**
 * I2: a key is worked on by one worker at a time, and a key that is added meanwhile runs once more: no wake-up is lost.
 */
import type { Pid } from '../../sim/process.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** What a work queue shows of itself when a key is added, and at the begin and end of a run. */
interface Queue {
  readonly name: string;
  readonly currentKey: number;
}

/** One queue of one instance of a process; it goes with the instance. */
interface Seen {
  readonly pid: Pid;
  readonly incarnation: number;
  readonly inWork: Set<number>;
  /** Keys that were added while they were worked on and have not begun anew, with when that was, µs. */
  readonly owed: Map<number, number>;
}

/** A key whose run is over is taken up again at once, unless all workers are busy, µs. */
const TAKEN_UP_US = 60_000_000;

export function oneWorker(judge: Judge): Predicate {
  const { sim } = judge;
  const queues = new WeakMap<Queue, Seen>();
  /** Queues that owe a run. */
  const owing = new Map<Queue, Seen>();
  const nameOf = (pid: Pid): string => sim.processes.names[pid] as string;
  const lives = ({ pid, incarnation }: Seen): boolean =>
    sim.processes.incarnation[pid] === incarnation && sim.isRunning(pid);
  const predicate: Predicate = {
    id: 'I2',
    about: 'no key is worked on by two workers at once, and one that is added meanwhile runs once more',
    evaluations: 0,
    missing() {
      for (const [queue, seen] of owing) {
        if (seen.owed.size === 0 || !lives(seen)) owing.delete(queue);
        else {
          for (const [key, sinceUs] of seen.owed) {
            if (seen.inWork.has(key) || sim.now - sinceUs < TAKEN_UP_US) continue;
            return `queue ${queue.name} of ${nameOf(seen.pid)}: a key that was added while it was worked on never ran again`;
          }
        }
      }
      return null;
    },
  };
  const hear = (point: string, heard: (seen: Seen, queue: Queue, pid: Pid) => void): void =>
    listen(judge, point, (pid, subject) => heard(seenOf(pid, subject as Queue), subject as Queue, pid));
  const seenOf = (pid: Pid, queue: Queue): Seen => {
    let seen = queues.get(queue);
    if (seen === undefined) {
      const incarnation = sim.processes.incarnation[pid] as number;
      seen = { pid, incarnation, inWork: new Set(), owed: new Map() };
      queues.set(queue, seen);
    }
    return seen;
  };
  hear('queue.add', (seen, queue) => {
    const { inWork, owed } = seen;
    if (!inWork.has(queue.currentKey) || owed.has(queue.currentKey)) return;
    owed.set(queue.currentKey, sim.now);
    owing.set(queue, seen);
  });
  hear('queue.begin', ({ inWork, owed }, queue, pid) => {
    predicate.evaluations++;
    if (inWork.has(queue.currentKey)) {
      judge.violate(predicate, `queue ${queue.name} of ${nameOf(pid)}: a key is in work twice`);
    }
    inWork.add(queue.currentKey);
    owed.delete(queue.currentKey);
  });
  hear('queue.end', ({ inWork }, queue) => inWork.delete(queue.currentKey));
  return predicate;
}
