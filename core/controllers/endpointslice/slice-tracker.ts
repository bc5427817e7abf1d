/**
 * Which version of each slice the controller wrote last, so that it notices when its informer is behind and when somebody else has
 * changed a slice. Source: Kubernetes 1.34 staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go.
 */
import type { EndpointSlice } from '../../types/endpoint-slice.ts';
import { isTerminating, uidOf } from '../../types/object.ts';

const DELETION_EXPECTED = -1;

export class SliceTracker {
  /** Service id → slice uid → generation. */
  readonly #generations = new Map<number, Map<string, number>>();

  /** Whether the slices of a service, as the informer has them, are older than what was written. */
  isStale(service: number, slices: readonly EndpointSlice[]): boolean {
    const known = this.#generations.get(service);
    if (known === undefined) return false;
    const seen = new Set<string>();
    for (const slice of slices) {
      const uid = uidOf(slice);
      seen.add(uid);
      const generation = known.get(uid);
      if (generation === undefined) continue;
      if (generation === DELETION_EXPECTED) {
        if (!isTerminating(slice)) return true;
      } else if ((slice.metadata.generation ?? 0) < generation) return true;
    }
    for (const [uid, generation] of known) if (generation !== DELETION_EXPECTED && !seen.has(uid)) return true;
    return false;
  }

  /** Whether a slice that the informer shows is not what was written: its service needs a sync. */
  isForeign(service: number, slice: EndpointSlice): boolean {
    const generation = this.#generations.get(service)?.get(uidOf(slice));
    return generation === undefined || generation !== (slice.metadata.generation ?? 0);
  }

  /** A slice was written. */
  wrote(service: number, slice: EndpointSlice): void {
    this.#of(service).set(uidOf(slice), slice.metadata.generation ?? 0);
  }

  /** A slice is about to be deleted. */
  expectDeletion(service: number, slice: EndpointSlice): void {
    this.#of(service).set(uidOf(slice), DELETION_EXPECTED);
  }

  /** A slice is gone; true when nobody here deleted it. */
  deleted(service: number, slice: EndpointSlice): boolean {
    const known = this.#generations.get(service);
    const generation = known?.get(uidOf(slice));
    if (known === undefined || generation === undefined) return true;
    known.delete(uidOf(slice));
    return generation !== DELETION_EXPECTED;
  }

  /** A service is gone. */
  forget(service: number): void {
    this.#generations.delete(service);
  }

  #of(service: number): Map<string, number> {
    let known = this.#generations.get(service);
    if (known === undefined) {
      known = new Map();
      this.#generations.set(service, known);
    }
    return known;
  }
}
