/**
 * A workload trace: nodes, pods in the order of their file, and when pods came and went.
 *
 * Plain data; amounts as the trace has them (thousandths of a core, MiB, thousandths of a GPU), times in seconds from the
 * start of the trace.
 */

/** A node of a trace. */
export interface TraceNode {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly gpus: number;
  /** GPU model; '' = none. */
  readonly model: string;
}

/** A pod of a trace. */
export interface TracePod {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMib: number;
  /** Number of GPUs. */
  readonly gpus: number;
  /** Thousandths of each GPU, 1000 = a whole one, 0 without GPU. */
  readonly gpuMilli: number;
  /** Allowed GPU models joined with `|`; '' = any. */
  readonly gpuSpec: string;
  /** When it was created and deleted, s; null where the trace does not say. */
  readonly creationS: number | null;
  readonly deletionS: number | null;
}

/** Nodes and pods. */
export interface Trace {
  /** What reports call it. */
  readonly name: string;
  /** Where it is from, one line. */
  readonly source: string;
  readonly nodes: readonly TraceNode[];
  readonly pods: readonly TracePod[];
}

/** Thousandths of GPUs that a pod asks for in all. */
export function gpuMilliOf({ gpus, gpuMilli }: TracePod): number {
  return gpus * gpuMilli;
}

/** Thousandths of all GPUs of the nodes. */
export function gpuMilliOfNodes(nodes: readonly TraceNode[]): number {
  return nodes.reduce((sum, { gpus }) => sum + gpus * 1000, 0);
}
