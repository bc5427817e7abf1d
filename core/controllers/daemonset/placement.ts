/**
 * Where a DaemonSet's pods belong, and what its pods look like. Source: Kubernetes 1.34 pkg/controller/daemon/daemon_controller.go
 * (NodeShouldRunDaemonPod) and util/daemonset_util.go.
 */
import type { DaemonSet } from '../../types/daemon-set.ts';
import type { Node } from '../../types/node.ts';
import { fitsNodeAffinity } from '../../types/node-affinity.ts';
import type { NodeSelectorTerm, Pod, PodSpec, PodTemplateSpec, Toleration } from '../../types/pod.ts';
import { toleratesTaint } from '../../types/tolerations.ts';

/** The node should get a pod. */
export const SHOULD_RUN = 1;
/** A pod that is there may stay. */
export const MAY_STAY = 2;

export const HASH_LABEL = 'controller-revision-hash';
const GENERATION_LABEL = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

const toleration = (name: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
});

const TOLERATIONS: readonly Toleration[] = [
  toleration('not-ready', 'NoExecute'),
  toleration('unreachable', 'NoExecute'),
  toleration('disk-pressure', 'NoSchedule'),
  toleration('memory-pressure', 'NoSchedule'),
  toleration('pid-pressure', 'NoSchedule'),
  toleration('unschedulable', 'NoSchedule'),
];
const HOST_NETWORK_TOLERATION = toleration('network-unavailable', 'NoSchedule');

/**
 * The template's tolerations and those of every daemon pod, which take the places of equal ones whatever their `tolerationSeconds`. Source:
 * Kubernetes 1.34.1, pkg/apis/core/v1/helper/helpers.go AddOrUpdateTolerationInPodSpec.
 */
export function daemonTolerations(spec: PodSpec): readonly Toleration[] {
  const own = spec.tolerations ?? [];
  const added = spec.hostNetwork === true ? [...TOLERATIONS, HOST_NETWORK_TOLERATION] : TOLERATIONS;
  const same = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key && a.operator === b.operator && a.effect === b.effect && a.value === b.value;
  const replaced = own.map((one) => added.find((other) => same(one, other)) ?? one);
  return [...replaced, ...added.filter((one) => !replaced.includes(one))];
}

/** SHOULD_RUN and MAY_STAY for a node. `tolerations` as by {@link daemonTolerations}. */
export function placementOn(node: Node, spec: PodSpec, tolerations: readonly Toleration[]): number {
  if ((spec.nodeName ?? '') !== '' && spec.nodeName !== node.metadata.name) return 0;
  if (!fitsNodeAffinity(spec, node)) return 0;
  let result = SHOULD_RUN | MAY_STAY;
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') continue;
    if (tolerations.some((one) => toleratesTaint(one, taint))) continue;
    if (taint.effect === 'NoExecute') return 0;
    result = MAY_STAY;
  }
  return result;
}

/** The template generation that the API server counts in an annotation, '' when absent. */
export function templateGeneration(set: DaemonSet): string {
  return set.metadata.annotations?.[GENERATION_ANNOTATION] ?? '';
}

/** Whether a pod is of the present template. */
export function isUpdated(pod: Pod, hash: string, generation: string): boolean {
  const labels = pod.metadata.labels;
  if (hash !== '' && labels?.[HASH_LABEL] === hash) return true;
  return generation !== '' && labels?.[GENERATION_LABEL] === generation;
}

/** Node a pod is on or pinned to, '' when it is neither. */
export function targetNodeOf(pod: Pod): string {
  const { nodeName } = pod.spec;
  if (nodeName !== undefined && nodeName !== '') return nodeName;
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields } of terms) {
    for (const { key, operator, values } of matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In' && values?.length === 1) return values[0] as string;
    }
  }
  return '';
}

/** Templates for one revision; only the affinity differs from node to node. */
export class DaemonTemplate {
  readonly #template: PodTemplateSpec;
  readonly #tolerations: readonly Toleration[];
  readonly #labels: Readonly<Record<string, string>>;

  constructor(set: DaemonSet, hash: string) {
    const { template } = set.spec;
    const generation = templateGeneration(set);
    this.#template = template;
    this.#tolerations = daemonTolerations(template.spec);
    this.#labels = {
      ...template.metadata?.labels,
      ...(generation === '' ? {} : { [GENERATION_LABEL]: generation }),
      [HASH_LABEL]: hash,
    };
  }

  /** The template of the pod for one node, pinned by an affinity that replaces the required terms. */
  for(nodeName: string): PodTemplateSpec {
    const { metadata, spec } = this.#template;
    const term: NodeSelectorTerm = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] };
    const affinity = {
      ...spec.affinity,
      nodeAffinity: {
        ...spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
      },
    };
    return {
      metadata: { ...metadata, labels: this.#labels },
      spec: { ...spec, affinity, tolerations: this.#tolerations },
    };
  }
}
