/**
 * What a pod asks for, in the three ways kube-scheduler counts it (Kubernetes 1.34, manual of pod requests):
 * `amounts` are the real requests (filter, balanced allocation, sums of the node); `score…` is the incoming pod in scoring
 * (containers only, 100m and 200Mi for each container without a request); `node…` is what it adds to the node's non-zero sums.
 */
export interface ResourceVector {
  /** Resource numbers with a positive request: ordinary ones by number, then extended ones by name; without `pods`. */
  readonly resources: Int32Array;
  /** Requested amounts, parallel to {@link resources}. */
  readonly amounts: Float64Array;
  /** Real requests of the resources every node has, 0 when absent. */
  readonly cpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  /** Whether any resource beyond cpu, memory and ephemeral-storage is requested. */
  readonly hasExtended: boolean;
  /** Incoming pod in scoring: millicores and bytes. */
  readonly scoreCpu: number;
  readonly scoreMemory: number;
  /** What the pod adds to the node's non-zero sums: millicores and bytes. */
  readonly nodeCpu: number;
  readonly nodeMemory: number;
}

/** The real request of one resource number, 0 when the pod does not ask for it. */
export function requestOf({ resources, amounts }: ResourceVector, resource: number): number {
  for (let i = 0; i < resources.length; i++) if (resources[i] === resource) return amounts[i] as number;
  return 0;
}
