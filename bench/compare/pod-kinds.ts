/**
 * Pods interned to kinds: what a scheduler reads of a pod, once for all pods that are the same to it.
 *
 * A request that is missing is the limit, as the API server's defaulting has it. Labels and fields that differ between pods
 * of one template (hashes, ordinals, node names, volumes) are left out.
 */
import type { Container, Pod, PodSpec } from '../../core/cluster/vocabulary.ts';

/** Labels that controllers put on single pods or generations. */
const OWN_LABELS: readonly string[] = [
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-completion-index',
];

/** Collects kinds. */
export class PodKindTable {
  readonly kinds: Pod[] = [];
  readonly #ids = new Map<string, number>();

  /** The kind of a pod in a namespace. */
  intern(namespace: string, labels: Readonly<Record<string, string>> | undefined, spec: PodSpec): number {
    const kept = Object.entries(labels ?? {}).filter(([key]) => !OWN_LABELS.includes(key));
    const kind = { namespace, labels: Object.fromEntries(kept.sort(byKey)), spec: readSpec(spec) };
    const key = JSON.stringify(kind);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.kinds.length;
    this.#ids.set(key, id);
    this.kinds.push({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `kind-${id}`, namespace, labels: kind.labels },
      spec: kind.spec,
    });
    return id;
  }
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

function readSpec(spec: PodSpec): PodSpec {
  const { nodeSelector, affinity, tolerations, topologySpreadConstraints, overhead, resources } = spec;
  return JSON.parse(
    JSON.stringify({
      containers: spec.containers.map(readContainer),
      initContainers: spec.initContainers?.map(readContainer),
      nodeSelector,
      affinity,
      tolerations,
      topologySpreadConstraints,
      overhead,
      resources,
    }),
  ) as PodSpec;
}

function readContainer({ name, image, ports, resources, restartPolicy }: Container): Container {
  const { requests, limits } = resources ?? {};
  return { name, image, ports, restartPolicy, resources: { requests: { ...limits, ...requests } } } as Container;
}
