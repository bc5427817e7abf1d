/**
 * A pod with everything that plugins read more than once worked out: requests, host ports, affinity terms.
 *
 * Made once a version of a pod (they are immutable) and remembered by identity.
 */

import { type HostPort, hostPortsOf } from '../../types/host-ports.ts';
import type { Pod } from '../../types/pod.ts';
import { podKey } from '../pods/pod-key.ts';
import { type AffinityTerm, preferredTerms, requiredTerms, type WeightedAffinityTerm } from './affinity-term.ts';
import { heldSpecOf } from './held-requests.ts';
import { type PodResources, podResources } from './pod-resources.ts';

/** A pod and what follows from it alone. */
export interface PodInfo {
  readonly pod: Pod;
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly priority: number;
  /** What the spec asks for. */
  readonly resources: PodResources;
  /** What the pod counts for on its node and in balanced allocation: more or less while it is resized in place. */
  readonly held: PodResources;
  readonly hostPorts: readonly HostPort[];
  /** Whether the spec has pod affinity or anti-affinity of any kind. */
  readonly hasPodAffinity: boolean;
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedAffinityTerm[];
  readonly preferredAntiAffinity: readonly WeightedAffinityTerm[];
  readonly claimNames: readonly string[];
}

const known = new WeakMap<Pod, PodInfo>();

/** The info of a pod. @throws QuantityError, StatusError for a spec that the API server would refuse. */
export function podInfoOf(pod: Pod): PodInfo {
  const before = known.get(pod);
  if (before !== undefined) return before;
  const { spec, metadata } = pod;
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const namespace = metadata.namespace ?? '';
  const resources = podResources(spec);
  const heldSpec = heldSpecOf(pod);
  const info: PodInfo = {
    pod,
    key: podKey(pod),
    namespace,
    priority: spec.priority ?? 0,
    resources,
    held: heldSpec === spec ? resources : podResources(heldSpec),
    hostPorts: hostPortsOf(spec),
    hasPodAffinity: podAffinity !== undefined || podAntiAffinity !== undefined,
    requiredAffinity: requiredTerms(pod, podAffinity),
    requiredAntiAffinity: requiredTerms(pod, podAntiAffinity),
    preferredAffinity: preferredTerms(pod, podAffinity),
    preferredAntiAffinity: preferredTerms(pod, podAntiAffinity),
    claimNames: (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
      persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName],
    ),
  };
  known.set(pod, info);
  return info;
}
