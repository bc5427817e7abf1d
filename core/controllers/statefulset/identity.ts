/**
 * Names, labels and storage that make a pod the n-th of its StatefulSet. Source: Kubernetes 1.34
 * pkg/controller/statefulset/stateful_set_utils.go.
 */
import type { KubeObject, StringMap } from '../../types/object.ts';
import type { Pod, PodTemplateSpec, Volume } from '../../types/pod.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';

const REVISION_LABEL = 'controller-revision-hash';
const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';
const ORDINAL = /^(.*)-(\d{1,9})$/;

/** Lowest ordinal. */
export function startOrdinal(set: StatefulSet): number {
  return set.spec.ordinals?.start ?? 0;
}

/** The ordinal in a pod's name if it could be this set's, −1 otherwise. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const match = ORDINAL.exec(pod.metadata.name);
  return match !== null && match[1] === set.metadata.name ? Number(match[2]) : -1;
}

/** Name of the revision a pod was made from, '' when it does not say. */
export function revisionOfPod(pod: Pod): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? '';
}

/** The claims of one ordinal, as they are created: one for each template, in their order. */
export function claimsOf(set: StatefulSet, ordinal: number): readonly KubeObject[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const labels: StringMap = { ...template.metadata.labels, ...set.spec.selector.matchLabels };
    const metadata = {
      ...template.metadata,
      name: `${template.metadata.name}-${set.metadata.name}-${ordinal}`,
      namespace: set.metadata.namespace,
      labels,
    };
    return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: template.spec };
  });
}

/** The template made personal for one ordinal: labels, hostname, subdomain, its claims (see {@link claimsOf}) as volumes. */
export function personalTemplate(
  set: StatefulSet,
  template: PodTemplateSpec,
  revisionName: string,
  ordinal: number,
  claims: readonly KubeObject[],
): PodTemplateSpec {
  const name = `${set.metadata.name}-${ordinal}`;
  const labels: StringMap = {
    ...template.metadata?.labels,
    [POD_NAME_LABEL]: name,
    [POD_INDEX_LABEL]: String(ordinal),
    [REVISION_LABEL]: revisionName,
  };
  const volumes = volumesOf(set, template.spec.volumes, claims);
  const spec = { ...template.spec, volumes, hostname: name, subdomain: set.spec.serviceName };
  return { metadata: { ...template.metadata, labels }, spec };
}

function volumesOf(
  set: StatefulSet,
  present: readonly Volume[] | undefined,
  claims: readonly KubeObject[],
): readonly Volume[] | undefined {
  const templates = set.spec.volumeClaimTemplates;
  if (templates === undefined || templates.length === 0) return present;
  const names = new Set(templates.map((template) => template.metadata.name));
  const volumes: Volume[] = templates.map((template, index) => {
    const claimName = (claims[index] as KubeObject).metadata.name;
    return { name: template.metadata.name, persistentVolumeClaim: { claimName, readOnly: false } };
  });
  for (const volume of present ?? []) if (!names.has(volume.name)) volumes.push(volume);
  return volumes;
}
