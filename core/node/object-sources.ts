/**
 * ConfigMaps and Secrets that must exist before a pod's containers can start, and claims that must be satisfied.
 *
 * A missing one behind a volume keeps the whole pod in ContainerCreating (FailedMount), one behind a variable gives
 * CreateContainerConfigError. Optional ones are left out. Source: kubelet 1.34, volume manager and makeEnvironmentVariables.
 */
import { claimNameOf, isReservedForPod, type ResourceClaim } from '../types/device.ts';
import type { KubeObject } from '../types/object.ts';
import type { Container, Pod, PodSpec, Volume } from '../types/pod.ts';
import type { PersistentVolumeClaim } from '../types/storage.ts';

export interface ObjectSource {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ResourceClaim';
  readonly name: string;
  /** The volume that needs it; '' = a variable does. */
  readonly volume: string;
}

/** The claims of a pod: for volumes, then for devices. Their names may be the pod's own, so they are no part of its script. */
export function claimSources(pod: Pod): readonly ObjectSource[] {
  const { metadata, spec } = pod;
  const found: ObjectSource[] = [];
  for (const { name: volume, persistentVolumeClaim, ...other } of spec.volumes ?? []) {
    const made = 'ephemeral' in other ? `${metadata.name}-${volume}` : '';
    const name = persistentVolumeClaim?.claimName ?? made;
    if (name !== '') found.push({ kind: 'PersistentVolumeClaim', name, volume });
  }
  for (const entry of spec.resourceClaims ?? []) {
    const name = claimNameOf(pod, entry);
    if (name !== undefined) found.push({ kind: 'ResourceClaim', name, volume: '' });
  }
  return found;
}

/** Why a claim cannot be used by a pod yet; `''` when it can. Source: kubelet 1.34, volume populator and cm/dra. */
export function claimRefusal(source: ObjectSource, pod: Pod, claim: KubeObject): string {
  if (source.kind === 'PersistentVolumeClaim') {
    const { spec, status } = claim as PersistentVolumeClaim;
    const bound = (spec?.volumeName ?? '') !== '' && status?.phase === 'Bound';
    return bound ? '' : `error processing PVC ${pod.metadata.namespace}/${source.name}: PVC is not bound`;
  }
  if (source.kind !== 'ResourceClaim') return '';
  if (isReservedForPod(claim as ResourceClaim, pod)) return '';
  const { uid = '', name } = pod.metadata;
  return `pod ${name} (${uid}) is not allowed to use ResourceClaim ${source.name} (${claim.metadata.uid})`;
}

/** Every required source of a pod, volumes first, each once. The service-account token's own sources are not checked. */
export function objectSources(spec: PodSpec): readonly ObjectSource[] {
  const found: ObjectSource[] = [];
  const add = (
    kind: ObjectSource['kind'],
    name: string | undefined,
    volume: string,
    optional: boolean | undefined,
  ): void => {
    if (name === undefined || name === '' || optional === true) return;
    const isVolume = volume !== '';
    if (found.some((one) => one.kind === kind && one.name === name && (one.volume !== '') === isVolume)) return;
    found.push({ kind, name, volume });
  };
  for (const volume of spec.volumes ?? []) addVolume(volume, add);
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) addVariables(container, add);
  return found;
}

type Add = (
  kind: ObjectSource['kind'],
  name: string | undefined,
  volume: string,
  optional: boolean | undefined,
) => void;

function addVolume(volume: Volume, add: Add): void {
  const { configMap, secret, projected, name } = volume;
  add('ConfigMap', configMap?.name, name, configMap?.optional);
  add('Secret', secret?.secretName, name, secret?.optional);
  const sources = projected?.sources ?? [];
  if (sources.some((source) => source['serviceAccountToken'] !== undefined)) return;
  for (const source of sources) {
    const map = source['configMap'] as { name?: string; optional?: boolean } | undefined;
    const hidden = source['secret'] as { name?: string; optional?: boolean } | undefined;
    add('ConfigMap', map?.name, name, map?.optional);
    add('Secret', hidden?.name, name, hidden?.optional);
  }
}

function addVariables(container: Container, add: Add): void {
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    add('ConfigMap', configMapRef?.name, '', configMapRef?.optional);
    add('Secret', secretRef?.name, '', secretRef?.optional);
  }
  for (const { valueFrom } of container.env ?? []) {
    add('ConfigMap', valueFrom?.configMapKeyRef?.name, '', valueFrom?.configMapKeyRef?.optional);
    add('Secret', valueFrom?.secretKeyRef?.name, '', valueFrom?.secretKeyRef?.optional);
  }
}
