/**
 * Requests beyond anything a node or volume could ever have: a slip of the pen (`1e30`, `64Ti` for `64Gi`), not something to find room for.
 */
import { amountOf, type KubeObject, type PodSpec } from '../../core/cluster/vocabulary.ts';

/** Sane upper ends, those of a trace's rows: 10,000 cores in millicores, 100 TiB in bytes. */
const LIMITS: Readonly<Record<string, { readonly most: number; readonly words: string }>> = {
  cpu: { most: 10_000_000, words: '10,000 cores' },
  memory: { most: 100 * 1024 ** 4, words: '100 TiB' },
};

const VOLUME_MOST = 1024 ** 5;

/** A request that nothing can meet, and where it stands below the pod's spec or the object. */
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

/** A claim for a volume, or a StatefulSet's templates of such, that ask for more than any volume holds. */
export function absurdVolumes({ kind, spec }: KubeObject): AbsurdRequest[] {
  if (kind !== 'PersistentVolumeClaim' && kind !== 'StatefulSet') return [];
  const templates = (spec as { readonly volumeClaimTemplates?: unknown } | null | undefined)?.volumeClaimTemplates;
  const claims: unknown = kind === 'StatefulSet' ? templates : [{ spec }];
  if (!Array.isArray(claims)) return [];
  return (claims as readonly (ClaimLike | null)[]).flatMap((claim, index) => {
    const quantity = claim?.spec?.resources?.requests?.['storage'];
    if (quantity === undefined || !exceeds('storage', quantity, VOLUME_MOST)) return [];
    const above = kind === 'StatefulSet' ? ['spec', 'volumeClaimTemplates', index] : [];
    const message = `storage "${quantity}" is more than any volume holds (1 PiB)`;
    return [{ path: [...above, 'spec', 'resources', 'requests', 'storage'], message }];
  });
}

interface ClaimLike {
  readonly spec?:
    | { readonly resources?: { readonly requests?: Readonly<Record<string, string | number>> } }
    | null
    | undefined;
}

function exceeds(resource: string, quantity: string | number, most: number): boolean {
  try {
    return amountOf(resource, quantity) > most;
  } catch {
    return false;
  }
}
