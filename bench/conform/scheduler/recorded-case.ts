/**
 * One recorded case of the real scheduler: a cluster, a configuration and a sequence of pods with what was decided.
 * The format is described in the README of the recordings (data/scheduler).
 */
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';

/** Changes to the cluster. `delete`: "Kind/namespace/name" or "Kind/name". */
export interface RecordedChange {
  readonly delete?: readonly string[];
  readonly upsert?: readonly KubeObject[];
}

/** Why a node or a pod was refused. */
export interface RecordedVerdict {
  readonly plugin?: string;
  readonly code: string;
  readonly reasons?: readonly string[];
}

/** What PreFilter came to. */
export interface RecordedPreFilter {
  readonly code: string;
  readonly plugin?: string;
  readonly plugins?: readonly string[];
  readonly reason?: string;
  readonly nodeNames?: readonly string[];
}

/** What DefaultPreemption did. */
export interface RecordedPreemption {
  readonly eligible: boolean;
  readonly reason?: string;
  readonly potentialNodes?: readonly string[];
  readonly candidates?: readonly {
    readonly node: string;
    readonly victims: readonly string[];
    readonly pdbViolations: number;
  }[];
  readonly rejected?: Readonly<Record<string, RecordedVerdict>>;
  readonly best?: readonly string[];
  readonly nominated?: string;
}

/** One pod and the decision on it. */
export interface RecordedStep {
  readonly before?: RecordedChange;
  readonly pod: Omit<Pod, 'kind' | 'apiVersion'>;
  readonly gated?: RecordedVerdict;
  readonly prefilter?: RecordedPreFilter | null;
  readonly filter?: Readonly<Record<string, RecordedVerdict>>;
  readonly via?: string;
  readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly best?: readonly string[];
  readonly bound?: string;
  readonly failure?: { readonly message: string; readonly error?: boolean; readonly postFilterError?: string };
  readonly preemption?: RecordedPreemption;
  readonly after?: RecordedChange;
}

/** One line of a file. */
export interface RecordedCase {
  readonly case: string;
  readonly family?: string;
  readonly version: string;
  readonly config: unknown;
  readonly objects: readonly KubeObject[];
  readonly steps: readonly RecordedStep[];
}
