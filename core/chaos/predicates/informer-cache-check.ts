/**
 * I1: at quiescence every synced informer holds exactly what the store holds of its kind, in the same versions.
 *
 * Nodes are written by heartbeats at any time: there the last change that was none must have arrived. Kinds that only heartbeats write
 * (Lease, Event) are left out. Costs a look-up an object and cache whenever it is asked and work was committed.
 */
import type { KubeObject } from '../../types/object.ts';
import { type Cache, type Judge, keyOf, type Predicate } from '../predicate.ts';
import { Settled } from '../settled.ts';
import type { World } from '../world.ts';

/** A change older than this must have reached every cache, µs: a watch event takes a few link latencies. */
const ARRIVES_US = 2_000_000;
const NEVER_QUIET: ReadonlySet<string> = new Set(['Lease', 'Event']);

export function informersMatch(judge: Judge): Predicate {
  const settled = new Settled(judge);
  const predicate: Predicate = {
    id: 'I1',
    about: 'every synced informer holds exactly what the store holds',
    evaluations: 0,
    missing() {
      if (judge.truth === undefined || judge.sim.now - judge.world.lastWorkUs < ARRIVES_US) return null;
      if (settled.holds) return null;
      for (const cache of judge.truth.caches()) {
        if (!cache.synced || NEVER_QUIET.has(cache.kind)) continue;
        predicate.evaluations++;
        const fault = difference(judge.world, cache);
        if (fault !== null) return `${cache.process}, informer of ${cache.kind}: ${fault}`;
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

function difference(world: World, cache: Cache): string | null {
  let storedCount = 0;
  for (const object of world.of(cache.kind).values()) {
    // Another group or version may have a kind of the same name: it is a type of its own.
    if (object.apiVersion !== cache.apiVersion) continue;
    storedCount++;
    const held = cache.find(object.metadata.namespace ?? '', object.metadata.name);
    if (held === undefined) return `${keyOf(object)} is missing`;
    if (!sameWork(held, object))
      return `${keyOf(object)} is at version ${held.metadata.resourceVersion}, stored is ${object.metadata.resourceVersion}`;
  }
  return cache.size > storedCount ? `holds ${cache.size - storedCount} objects that are gone` : null;
}

function sameWork(held: KubeObject, stored: KubeObject): boolean {
  if (held.metadata.uid !== stored.metadata.uid) return false;
  if (held.metadata.resourceVersion === stored.metadata.resourceVersion) return true;
  return stored.kind === 'Node' && held.spec === stored.spec && held.metadata.labels === stored.metadata.labels;
}
