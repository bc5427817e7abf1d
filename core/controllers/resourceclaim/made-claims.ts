/**
 * Claims that were made from templates, by the uid of their owner (a pod, a PodGroup) and the entry of its spec: no second one is made while the
 * informer does not show the first, nor while the owner's status does not name it.
 */
import type { Informer } from '../../client/informer.ts';
import { POD_CLAIM_ANNOTATION, type ResourceClaim } from '../../types/device.ts';
import { OwnerIndex } from '../owner-index.ts';

/** The made claims of one cluster. */
export class MadeClaims {
  readonly #claims: Informer<ResourceClaim>;
  readonly #byOwner: OwnerIndex<ResourceClaim>;
  /** Names by entry, by the owner's uid. */
  readonly #made = new Map<string, Map<string, string>>();

  constructor(claims: Informer<ResourceClaim>) {
    this.#claims = claims;
    this.#byOwner = new OwnerIndex(claims);
  }

  /** Ids of the claims that an owner has. */
  owned(ownerUid: string): ReadonlySet<number> {
    return this.#byOwner.owned(ownerUid);
  }

  /** The name of the claim that was made for an entry; undefined while there is none. */
  nameOf(ownerUid: string, entry: string): string | undefined {
    const made = this.#made.get(ownerUid)?.get(entry);
    if (made !== undefined) return made;
    for (const id of this.#byOwner.owned(ownerUid)) {
      const claim = this.#claims.get(id);
      if (claim !== undefined && entryOf(claim) === entry) return claim.metadata.name;
    }
    return undefined;
  }

  /** A claim was made. */
  add(ownerUid: string, entry: string, name: string): void {
    const entries = this.#made.get(ownerUid) ?? new Map<string, string>();
    this.#made.set(ownerUid, entries.set(entry, name));
  }

  /** A claim of this owner is gone. */
  claimGone(ownerUid: string, claim: ResourceClaim): void {
    const entries = this.#made.get(ownerUid);
    const entry = entryOf(claim);
    if (entries?.get(entry) === claim.metadata.name) entries.delete(entry);
  }

  /** An owner is gone. */
  ownerGone(ownerUid: string): void {
    this.#made.delete(ownerUid);
  }
}

/** The entry that a claim was made for. */
function entryOf({ metadata }: ResourceClaim): string {
  return metadata.annotations?.[POD_CLAIM_ANNOTATION] ?? '';
}
