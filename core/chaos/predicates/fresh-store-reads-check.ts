/**
 * S6: a linearizable read that came to a store member after a write was acknowledged, by whichever member, sees that write.
 *
 * Acknowledged revisions only grow, so their instants are found by bisection.
 */
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** The parts of an answer to a write, and of a read, that are read here. */
interface Acknowledgement {
  readonly revision?: number;
}
interface ServedRead {
  readonly cameUs: number;
  readonly revision: number;
}

/** Newest acknowledgements kept: far more than one read can wait through. */
const ACKS_MAX = 65_536;

export function freshStoreReads(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'S6',
    about: 'a linearizable read of the store sees every write acknowledged before it came',
    evaluations: 0,
  };
  let instants: number[] = [];
  let revisions: number[] = [];
  listen(judge, 'store.ack', (_pid, subject) => {
    const { revision } = subject as Acknowledgement;
    if (revision === undefined || revision <= (revisions.at(-1) ?? 0)) return;
    instants.push(judge.sim.now);
    revisions.push(revision);
    if (instants.length < 2 * ACKS_MAX) return;
    instants = instants.slice(ACKS_MAX);
    revisions = revisions.slice(ACKS_MAX);
  });
  listen(judge, 'store.read', (pid, subject) => {
    const { cameUs, revision } = subject as ServedRead;
    predicate.evaluations++;
    const acknowledged = lastBefore(cameUs);
    if (revision >= acknowledged) return;
    const name = judge.sim.processes.names[pid];
    judge.violate(
      predicate,
      `${name} served revision ${revision} to a read that came after ${acknowledged} was acknowledged`,
    );
  });
  return predicate;

  /** The newest revision acknowledged before an instant. */
  function lastBefore(us: number): number {
    let from = 0;
    let to = instants.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((instants[middle] as number) < us) from = middle + 1;
      else to = middle;
    }
    return revisions[from - 1] ?? 0;
  }
}
