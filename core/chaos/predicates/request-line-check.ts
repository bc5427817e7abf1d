/**
 * A10: an API server serves no more requests at one time than it has seats, and who waits for a seat, a revision or nothing at all gets on.
 *
 * Looked at where a request has waited. That it is refused after its quarter of a minute is overload; that in the same time nobody from its line was served either, while no fault
 * acts, is a line that does not move. Of API priority and fairness there are two classes here, reading and mutating requests. Source: Kubernetes 1.34, --max-requests-inflight.
 * A read waits for a revision no longer than until the watch cache has it (storage/cacher, waitUntilFreshAndBlock), and a request whose time is over was waiting for something.
 */
import type { Pid } from '../../sim/process.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

const WAIT_US = 15_000_000;

/** The first in line got a seat (`served`), or was refused because it had waited too long. */
interface Turn {
  readonly what: 'read' | 'write';
  readonly served: boolean;
  readonly taken: number;
}

/** A request whose time is over, and what it waited for. */
interface GivenUp {
  readonly kind: string;
  readonly waitedFor: 'revision' | 'step' | 'nothing';
  readonly asked: number;
  readonly current: number;
}

export function requestLines(judge: Judge): Predicate {
  /** When somebody in line was last served, by class and server. */
  const servedUs = { read: new Map<Pid, number>(), write: new Map<Pid, number>() };
  const predicate: Predicate = {
    id: 'A10',
    about: 'no API server serves more requests at once than it has seats, and who waits there gets on',
    evaluations: 0,
  };
  listen(judge, 'api.line', (pid, subject) => {
    const { what, served, taken } = subject as Turn;
    const { sim, truth } = judge;
    if (truth === undefined) return;
    const limit = truth.requestSeats[what];
    predicate.evaluations++;
    const server = sim.processes.names[pid];
    if (taken > limit) judge.violate(predicate, `${server} serves ${taken} ${what} requests at once, ${limit} may be`);
    if (served) {
      servedUs[what].set(pid, sim.now);
      return;
    }
    const idleUs = sim.now - Math.max(servedUs[what].get(pid) ?? 0, judge.calmSinceUs);
    if (idleUs < WAIT_US || sim.now - (sim.processes.resumedAt[pid] as number) < WAIT_US) return;
    const nobody = `nobody who waits for one of the ${limit} seats of ${what} requests at ${server}`;
    judge.violate(predicate, `${nobody} was served for ${Math.round(idleUs / 1_000_000)} s`);
  });
  listen(judge, 'api.given-up', (pid, subject) => {
    const { kind, waitedFor, asked, current } = subject as GivenUp;
    predicate.evaluations++;
    const server = judge.sim.processes.names[pid];
    if (waitedFor === 'nothing')
      judge.violate(predicate, `${kind}: a request at ${server} is given up after its time and waits for nothing`);
    if (waitedFor === 'revision' && asked <= current)
      judge.violate(predicate, `${kind}: a read at ${server} waits in vain for revision ${asked}, ${current} is there`);
  });
  return predicate;
}
