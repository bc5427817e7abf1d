/**
 * The claims of a StatefulSet's pods: created before their pod, never deleted by this controller, and owned as the retention policy says.
 *
 * Claims are looked up in an informer that starts with the first set that has templates of them. Nothing binds them here. Source: Kubernetes 1.34
 * pkg/controller/statefulset/stateful_pod_control.go.
 */
import { type Informer, waitForSync } from '../../client/informer.ts';
import { defineBug } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import { claimType } from '../../types/claim-types.ts';
import { isTerminating, type KubeObject, namespaceOf } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { deletesWhenScaled, isOfPod, ownersToSet } from './claim-owners.ts';
import { claimName, claimsOf, ordinalOf } from './identity.ts';

const BUG_KEEPS_CLAIMS = defineBug(
  'statefulset-keeps-claims',
  'claims do not pass to pods that are scaled away, whatever the retention policy says',
);

interface Claims {
  readonly type: ResourceType;
  readonly informer: Informer<KubeObject>;
}

export class StatefulClaims {
  readonly #scope: ControllerScope;
  #claims: Claims | null = null;

  constructor(scope: ControllerScope) {
    this.#scope = scope;
  }

  /** Creates what is missing of an ordinal's claims, named for `named`. Throws StatusError where one is being deleted. */
  *create(set: StatefulSet, ordinal: number, named = ordinal): Generator<Wait, void, unknown> {
    const known = this.#of(set);
    if (known === null) return;
    for (const claim of claimsOf(set, named)) {
      const { name } = claim.metadata;
      const found = known.informer.find(namespaceOf(set), name);
      if (found !== undefined && isTerminating(found)) throw StatusError.internalError(`pvc ${name} is being deleted`);
      if (found !== undefined) continue;
      try {
        yield* this.#scope.client.create(known.type, claim);
      } catch (error) {
        if (!(error instanceof StatusError) || !error.isAlreadyExists) throw error;
        continue;
      }
      const message = `create Claim ${name} Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name} success`;
      this.#scope.recorder.event(set, 'Normal', 'SuccessfulCreate', message);
    }
  }

  /** Gives the pod's claims the owners that the retention policy wants; those that are not seen yet are left for the next pass. */
  *settle(set: StatefulSet, pod: Pod): Generator<Wait, void, unknown> {
    const known = this.#of(set);
    if (known === null) return;
    for (const template of set.spec.volumeClaimTemplates ?? []) {
      const claim = known.informer.find(namespaceOf(set), claimName(template, set, ordinalOf(set, pod)));
      const ownerReferences = claim === undefined ? null : ownersToSet(claim, set, pod);
      if (claim === undefined || ownerReferences === null) continue;
      if (this.#scope.ctx.bug(BUG_KEEPS_CLAIMS) && ownerReferences.some(({ kind }) => kind === 'Pod')) continue;
      yield* this.#scope.client.update(known.type, { ...claim, metadata: { ...claim.metadata, ownerReferences } });
    }
  }

  /**
   * Waits with the pod of an ordinal until the claims of the pod before it have gone with that: throws StatusError then. (Upstream comes back at the set's
   * next event, here it is tried again.)
   */
  *awaitEarlier(set: StatefulSet, ordinal: number): Generator<Wait, void, unknown> {
    const known = deletesWhenScaled(set) ? this.#of(set) : null;
    if (known === null) return;
    yield* waitForSync(this.#scope.client, [known.informer]);
    const podName = `${set.metadata.name}-${ordinal}`;
    for (const template of set.spec.volumeClaimTemplates ?? []) {
      const claim = known.informer.find(namespaceOf(set), claimName(template, set, ordinal));
      if (claim !== undefined && isOfPod(claim, podName))
        throw StatusError.internalError(`pvc ${claim.metadata.name} goes with an earlier pod ${podName}`);
    }
  }

  /** null for a set without claims. */
  #of({ spec }: StatefulSet): Claims | null {
    const { types } = this.#scope.manager.options;
    if (types === undefined || (spec.volumeClaimTemplates?.length ?? 0) === 0) return null;
    if (this.#claims === null) {
      const type = claimType(types, 'PersistentVolumeClaim');
      this.#claims = { type, informer: this.#scope.manager.informer<KubeObject>(type) };
    }
    return this.#claims;
  }
}
