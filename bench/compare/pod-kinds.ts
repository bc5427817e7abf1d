/**
 * Pods interned to kinds: what a scheduler reads of a pod, once for all pods that are the same to it.
 *
 * A request that is missing is the limit, as the API server's defaulting has it. Labels and fields that differ between pods
 * of one template (hashes, ordinals, node names) are left out; volumes become the node terms, resources and labels that they mean,
 * and those whose claims are still to be bound stay.
 */
import { CPU_USAGE_LABEL, DATA_NODE_LABEL, DATA_ZONE_LABEL } from '../../core/cluster/placement.ts';
import type { Container, OwnerReference, Pod, PodSpec } from '../../core/cluster/vocabulary.ts';
import { allOf, type VolumePlaces } from './volume-places.ts';

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

/** What is attached to a node is a resource of this name and the driver's. */
export const ATTACHED_VOLUMES = 'attachable-volumes-csi-';
const NOWHERE = [{ matchExpressions: [{ key: 'seatrial.dev/nowhere', operator: 'Exists' as const }] }];

/** A pod before it is a kind. */
export interface PodSource {
  /** What reports call the kind: that of the first pod counts. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** With its priority. */
  readonly spec: PodSpec;
  /** Controller that spreading by default looks up; `keptLabels` are labels that its selector needs. */
  readonly owner?: OwnerReference | undefined;
  readonly keptLabels?: readonly string[] | undefined;
  /** Measured cpu, a quantity. */
  readonly cpuUsage?: string | undefined;
  readonly volumes?: VolumePlaces | undefined;
  /** Claims for devices that are to be satisfied. */
  readonly devices?: PodSpec['resourceClaims'];
}

/** Collects kinds. */
export class PodKindTable {
  readonly kinds: Pod[] = [];
  readonly #ids = new Map<string, number>();

  /** The kind of a pod. */
  intern(source: PodSource): number {
    const { namespace, owner } = source;
    const kind = {
      namespace,
      labels: labelsOf(source),
      spec: withVolumes(readSpec(source), source.volumes),
      ...(owner === undefined ? {} : { ownerReferences: [{ ...owner, uid: '' }] }),
    };
    const key = JSON.stringify(kind);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.kinds.length;
    const { spec, ...metadata } = kind;
    this.#ids.set(key, id);
    this.kinds.push({ apiVersion: 'v1', kind: 'Pod', metadata: { name: source.name, ...metadata }, spec });
    return id;
  }
}

function labelsOf({ labels, keptLabels = [], cpuUsage, volumes }: PodSource): Record<string, string> {
  const kept = Object.entries(labels ?? {}).filter(([key]) => !OWN_LABELS.includes(key) || keptLabels.includes(key));
  if (cpuUsage !== undefined) kept.push([CPU_USAGE_LABEL, cpuUsage]);
  if (volumes !== undefined && volumes.nodes.length > 0)
    kept.push([DATA_NODE_LABEL, [...new Set(volumes.nodes)].join()]);
  if (volumes !== undefined && volumes.zones.length > 0)
    kept.push([DATA_ZONE_LABEL, [...new Set(volumes.zones)].join()]);
  return Object.fromEntries(kept.sort(byKey));
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

function readSpec({ spec, volumes, devices }: PodSource): PodSpec {
  const { nodeSelector, affinity, tolerations, topologySpreadConstraints, overhead, resources, schedulingGroup } = spec;
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
      priority: spec.priority,
      preemptionPolicy: spec.preemptionPolicy,
      schedulingGroup,
      volumes: volumes === undefined || volumes.open.length === 0 ? undefined : volumes.open,
      resourceClaims: devices,
    }),
  ) as PodSpec;
}

function readContainer({ name, image, ports, resources, restartPolicy }: Container): Container {
  const { requests, limits } = resources ?? {};
  return { name, image, ports, restartPolicy, resources: { requests: { ...limits, ...requests } } } as Container;
}

/** The spec with what its volumes mean: required terms, attached volumes; a pod whose claims cannot be met fits nowhere. */
function withVolumes(spec: PodSpec, volumes: VolumePlaces | undefined): PodSpec {
  if (volumes === undefined) return spec;
  const attached = [...volumes.attached].map(([driver, count]) => [`${ATTACHED_VOLUMES}${driver}`, String(count)]);
  const [first, ...rest] = spec.containers as readonly [Container, ...Container[]];
  const requests = { ...first.resources?.requests, ...Object.fromEntries(attached) };
  const placed = { ...spec, containers: [{ ...first, resources: { requests } }, ...rest] };
  if (volumes.required.length === 0 && volumes.problem === '') return placed;
  const own = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const terms = volumes.problem === '' ? allOf([...(own === undefined ? [] : [own]), ...volumes.required]) : [];
  const nodeSelectorTerms = terms.length === 0 ? NOWHERE : terms;
  const nodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
  };
  return { ...placed, affinity: { ...spec.affinity, nodeAffinity } };
}
