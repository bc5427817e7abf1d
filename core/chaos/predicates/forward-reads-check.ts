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
  /** Newest revision seen, by kind. */
  readonly newest: Map<string, number>;
}

export function forwardReads(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A9',
    about: 'no informer goes back to an older revision than it has held',
    evaluations: 0,
  };
  const { sim } = judge;
  const instances = new Map<Pid, Instance>();
  const newestOf = (pid: Pid): Map<string, number> => {
    const incarnation = sim.processes.incarnation[pid] as number;
    let instance = instances.get(pid);
    if (instance === undefined || instance.incarnation !== incarnation) {
      instance = { incarnation, newest: new Map() };
      instances.set(pid, instance);
    }
    return instance.newest;
  };
  listen(judge, 'informer.listed', (pid, subject) => {
    const { kind, revision } = subject as Reading;
    const newest = newestOf(pid);
    const before = newest.get(kind) ?? 0;
    predicate.evaluations++;
    newest.set(kind, Math.max(before, revision));
    if (revision >= before) return;
    const process = sim.processes.names[pid] as string;
    judge.violate(predicate, `${process} takes a list of ${kind} at revision ${revision}, it has held ${before}`);
  });
  listen(judge, 'informer.event', (pid, subject) => {
    const { object, revision } = subject as { readonly object: { readonly kind: string }; readonly revision: number };
    const newest = newestOf(pid);
    if (revision > (newest.get(object.kind) ?? 0)) newest.set(object.kind, revision);
  });
  return predicate;
}
