/**
 * The types of a scheduling policy that a user writes, published as `seatrial/policy`.
 *
 * Always: no import, so that the declarations stand alone wherever the package is installed.
 */

/** What a module's default export is. It has `score` or `place`. */
export interface PolicyModule {
  /** Shown in reports; default: the file's name. */
  readonly name?: string;
  /** A number from 0 to 100, the higher the better; fractions are cut off. Called only for nodes that fit the pod. */
  readonly score?: (pod: PolicyPod, node: PolicyNode) => number;
  /** Name of the node for the pod, `null` to leave it unplaced. Gets all nodes; the choice must fit. */
  readonly place?: (pod: PolicyPod, nodes: readonly PolicyNode[]) => string | null;
}

/** The pod to be placed. */
export interface PolicyPod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** Number of GPUs, and thousandths of each (1000 = a whole one). */
  readonly gpuCount: number;
  readonly gpuMilli: number;
}

/** A node as it is now; a view: read it, do not keep it. */
export interface PolicyNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatableCpuMilli: number;
  readonly allocatableMemoryBytes: number;
  readonly allocatablePods: number;
  readonly freeCpuMilli: number;
  readonly freeMemoryBytes: number;
  readonly podCount: number;
  /** Free thousandths of each GPU. */
  readonly freeGpuMilli: readonly number[];
}
