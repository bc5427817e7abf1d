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
export function ordinalOf(set: StatefulSet, pod: Pick<Pod, 'metadata'>): number {
  const match = ORDINAL.exec(pod.metadata.name);
  return match !== null && match[1] === set.metadata.name ? Number(match[2]) : -1;
}

/** Name of the revision a pod was made from, '' when it does not say. */
export function revisionOfPod(pod: Pod): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? '';
}

/** Name of an ordinal's claim. */
export function claimName({ metadata }: KubeObject, set: StatefulSet, ordinal: number): string {
  return `${metadata.name}-${set.metadata.name}-${ordinal}`;
}

/** The claims of one ordinal, as they are created: one for each template, in their order. */
export function claimsOf(set: StatefulSet, ordinal: number): readonly KubeObject[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const labels: StringMap = { ...template.metadata.labels, ...set.spec.selector.matchLabels };
    const metadata = {
      ...template.metadata,
      name: claimName(template, set, ordinal),
      namespace: set.metadata.namespace,
      labels,
    };
    return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: template.spec };
  });
}

/** The template made personal for one ordinal: labels, hostname, subdomain, as volumes the claims of `claimed` (see {@link claimsOf}). */
export function personalTemplate(
  set: StatefulSet,
  template: PodTemplateSpec,
  revisionName: string,
  ordinal: number,
  claimed: number,
): PodTemplateSpec {
  const name = `${set.metadata.name}-${ordinal}`;
  const labels: StringMap = {
    ...template.metadata?.labels,
    [POD_NAME_LABEL]: name,
    [POD_INDEX_LABEL]: String(ordinal),
    [REVISION_LABEL]: revisionName,
  };
  const volumes = volumesOf(set, template.spec.volumes, claimed);
  const spec = { ...template.spec, volumes, hostname: name, subdomain: set.spec.serviceName };
  return { metadata: { ...template.metadata, labels }, spec };
}

/** A pod's volumes with the claims of an ordinal, which take the places of those of their names. */
export function volumesOf(
  set: StatefulSet,
  present: readonly Volume[] | undefined,
  ordinal: number,
): readonly Volume[] | undefined {
  const templates = set.spec.volumeClaimTemplates;
  if (templates === undefined || templates.length === 0) return present;
  const names = new Set(templates.map((template) => template.metadata.name));
  const volumes: Volume[] = templates.map((template) => {
    const source = { claimName: claimName(template, set, ordinal) };
    return { name: template.metadata.name, persistentVolumeClaim: source };
  });
  for (const volume of present ?? []) if (!names.has(volume.name)) volumes.push(volume);
  return volumes;
}

/** The pod with the labels and volumes of its ordinal; itself where it has them. */
export function withIdentity(set: StatefulSet, pod: Pod): Pod {
  const { metadata, spec } = pod;
  const ordinal = ordinalOf(set, pod);
  const named = metadata.labels?.[POD_NAME_LABEL] === metadata.name;
  const stored = (set.spec.volumeClaimTemplates ?? []).every((template) =>
    spec.volumes?.some(
      ({ name, persistentVolumeClaim }) =>
        name === template.metadata.name && persistentVolumeClaim?.claimName === claimName(template, set, ordinal),
    ),
  );
  if (named && stored) return pod;
  const labels = { ...metadata.labels, [POD_NAME_LABEL]: metadata.name, [POD_INDEX_LABEL]: String(ordinal) };
  return {
    ...pod,
    metadata: named ? metadata : { ...metadata, labels },
    spec: stored ? spec : { ...spec, volumes: volumesOf(set, spec.volumes, ordinal) },
  };
}
