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
import { isTerminating, type KubeObject, namespaceOf, type OwnerReference } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import type { ResourceType } from '../../types/resource-type.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { deletesWhenScaled, hasOtherController, isOfPod, ownersToSet } from './claim-owners.ts';
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

  /**
   * Creates what is missing of an ordinal's claims, named for `named`. Throws StatusError, after all of them, where one was refused or is
   * being deleted.
   */
  *create(set: StatefulSet, ordinal: number, named = ordinal): Generator<Wait, void, unknown> {
    const known = this.#of(set);
    if (known === null) return;
    const { client, recorder } = this.#scope;
    const errors: string[] = [];
    for (const claim of claimsOf(set, named)) {
      const { name } = claim.metadata;
      const found = known.informer.find(namespaceOf(set), name);
      if (found !== undefined && isTerminating(found)) errors.push(`pvc ${name} is being deleted`);
      if (found !== undefined) continue;
      const subject = `Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name}`;
      try {
        yield* client.create(known.type, claim);
        recorder.event(set, 'Normal', 'SuccessfulCreate', `create Claim ${name} ${subject} success`);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        errors.push(`failed to create PVC ${name}: ${error.message}`);
        if (error.isAlreadyExists) continue;
        const message = `create Claim ${name} for ${subject} failed error: ${error.message}`;
        recorder.event(set, 'Warning', 'FailedCreate', message);
      }
    }
    if (errors.length > 0) throw new StatusError(500, 'InternalError', aggregate(errors));
  }

  /**
   * Gives the pod's claims the owners that the retention policy wants; those that are not seen yet are left for the next pass. true if one
   * had others. Claims that somebody else controls are told as an event, with `always` also where all are right.
   */
  *settle(set: StatefulSet, pod: Pod, always = false): Generator<Wait, boolean, unknown> {
    const { client, recorder } = this.#scope;
    const claims = this.#present(set, pod);
    const wrong = claims.some((claim) => this.#ownersToSet(claim, set, pod) !== null);
    if (!wrong && !always) return false;
    for (const claim of claims) {
      if (hasOtherController(claim, set, pod)) {
        const message = `PersistentVolumeClaim ${claim.metadata.name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
        recorder.event(set, 'Warning', 'ConflictingController', message);
      }
      const ownerReferences = this.#ownersToSet(claim, set, pod);
      if (ownerReferences === null) continue;
      const { type } = this.#of(set) as Claims;
      yield* client.update(type, { ...claim, metadata: { ...claim.metadata, ownerReferences } });
    }
    return wrong;
  }

  /** The claims of a pod that are seen. */
  #present(set: StatefulSet, pod: Pod): readonly KubeObject[] {
    const informer = this.#of(set)?.informer;
    if (informer === undefined) return [];
    const ordinal = ordinalOf(set, pod);
    return (set.spec.volumeClaimTemplates ?? [])
      .map((template) => informer.find(namespaceOf(set), claimName(template, set, ordinal)))
      .filter((claim) => claim !== undefined);
  }

  #ownersToSet(claim: KubeObject, set: StatefulSet, pod: Pod): readonly OwnerReference[] | null {
    const references = ownersToSet(claim, set, pod);
    const keeps = this.#scope.ctx.bug(BUG_KEEPS_CLAIMS) && references?.some(({ kind }) => kind === 'Pod');
    return keeps === true ? null : references;
  }

  /**
   * Why the pod of an ordinal has to wait: claims of the pod before it that have not gone with that; null where there are none.
   */
  *earlierClaim(set: StatefulSet, ordinal: number): Generator<Wait, StatusError | null, unknown> {
    const known = deletesWhenScaled(set) ? this.#of(set) : null;
    if (known === null) return null;
    yield* waitForSync(this.#scope.client, [known.informer]);
    const podName = `${set.metadata.name}-${ordinal}`;
    for (const template of set.spec.volumeClaimTemplates ?? []) {
      const claim = known.informer.find(namespaceOf(set), claimName(template, set, ordinal));
      if (claim !== undefined && isOfPod(claim, podName))
        return StatusError.internalError(`pvc ${claim.metadata.name} goes with an earlier pod ${podName}`);
    }
    return null;
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

/** Several errors as one text. Source: apimachinery util/errors (aggregate). */
function aggregate(errors: readonly string[]): string {
  const different = [...new Set(errors)];
  return different.length === 1 ? (different[0] as string) : `[${different.join(', ')}]`;
}
