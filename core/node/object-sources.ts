/**
 * ConfigMaps and Secrets that must exist before a pod's containers can start.
 *
 * A missing one behind a volume keeps the whole pod in ContainerCreating (FailedMount), one behind a variable gives
 * CreateContainerConfigError. Optional ones are left out. Source: kubelet 1.34, volume manager and makeEnvironmentVariables.
 */
import type { Container, PodSpec, Volume } from '../types/pod.ts';

export interface ObjectSource {
  readonly kind: 'configmap' | 'secret';
  readonly name: string;
  /** The volume that needs it; '' = a variable does. */
  readonly volume: string;
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
  if (configMap !== undefined) add('configmap', configMap.name, name, configMap.optional);
  if (secret !== undefined) add('secret', secret.secretName, name, secret.optional);
  const sources = projected?.sources ?? [];
  if (sources.some((source) => source['serviceAccountToken'] !== undefined)) return;
  for (const source of sources) {
    const map = source['configMap'] as { name?: string; optional?: boolean } | undefined;
    const hidden = source['secret'] as { name?: string; optional?: boolean } | undefined;
    add('configmap', map?.name, name, map?.optional);
    add('secret', hidden?.name, name, hidden?.optional);
  }
}

function addVariables(container: Container, add: Add): void {
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    add('configmap', configMapRef?.name, '', configMapRef?.optional);
    add('secret', secretRef?.name, '', secretRef?.optional);
  }
  for (const { valueFrom } of container.env ?? []) {
    add('configmap', valueFrom?.configMapKeyRef?.name, '', valueFrom?.configMapKeyRef?.optional);
    add('secret', valueFrom?.secretKeyRef?.name, '', valueFrom?.secretKeyRef?.optional);
  }
}
