/**
 * Creating and deleting the pods of a StatefulSet, with their claims and events.
 * Source: Kubernetes 1.34 pkg/controller/statefulset/stateful_pod_control.go.
 */
import { defineBug } from '../../sim/registry.ts';
import type { Wait } from '../../sim/task.ts';
import type { Pod, PodTemplateSpec } from '../../types/pod.ts';
import { PODS } from '../../types/resource-type.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { PodControl } from '../pod-control.ts';
import { ordinalOf, personalTemplate, startOrdinal, withIdentity } from './identity.ts';
import { StatefulClaims } from './stateful-claims.ts';

const BUG_CLAIMS_FROM_ZERO = defineBug(
  'statefulset-claims-from-zero',
  'claims are counted from zero, whatever the first ordinal of the set is',
);

const VERBED = { create: 'Create', update: 'Update', delete: 'Delete' } as const;

export class StatefulPods {
  readonly #scope: ControllerScope;
  readonly #control: PodControl;
  readonly claims: StatefulClaims;

  constructor(scope: ControllerScope) {
    this.#scope = scope;
    this.#control = new PodControl(scope);
    this.claims = new StatefulClaims(scope);
  }

  /** Creates the pod of an ordinal from a revision's template. */
  *create(
    set: StatefulSet,
    template: PodTemplateSpec,
    revision: string,
    ordinal: number,
  ): Generator<Wait, Pod, unknown> {
    const named = this.#scope.ctx.bug(BUG_CLAIMS_FROM_ZERO) ? ordinal - startOrdinal(set) : ordinal;
    const name = `${set.metadata.name}-${ordinal}`;
    const pod = this.#control.podOf(set, personalTemplate(set, template, revision, ordinal, named), { name });
    const wanted: Pod = { ...pod, metadata: { ...pod.metadata, generateName: `${set.metadata.name}-` } };
    try {
      yield* this.claims.create(set, ordinal, named);
      const created = yield* this.#scope.client.create<Pod>(PODS, wanted);
      yield* this.claims.settle(set, created, true);
      this.#report(set, 'create', name, null);
      return created;
    } catch (error) {
      if (error instanceof StatusError && !error.isAlreadyExists) this.#report(set, 'create', name, error);
      throw error;
    }
  }

  /** Creates what a pending pod lacks of its claims, and gives them their owners. */
  *createClaims(set: StatefulSet, pod: Pod): Generator<Wait, void, unknown> {
    yield* this.claims.create(set, ordinalOf(set, pod));
    yield* this.claims.settle(set, pod, true);
  }

  /** Brings the pod's identity, its volumes and the owners of its claims to what the set says; writes the pod where one of them was not. */
  *settle(set: StatefulSet, pod: Pod): Generator<Wait, void, unknown> {
    const wanted = withIdentity(set, pod);
    try {
      if (wanted.spec !== pod.spec) yield* this.claims.create(set, ordinalOf(set, pod));
      const settled = yield* this.claims.settle(set, pod);
      if (wanted === pod && !settled) return;
      yield* this.#scope.client.update<Pod>(PODS, wanted);
      this.#report(set, 'update', pod.metadata.name, null);
    } catch (error) {
      if (error instanceof StatusError) this.#report(set, 'update', pod.metadata.name, error);
      throw error;
    }
  }

  *delete(set: StatefulSet, pod: Pod): Generator<Wait, void, unknown> {
    const { namespace = '', name } = pod.metadata;
    try {
      yield* this.#scope.client.delete(PODS, namespace, name);
      this.#report(set, 'delete', name, null);
    } catch (error) {
      if (error instanceof StatusError) this.#report(set, 'delete', name, error);
      throw error;
    }
  }

  #report(set: StatefulSet, verb: keyof typeof VERBED, podName: string, error: StatusError | null): void {
    const verbed = VERBED[verb];
    const subject = `${verb} Pod ${podName} in StatefulSet ${set.metadata.name}`;
    const { recorder } = this.#scope;
    if (error === null) recorder.event(set, 'Normal', `Successful${verbed}`, `${subject} successful`);
    else recorder.event(set, 'Warning', `Failed${verbed}`, `${subject} failed error: ${error.message}`);
  }
}
