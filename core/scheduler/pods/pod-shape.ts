/**
 * The scheduling-relevant part of a pod, compiled once and shared by all pods that ask for the same.
 *
 * A *shape* is what the pod's spec says; a *group* is its namespace and labels; a *class* is both together and adds the
 * pod (anti-)affinity and spread terms, whose meaning depends on the pod's namespace. All three are interned to dense ids.
 */

import type { HostPort } from '../../types/host-ports.ts';
import type { StringMap } from '../../types/object.ts';
import type { PodAffinityTerm, Toleration, TopologySpreadConstraint } from '../../types/pod.ts';
import type { GpuDemand } from '../devices/gpu-demand.ts';
import type { RequiredTerms, WeightedNodeTerm } from '../framework/node-selector.ts';
import type { ResourceVector } from '../nodes/resource-vector.ts';

/** What a pod's spec asks of a node. */
export interface PodShape {
  readonly id: number;
  /** Shapes with the same tolerations, node selector and node affinity have the same number. */
  readonly wishId: number;
  readonly vector: ResourceVector;
  /** Devices and shares of them; `null` without GPU. */
  readonly gpu: GpuDemand | null;
  readonly hostPorts: readonly HostPort[];
  readonly tolerations: readonly Toleration[];
  /** nodeSelector and required node affinity; `null` when the pod has neither. */
  readonly required: RequiredTerms | null;
  readonly preferred: readonly WeightedNodeTerm[];
  /** A preferred term cannot be parsed: a cycle that comes to scoring ends with an error. */
  readonly isUnparsable: boolean;
  /** DoNotSchedule and ScheduleAnyway constraints. */
  readonly hardSpread: readonly TopologySpreadConstraint[];
  readonly softSpread: readonly TopologySpreadConstraint[];
  /** Whether the pod has constraints of its own: then the profile's defaults do not apply. */
  readonly hasOwnSpread: boolean;
  readonly preferredAffinity: readonly WeightedPodTerm[];
  /** Weights are positive here as well. */
  readonly preferredAntiAffinity: readonly WeightedPodTerm[];
  readonly requiredAffinity: readonly PodAffinityTerm[];
  readonly requiredAntiAffinity: readonly PodAffinityTerm[];
  /** Whether pods of its own can decide on a node: the shape has pod terms or spread constraints. */
  readonly dependsOnPods: boolean;
}

/** A preferred pod term, weight 1 … 100. */
export interface WeightedPodTerm {
  readonly weight: number;
  readonly podAffinityTerm: PodAffinityTerm;
}

/** Namespace and labels of a pod. */
export interface PodGroup {
  readonly id: number;
  readonly namespace: string;
  readonly labels: StringMap;
}

/** Pod terms and spread constraints of a class, as ids of the pod counts. */
export interface ClassTerms {
  /** Counter of pods that match *all* required affinity terms, −1 without such terms. */
  readonly affinityCounter: number;
  readonly affinityKeys: readonly string[];
  /** Whether the pod matches all its own affinity terms: the first pod of a group may start anywhere. */
  readonly matchesOwnAffinity: boolean;
  /** One counter and key per required anti-affinity term. */
  readonly antiCounters: readonly number[];
  readonly antiKeys: readonly string[];
  /** Id of each anti-affinity term as something that pods carry around (for the symmetric check). */
  readonly carried: readonly number[];
  readonly spread: readonly SpreadTerm[];
  readonly softSpread: readonly SpreadTerm[];
  /** Own preferred terms; weights of anti-affinity are negative. */
  readonly preferred: readonly { readonly counter: number; readonly key: string; readonly weight: number }[];
  /** Ids of the required affinity and preferred terms as something that pods carry around. */
  readonly carriedAffinity: readonly number[];
  readonly carriedPreferred: readonly number[];
}

/** One spread constraint of a class. */
export interface SpreadTerm {
  readonly counter: number;
  readonly key: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
  /** The selector is empty: it counts no existing pod, though the pod waits for all of its namespace. */
  readonly matchesAll: boolean;
  /** 1 when the pod counts for its own constraint. */
  readonly self: 0 | 1;
}

/** Pods that are the same to the scheduler. */
export interface PodClass {
  readonly id: number;
  readonly shape: PodShape;
  readonly group: PodGroup;
  /** `null` when the shape has no pod terms and no spread constraints. */
  readonly terms: ClassTerms | null;
}
