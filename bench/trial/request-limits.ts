/**
 * Requests beyond anything a node could ever have: a slip of the pen (`1e30`, `64Ti` for `64Gi`), not a pod to find room for.
 */
import { amountOf, type PodSpec } from '../../core/cluster/vocabulary.ts';

/** Sane upper ends, those of a trace's rows: 10,000 cores in millicores, 100 TiB in bytes. */
const LIMITS: Readonly<Record<string, { readonly most: number; readonly words: string }>> = {
  cpu: { most: 10_000_000, words: '10,000 cores' },
  memory: { most: 100 * 1024 ** 4, words: '100 TiB' },
};

/** A request that no node can meet, and where it stands below the pod's spec. */
export interface AbsurdRequest {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** All such requests and limits of a pod's spec; quantities that are none are left to others. */
export function absurdRequests(spec: PodSpec): AbsurdRequest[] {
  const lists = [
    ['containers', spec.containers],
    ['initContainers', spec.initContainers ?? []],
  ] as const;
  return lists.flatMap(([list, containers]) =>
    containers.flatMap(({ name, resources }, index) =>
      (['requests', 'limits'] as const).flatMap((kind) =>
        Object.entries(resources?.[kind] ?? {}).flatMap(([resource, quantity]) => {
          const limit = LIMITS[resource];
          if (limit === undefined || !exceeds(resource, quantity, limit.most)) return [];
          const path = [list, index, 'resources', kind, resource];
          const message = `container ${name}: ${resource} "${quantity}" is more than any node has (${limit.words})`;
          return [{ path, message }];
        }),
      ),
    ),
  );
}

function exceeds(resource: string, quantity: string | number, most: number): boolean {
  try {
    return amountOf(resource, quantity) > most;
  } catch {
    return false;
  }
}
