/**
 * A9: a client never sees an older state of a kind than it has seen before ("time travel"), across reconnects and relists.
 *
 * A restarted process starts anew: it has seen nothing.
 */
import type { Pid } from '../../sim/process.ts';
import { type Judge, listen, type Predicate } from '../predicate.ts';

/** A list that an informer has taken in, or an event. */
interface Reading {
  readonly kind: string;
  readonly revision: number;
}

interface Instance {
  readonly incarnation: number;
  /** Newest revision seen, by number of the kind. */
  readonly newest: (number | undefined)[];
}

export function forwardReads(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A9',
    about: 'no informer goes back to an older revision than it has held',
    evaluations: 0,
  };
  const { sim } = judge;
  /** By process. */
  const instances: (Instance | undefined)[] = [];
  /** The newest that a process has seen of each kind. */
  const newestOf = (pid: Pid): Instance['newest'] => {
    while (instances.length <= pid) instances.push(undefined);
    const incarnation = sim.processes.incarnation[pid] as number;
    let instance = instances[pid];
    if (instance?.incarnation !== incarnation) {
      instance = { incarnation, newest: [] };
      instances[pid] = instance;
    }
    return instance.newest;
  };
  listen(judge, 'informer.listed', (pid, subject, number) => {
    const { kind, revision } = subject as Reading;
    const newest = newestOf(pid);
    const before = newest[number] ?? 0;
    predicate.evaluations++;
    newest[number] = Math.max(before, revision);
    if (revision >= before) return;
    const process = sim.processes.names[pid] as string;
    judge.violate(predicate, `${process} takes a list of ${kind} at revision ${revision}, it has held ${before}`);
  });
  listen(judge, 'informer.event', (pid, subject, number) => {
    const { revision } = subject as { readonly revision: number };
    const newest = newestOf(pid);
    if (revision > (newest[number] ?? 0)) newest[number] = revision;
  });
  return predicate;
}
