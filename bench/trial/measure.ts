/**
 * What one run showed about one workload. Plain data, virtual µs.
 */
import type { ClusterReplay } from '../replay/cluster-replay.ts';

/** A pod that waited for a node, and a moment of the run when it did, µs since the manifests were applied. */
export interface WaitingPod {
  /** `namespace/name`. */
  readonly pod: string;
  readonly atUs: number;
  /** What the scheduler said. */
  readonly message: string;
}

export interface Measure {
  /** Pods wanted when the fault began. */
  readonly replicas: number;
  /** Of them, Ready when the fault began. */
  readonly readyBefore: number;
  /** What the scheduler said of a pod that had no node when the fault began; '' = every pod had one. */
  readonly unschedulableBefore: string;
  /** Why a pod that had a node was not Ready when the fault began, one phrase; '' = each was, or nothing is known. */
  readonly unreadyBefore: string;
  /** Of them, on what failed. */
  readonly onFailed: number;
  /** Fewest that were Ready: pods, or endpoints where a Service selects them. */
  readonly lowest: number;
  /** Fewest that had to be then; in a drain each node has a floor of its own. */
  readonly floor: number;
  /** The floor that was missed furthest, and how many were Ready then; null = none was missed. */
  readonly missed: { readonly floor: number; readonly ready: number } | null;
  /** How long fewer than the floor were Ready, in sum. */
  readonly belowFloorUs: number;
  /** Longest time with none Ready. */
  readonly longestNoneUs: number;
  /** From the beginning of the fault until all were Ready for good; 0 = never less, −1 = not until the end. */
  readonly recoveryUs: number;
  /** What it lacks at the end of the run; '' = nothing. */
  readonly lack: string;
  /** Nodes whose drain did not finish because of it. */
  readonly blockedNodes: readonly string[];
  /** What the scheduler said about a pod that waited longer than a moment; '' = none did. */
  readonly unschedulable: string;
  /** A pod about which the scheduler said so, before the fault or after it; null where every pod had a node. */
  readonly waiting: WaitingPod | null;
  /** Time since the fault's beginning, ready and floor in turn, for charts; empty where nothing changed. */
  readonly curve: readonly number[];
}

/** Whether a workload lacked Ready pods before anything was done to it; of a Job, whose pods end: whether one had no node. */
export function wasNotReady(kind: string, { readyBefore, replicas, unschedulableBefore }: Measure): boolean {
  return kind === 'Job' ? unschedulableBefore !== '' : readyBefore < replicas;
}

/** Whether none of it was Ready before the fault, and it was not what it should be at the end either. */
export function wasNeverReady(kind: string, measure: Measure): boolean {
  return wasNotReady(kind, measure) && measure.readyBefore === 0 && measure.lack !== '';
}

/** The result of one case. */
export interface CaseMeasures {
  /** true if it was about a node that hosts nothing. */
  readonly skipped: boolean;
  /** One for each runnable workload, in their order. */
  readonly measures: readonly Measure[];
  /** When the fault began, µs since the manifests were applied; 0 when skipped. */
  readonly faultAtUs: number;
  /** 64 hex digits; '' when skipped. */
  readonly digest: string;
  /** A bug of seatrial, one sentence; '' = none. */
  readonly broken: string;
  /** Objects that the API server refused, with its answer. */
  readonly refused: string;
  readonly events: number;
  readonly virtualUs: number;
  /** What the cluster looked like, where that was asked for. */
  readonly replay?: ClusterReplay | undefined;
}
