/**
 * The ephemeral volume controller: makes the claims of pods' ephemeral volumes, with the pod as owner. Source: Kubernetes 1.34
 * pkg/controller/volume/ephemeral.
 */
import type { Informer } from '../../client/informer.ts';
import type { Wait } from '../../sim/task.ts';
import { claimType } from '../../types/claim-types.ts';
import type { ObjectMeta } from '../../types/object.ts';
import { controllerReference } from '../../types/owner-references.ts';
import type { Pod, Volume } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { PODS, type ResourceType, type ResourceTypes } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { PersistentVolumeClaim } from '../../types/storage.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';

const WORKERS = 10;

export const ephemeralVolumeController: Controller = {
  name: 'ephemeral-volume-controller',
  register(scope) {
    const { types } = scope.manager.options;
    if (types !== undefined) listen(scope, types);
  },
};

function listen(scope: ControllerScope, types: ResourceTypes): void {
  const type = claimType(types, 'PersistentVolumeClaim');
  const claims = scope.informer<PersistentVolumeClaim>(type);
  const pods = scope.informer<Pod>(PODS);
  const queue = scope.queue({
    name: 'ephemeral-volume',
    type: PODS,
    workers: WORKERS,
    reconcile: (id) => sync(scope, type, claims, pods.get(id)),
  });
  const seen = (id: number, pod: Pod): void => {
    if (pod.spec.volumes?.some((volume) => volume['ephemeral'] !== undefined) === true) queue.add(id);
  };
  pods.addHandler({ onAdd: seen, onUpdate: (id, _old, pod) => seen(id, pod) });
}

function* sync(
  scope: ControllerScope,
  type: ResourceType,
  claims: Informer<PersistentVolumeClaim>,
  pod: Pod | undefined,
): Generator<Wait, void, unknown> {
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return;
  for (const volume of pod.spec.volumes ?? []) {
    if (volume['ephemeral'] === undefined) continue;
    const name = `${pod.metadata.name}-${volume.name}`;
    if (claims.find(pod.metadata.namespace ?? '', name) === undefined) yield* create(scope, type, pod, volume, name);
  }
}

function* create(
  scope: ControllerScope,
  type: ResourceType,
  pod: Pod,
  volume: Volume,
  name: string,
): Generator<Wait, void, unknown> {
  const { volumeClaimTemplate } = volume['ephemeral'] as {
    readonly volumeClaimTemplate?: { readonly metadata?: Partial<ObjectMeta>; readonly spec?: object };
  };
  const { labels, annotations } = volumeClaimTemplate?.metadata ?? {};
  const metadata = {
    name,
    namespace: pod.metadata.namespace,
    labels,
    annotations,
    ownerReferences: [controllerReference(pod)],
  };
  try {
    yield* scope.client.create(type, { apiVersion: 'v1', kind: type.kind, metadata, spec: volumeClaimTemplate?.spec });
  } catch (error) {
    if (!(error instanceof StatusError) || !error.isAlreadyExists) throw error;
  }
}
