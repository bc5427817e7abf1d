/**
 * Operations of one workload with every parameter resolved and every template read: what a run needs.
 */
import type { ObjectTemplate } from '../objects/object-template.ts';

/** What nodes get beside their template; at most one of the three in a file. */
export interface NodeStrategy {
  /** Added to status.allocatable. */
  readonly allocatable: Readonly<Record<string, string | number>>;
  /** Limits of attachable volumes by CSI driver; null without a CSINode. */
  readonly csiLimits: Readonly<Record<string, number | undefined>> | null;
  /** A label whose values are given in turn; with `values` empty each node has a value of its own. */
  readonly label: { readonly key: string; readonly values: readonly string[] } | null;
}

export interface CreateNodes {
  readonly opcode: 'createNodes';
  readonly count: number;
  /** null: the default node. */
  readonly template: ObjectTemplate | null;
  readonly strategy: NodeStrategy | null;
}

export interface CreateNamespaces {
  readonly opcode: 'createNamespaces';
  readonly prefix: string;
  readonly count: number;
  readonly template: ObjectTemplate | null;
}

export interface CreatePods {
  readonly opcode: 'createPods';
  readonly count: number;
  readonly namespace: string;
  /** null: the default pod. */
  readonly template: ObjectTemplate | null;
  readonly volume: { readonly volume: ObjectTemplate; readonly claim: ObjectTemplate } | null;
  readonly collectMetrics: boolean;
  readonly skipWait: boolean;
  /** Pods that share one value of the label `signature`. */
  readonly signatureBatchSize: number;
  /** How long pods are deleted and created anew as they get nodes, µs; 0 = they are created once. */
  readonly steadyStateUs: number;
}

export interface DeletePods {
  readonly opcode: 'deletePods';
  readonly namespace: string;
  readonly labelSelector: Readonly<Record<string, string>>;
  readonly skipWait: boolean;
  /** 0 = all at once. */
  readonly perSecond: number;
}

export interface Churn {
  readonly opcode: 'churn';
  readonly mode: 'create' | 'recreate';
  /** Objects of each template at one time (recreate) or in all (create, 0 = no end). */
  readonly number: number;
  readonly intervalUs: number;
  readonly namespace: string;
  readonly templates: readonly ObjectTemplate[];
}

export interface Barrier {
  readonly opcode: 'barrier';
  /** Empty: all with pods that nobody has waited for. */
  readonly namespaces: readonly string[];
  readonly labelSelector: Readonly<Record<string, string>>;
  readonly stage: 'Scheduled' | 'Attempted';
}

export interface Sleep {
  readonly opcode: 'sleep';
  readonly us: number;
}

export interface StartCollectingMetrics {
  readonly opcode: 'startCollectingMetrics';
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly labelSelector: Readonly<Record<string, string>>;
}

export interface StopCollectingMetrics {
  readonly opcode: 'stopCollectingMetrics';
}

/** createAny and updateAny. */
export interface WriteAny {
  readonly opcode: 'createAny' | 'updateAny';
  readonly namespace: string;
  readonly count: number;
  readonly template: ObjectTemplate;
  /** updateAny: 0 = one after the other without a pause. */
  readonly perSecond: number;
  readonly subresources: readonly string[];
}

/** Groups of pods; goes on when the scheduler knows them. */
export interface CreatePodGroups {
  readonly opcode: 'createPodGroups';
  readonly namespace: string;
  readonly count: number;
  readonly template: ObjectTemplate;
}

/** Slices of a driver with so many devices for each node whose name matches the pattern. */
export interface CreateResourceDriver {
  readonly opcode: 'createResourceDriver';
  readonly driverName: string;
  readonly nodes: string;
  readonly devicesPerNode: number;
}

/** Gives devices to claims that no pod uses. */
export interface AllocResourceClaims {
  readonly opcode: 'allocResourceClaims';
  /** '' = of all namespaces. */
  readonly namespace: string;
}

/** One whose subject is not simulated: a workload ends here with its name. */
export interface NotSimulated {
  readonly opcode: 'notSimulated';
  readonly name: string;
}

export type Operation =
  | CreateNodes
  | CreateNamespaces
  | CreatePods
  | DeletePods
  | Churn
  | Barrier
  | Sleep
  | StartCollectingMetrics
  | StopCollectingMetrics
  | WriteAny
  | CreateResourceDriver
  | AllocResourceClaims
  | CreatePodGroups
  | NotSimulated;
