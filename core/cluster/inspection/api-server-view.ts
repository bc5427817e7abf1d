/**
 * What is inside an API server: its watch caches and the requests that wait.
 */
import type { ApiServer } from '../../api/api-server.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Parts } from './cluster-view.ts';
import { Branch, objectsByName } from './view.ts';

/** The server's parts. */
export function apiServerParts({ core, ready }: ApiServer): Parts {
  return {
    ready: () => ready,
    revision: () => core.revision,
    waiting: () => ({
      reads: core.reads.waiting.size,
      writes: core.writes.waiting.size,
      forCache: core.waiting.length,
    }),
    caches: () =>
      new Branch(
        new Map(
          core.caches.map((cache) => [
            cache.type.kind,
            () => {
              const objects: KubeObject[] = [];
              cache.forEach((object) => objects.push(object));
              return Branch.of({ count: () => cache.count, objects: () => objectsByName(objects) });
            },
          ]),
        ),
      ),
  };
}
