/**
 * N1: a namespace that is being deleted takes no new objects, is removed only when it is empty, and is removed.
 *
 * A creation is judged by what its API server had shown to anybody when it asked the store for it: one whose watch stands still knows of no deletion,
 * and what it lets in is held against nobody. So what came after the deletion may outlive the namespace; what was there before it may not.
 */
import type { Pid } from '../../sim/process.ts';
import type { KubeObject } from '../../types/object.ts';
import { foreignFinalizerOf } from '../ending.ts';
import { type Judge, keyOf, lacks, listenLater, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';

/** A request to the store, as far as it is read here: a creation puts a value where nothing may be (`expected` 0). */
interface StoreCall {
  readonly payload: { readonly expected?: number; readonly value?: { readonly object?: unknown } | null };
}

interface Delivery {
  readonly events: readonly { readonly revision: number }[];
}

export function namespacesEnd(judge: Judge): Predicate {
  /** Revision at which the deletion of a namespace was asked for, by name. */
  const endingSince = new Map<string, number>();
  /** Newest revision that an API server has sent to a watcher since a namespace ends. */
  const shownTo = new Map<Pid, number>();
  const predicate: Predicate = {
    id: 'N1',
    about: 'a namespace that is being deleted takes no new objects, and is removed when it is empty, not before',
    evaluations: 0,
    commitKinds: ['Namespace'],
    onCommit({ object, previous, revision }: Commit) {
      const { name, deletionTimestamp } = (object ?? (previous as KubeObject)).metadata;
      if (object !== null) {
        if (deletionTimestamp === undefined || endingSince.has(name)) return;
        endingSince.set(name, revision);
        listenToDeliveries();
        listenToCalls();
        return;
      }
      endingSince.delete(name);
      predicate.evaluations++;
      const left = olderContent(judge, name, deletionTimestamp ?? '');
      if (left !== null) judge.violate(predicate, `Namespace ${name} is removed while ${left} is in it`);
    },
    missing() {
      for (const { metadata } of judge.world.of('Namespace').values()) {
        if (metadata.deletionTimestamp === undefined) continue;
        predicate.evaluations++;
        const held = heldText(judge, metadata.name);
        return lacks(predicate, 'Namespace', { metadata }, `Namespace ${metadata.name} is still being deleted${held}`);
      }
      return null;
    },
  };
  const listenToDeliveries = listenLater(judge, 'api.watch-delivery', (pid, subject) => {
    const last = (subject as Delivery).events.at(-1)?.revision ?? 0;
    if (last > (shownTo.get(pid) ?? 0)) shownTo.set(pid, last);
  });
  const listenToCalls = listenLater(judge, 'api.store-call', (pid, subject) => {
    if (endingSince.size === 0) return;
    const { expected, value } = (subject as StoreCall).payload;
    const object = (value?.object ?? null) as KubeObject | null;
    if (expected !== 0 || object === null) return;
    const since = endingSince.get(object.metadata.namespace ?? '');
    if (since === undefined || since > (shownTo.get(pid) ?? 0)) return;
    const server = judge.sim.processes.names[pid];
    judge.violate(predicate, `${server} creates ${object.kind} ${keyOf(object)}, whose namespace is being deleted`);
  });
  return predicate;
}

/** `: Pod ns/name keeps finalizer f` for something in the namespace that nobody here lets go; '' without one. */
function heldText({ world }: Judge, namespace: string): string {
  for (const kind of world.kinds) {
    for (const object of world.of(kind).values()) {
      const { metadata } = object;
      if (metadata.namespace !== namespace || metadata.deletionTimestamp === undefined) continue;
      const finalizer = foreignFinalizerOf(object);
      if (finalizer !== undefined) return `: ${kind} ${keyOf(object)} keeps finalizer ${finalizer}`;
    }
  }
  return '';
}

/** Something in the namespace that is older than its deletion, or null. Times have whole seconds: what is as old is not counted. */
function olderContent({ world }: Judge, namespace: string, deletionTimestamp: string): string | null {
  for (const kind of world.kinds) {
    for (const object of world.of(kind).values()) {
      const { metadata } = object;
      if (metadata.namespace !== namespace || (metadata.creationTimestamp ?? '') >= deletionTimestamp) continue;
      return `${kind} ${metadata.name}`;
    }
  }
  return null;
}
