/**
 * Clusters as fast-check draws them: small ones, since nearly all failures show there, with one or two of everything that can stand by.
 */
import * as fc from 'fast-check';
import type { ClusterDescription } from '../../core/cluster/description.ts';

/** Names that nodes of a drawn cluster surely have: of all sizes that are drawn. */
export const DRAWN_NODES: readonly string[] = ['node-0', 'node-1', 'node-2'];

/** Clusters of 3 to 5 nodes in three zones; watch caches small enough to lose a watcher's place are among them. @throws TypeError when given options */
export function clusters(...none: readonly never[]): fc.Arbitrary<ClusterDescription> {
  if (none.length > 0)
    throw new TypeError('clusters takes no options: a cluster of your own goes to plans({ cluster })');
  return fc.record({
    nodes: fc.integer({ min: DRAWN_NODES.length, max: 5 }).map((count) => ({
      count,
      zones: ['a', 'b', 'c'],
      capacity: { cpu: '4', memory: '8Gi' },
    })),
    settings: fc.record({ watchCacheEvents: fc.constantFrom(16, 64, 102_400) }),
    controlPlane: fc.record({
      storeMembers: fc.constant(1),
      apiServers: fc.integer({ min: 1, max: 2 }),
      schedulers: fc.integer({ min: 1, max: 2 }),
      controllerManagers: fc.integer({ min: 1, max: 2 }),
    }),
  });
}
