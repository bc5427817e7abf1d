/**
 * Creating and deleting pods for an owner, with the events that go with it.
 *
 * All pods of one owner share its template's spec, labels and annotations and one array of owner references by identity, so that the
 * API server can reuse what it computed for the first. Source: Kubernetes 1.34 pkg/controller/controller_utils.go
 * (RealPodControl, GetPodFromTemplate).
 */
import type { Wait } from '../sim/task.ts';
import type { KubeObject, OwnerReference } from '../types/object.ts';
import { uidOf } from '../types/object.ts';
import { controllerReference } from '../types/owner-references.ts';
import type { Pod, PodTemplateSpec } from '../types/pod.ts';
import { PODS } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import type { ControllerScope } from './controller-scope.ts';

/** What differs from the template: names of ordinal pods, finalizers of jobs, pinned specs of daemon pods. */
export interface PodOverrides {
  readonly name?: string;
  /** Instead of the owner's name and a dash. */
  readonly generateName?: string;
  readonly finalizers?: readonly string[];
}

export class PodControl {
  readonly #scope: ControllerScope;
  readonly #references = new Map<string, readonly OwnerReference[]>();

  constructor(scope: ControllerScope) {
    this.#scope = scope;
  }

  /** Creates a pod of `template` controlled by `owner`. Throws StatusError after an event FailedCreate. */
  *create(owner: KubeObject, template: PodTemplateSpec, overrides?: PodOverrides): Generator<Wait, Pod, unknown> {
    const { client, recorder } = this.#scope;
    try {
      const pod = yield* client.create<Pod>(PODS, this.podOf(owner, template, overrides));
      recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      return pod;
    } catch (error) {
      if (error instanceof StatusError && !error.isNamespaceTerminating) {
        recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
      }
      throw error;
    }
  }

  /** Deletes a pod. Throws StatusError: as it is for one that is gone already, else after an event FailedDelete. */
  *delete(owner: KubeObject, pod: Pod): Generator<Wait, void, unknown> {
    const { client, recorder } = this.#scope;
    const { namespace = '', name } = pod.metadata;
    try {
      yield* client.delete(PODS, namespace, name);
      recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (error instanceof StatusError && !error.isNotFound) {
        recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`);
        throw new StatusError(
          error.code,
          error.reason,
          `unable to delete pods: ${error.message}`,
          error.details,
          error.outcomeUnknown,
        );
      }
      throw error;
    }
  }

  /** The pod that `owner` would create from `template`. */
  podOf(owner: KubeObject, template: PodTemplateSpec, overrides?: PodOverrides): Pod {
    const meta = template.metadata;
    const named = overrides?.name !== undefined;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: overrides?.name ?? '',
        generateName: named ? undefined : (overrides?.generateName ?? `${owner.metadata.name}-`),
        namespace: owner.metadata.namespace,
        labels: meta?.labels,
        annotations: meta?.annotations,
        ownerReferences: this.referencesTo(owner),
        finalizers: overrides?.finalizers ?? meta?.finalizers,
      },
      spec: template.spec,
    };
  }

  /** `[controllerReference(owner)]`, always the same array for one owner. */
  referencesTo(owner: KubeObject): readonly OwnerReference[] {
    const uid = uidOf(owner);
    let references = this.#references.get(uid);
    if (references === undefined) {
      references = [controllerReference(owner)];
      this.#references.set(uid, references);
    }
    return references;
  }

  /** Forgets an owner that is gone. */
  forget(uid: string): void {
    this.#references.delete(uid);
  }
}
