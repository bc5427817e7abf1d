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
  /** As many as the queue has workers, at most. */
  readonly inWork: number[];
  /** Keys that were added while they were worked on and have not begun anew, with when that was, µs; null for nearly all queues: none ever. */
  owed: Map<number, number> | null;
}

/** A key whose run is over is taken up again at once, unless all workers are busy, µs. */
const TAKEN_UP_US = 60_000_000;

export function oneWorker(judge: Judge): Predicate {
  const { sim } = judge;
  const queues = new Map<Queue, Seen>();
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
        const { owed, inWork } = seen;
        if (owed === null || owed.size === 0 || !lives(seen)) {
          owing.delete(queue);
          continue;
        }
        for (const [key, sinceUs] of owed) {
          if (inWork.includes(key) || sim.now - sinceUs < TAKEN_UP_US) continue;
          return `queue ${queue.name} of ${nameOf(seen.pid)}: a key that was added while it was worked on never ran again`;
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
      seen = { pid, incarnation, inWork: [], owed: null };
      queues.set(queue, seen);
    }
    return seen;
  };
  hear('queue.add', (seen, queue) => {
    if (!seen.inWork.includes(queue.currentKey) || seen.owed?.has(queue.currentKey) === true) return;
    seen.owed ??= new Map();
    seen.owed.set(queue.currentKey, sim.now);
    owing.set(queue, seen);
  });
  hear('queue.begin', ({ inWork, owed }, queue, pid) => {
    predicate.evaluations++;
    if (inWork.includes(queue.currentKey)) {
      judge.violate(predicate, `queue ${queue.name} of ${nameOf(pid)}: a key is in work twice`);
    }
    inWork.push(queue.currentKey);
    owed?.delete(queue.currentKey);
  });
  hear('queue.end', ({ inWork }, queue) => {
    const at = inWork.indexOf(queue.currentKey);
    if (at < 0) return;
    inWork[at] = inWork.at(-1) as number;
    inWork.pop();
  });
  return predicate;
}
