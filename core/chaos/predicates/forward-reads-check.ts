/**
 * A9: a client never sees an older state of a kind than it has seen before ("time travel"), across reconnects and relists, and no list holds an object twice.
 *
 * Lists are in the order of keys, so that what is there twice stands side by side.
 * A restarted process starts anew: it has seen nothing. On the user's machine each watch is a client of its own (the load of a fault): it has seen what it is given.
 */
import type { Pid } from '../../sim/process.ts';
import type { KubeObject } from '../../types/object.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';

/** A list that an informer has taken in, or an event. */
interface Reading {
  readonly kind: string;
  readonly revision: number;
}

interface Listed extends Reading {
  readonly objects: readonly KubeObject[];
}

interface Instance {
  readonly incarnation: number;
  /** Newest revision seen, by number of the kind. */
  readonly newest: (number | undefined)[];
}

export function forwardReads(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'A9',
    about: 'no informer goes back to an older revision than it has held, or is given an object twice by a list',
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
    const { kind, revision, objects } = subject as Listed;
    const newest = newestOf(pid);
    const before = newest[number] ?? 0;
    predicate.evaluations++;
    newest[number] = Math.max(before, revision);
    const process = sim.processes.names[pid] as string;
    const isOneClient = sim.processes.machines[pid] !== 'user';
    const twice = doubled(objects);
    if (twice !== null) judge.violate(predicate, `${process} takes a list of ${kind} with ${keyOf(twice)} in it twice`);
    if (revision >= before || !isOneClient) return;
    judge.violate(predicate, `${process} takes a list of ${kind} at revision ${revision}, it has held ${before}`);
  });
  listen(judge, 'informer.event', (pid, subject, number) => {
    const { revision } = subject as { readonly revision: number };
    const newest = newestOf(pid);
    if (revision > (newest[number] ?? 0)) newest[number] = revision;
  });
  return predicate;
}

/** The first object that follows itself, or null. */
function doubled(objects: readonly KubeObject[]): KubeObject | null {
  for (let i = 1; i < objects.length; i++) {
    const { metadata } = objects[i] as KubeObject;
    const { name, namespace } = (objects[i - 1] as KubeObject).metadata;
    if (metadata.name === name && metadata.namespace === namespace) return objects[i] as KubeObject;
  }
  return null;
}
