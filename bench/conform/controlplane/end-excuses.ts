/**
 * Whether an excuse of a recording's end is about what is missing there: of a workload that did not come to rest only what hangs on it tells why.
 *
 * Excuses name objects by `namespace/name`, or by name where they have no namespace; those that name nothing are about everything.
 */
import { keyOf, type Subject } from '../../../core/chaos/predicate.ts';
import type { World } from '../../../core/chaos/world.ts';

/** Why something at the end of a recording is not as it will be. */
export interface EndExcuse {
  /** Keys of the objects that it is about; empty where it is about all. */
  readonly about: readonly string[];
  readonly why: string;
}

/** Kinds whose state follows from what they own, upper ones first. */
const OWNERS = ['CronJob', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'];
const OWNED = ['ReplicaSet', 'Job', 'Pod'];

/** The first of these excuses that is about what is missing of `subject`; undefined = of none in particular. */
export function excusing(
  world: World,
  subject: Subject | undefined,
  excuses: readonly EndExcuse[],
): EndExcuse | undefined {
  const { kind = '', key = '' } = subject ?? {};
  const cut = key.indexOf('/');
  const namespace = cut < 0 ? (kind === 'Namespace' ? key : '') : key.slice(0, cut);
  const below = keysBelow(world, kind, key);
  // Services and namespaces show what becomes of everything beside them.
  const isWide = kind !== 'Pod' && !OWNERS.includes(kind);
  const isAbout = (name: string): boolean =>
    below.has(name) || name === namespace || (isWide && namespace !== '' && name.startsWith(`${namespace}/`));
  return excuses.find(({ about }) => about.length === 0 || about.some(isAbout));
}

/** The key itself and those of the live objects that the object owns, however far down. */
function keysBelow(world: World, kind: string, key: string): ReadonlySet<string> {
  const keys = new Set([key]);
  const owners = new Set<string>();
  for (const object of world.of(kind).values()) {
    if (keyOf(object) === key) owners.add(object.metadata.uid ?? '');
  }
  for (const owned of OWNED) {
    for (const object of world.of(owned).values()) {
      const { metadata } = object;
      if (metadata.ownerReferences?.some(({ uid }) => owners.has(uid)) !== true) continue;
      owners.add(metadata.uid ?? '');
      keys.add(keyOf(object));
    }
  }
  return keys;
}
