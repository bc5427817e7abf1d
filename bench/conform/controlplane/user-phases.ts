/**
 * Phases of pods that the recording's user wrote: the API server takes any, also one that ends an ended pod anew, and no kubelet is to blame.
 *
 * Source: Kubernetes 1.34.1, pkg/apis/core/validation/validation.go ValidatePodStatusUpdate, which compares no phases.
 */
import type { Commit } from '../../../core/chaos/world.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { placeOf } from './declared-objects.ts';
import type { Step } from './recording.ts';

export class UserPhases {
  /** Phases asked for and not yet seen, by `namespace/name`. */
  readonly #asked = new Map<string, string>();

  take(step: Step): void {
    if (step.do !== 'request' || (step.status ?? 200) >= 400) return;
    const { kind, namespace, name, subresource } = placeOf(step) ?? {};
    const phase = (step.body as Partial<Pod> | null | undefined)?.status?.phase;
    if (kind === 'Pod' && subresource === 'status' && phase !== undefined)
      this.#asked.set(`${namespace}/${name}`, phase);
  }

  /** Whether the commit is such a write; each is found once. */
  wrote({ kind, object }: Commit): boolean {
    if (kind !== 'Pod' || object === null || this.#asked.size === 0) return false;
    const { namespace, name } = object.metadata;
    const key = `${namespace}/${name}`;
    return this.#asked.get(key) === (object as Pod).status?.phase && this.#asked.delete(key);
  }
}
