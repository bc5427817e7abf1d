/**
 * An update of a Lease that renews it and does nothing else: leaders of elections send little besides, every two seconds.
 *
 * A component sends it, so its renewTime is a time; the rest is the stored version's own and was checked when that was stored. So the next
 * version follows without a look at it, and its hash from {@link LeaseContents}. Anything unusual goes the long way, which must lead to the
 * same version (a test).
 */
import type { Lease } from '../../types/lease.ts';
import type { KubeObject } from '../../types/object.ts';
import { freshMeta } from '../../types/version-meta.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The version after `existing` if `given`, a Lease, is that very version with another renewTime; else null. */
export function renewalOf(given: KubeObject, existing: KubeObject): Lease | null {
  if (given.metadata !== existing.metadata || existing.metadata.deletionTimestamp !== undefined) return null;
  if (!isAllBut('spec', given as unknown as Fields, existing as unknown as Fields)) return null;
  const [spec, old] = [given.spec, existing.spec] as [Fields | undefined, Fields | undefined];
  if (spec === undefined || old === undefined || !isAllBut('renewTime', spec, old)) return null;
  if (typeof spec['renewTime'] !== 'string' || spec['renewTime'] === old['renewTime']) return null;
  return leaseWith(existing, spec);
}

/** The version after `existing`, a Lease, with this spec. */
export function leaseWith(existing: KubeObject, spec: Lease['spec']): Lease {
  return { apiVersion: existing.apiVersion, kind: existing.kind, metadata: freshMeta(existing.metadata), spec };
}

/** Whether two objects have the same fields with the very same values, but for one. */
function isAllBut(field: string, left: Fields, right: Fields): boolean {
  for (const key in left) if (key !== field && left[key] !== right[key]) return false;
  for (const key in right) if (key !== field && left[key] !== right[key]) return false;
  return true;
}
