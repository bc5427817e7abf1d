/**
 * A cluster and a workload as bounds see them: classes of nodes that can host the same kinds of pods, with what is free on all nodes of
 * a class together.
 *
 * Always a relaxation: nodes of a class are one large node, devices one pool, spreading and affinity between pods are left out. What
 * cannot be placed here cannot be placed by any policy.
 */
import { freeOf, hostingState, namesNodes, packingResources, requestOf } from '../../core/cluster/placement-packing.ts';
import type { PreparedRun } from './experiment-input.ts';

/** Resources by number, kinds by number, classes by number. */
export interface PackingModel {
  readonly resourceCount: number;
  /** What a pod of a kind takes of each resource. */
  readonly requests: readonly Float64Array[];
  readonly classes: readonly NodeClass[];
}

/** Nodes that can host the same kinds. */
export interface NodeClass {
  /** Whether a kind may run here. */
  readonly hosts: Uint8Array;
  /** Free amounts by resource. */
  readonly free: Float64Array;
}

/** The model of the cluster as it is now, or of some of its nodes (slots); `hosting`: which kinds nodes can host, filled here and shared by models of one moment. */
export function packingModel(
  { placement, workload }: PreparedRun,
  slots?: readonly number[],
  hosting = new Map<string, Uint8Array>(),
): PackingModel {
  const { kinds } = workload;
  const resources = packingResources(placement, kinds.length);
  const named = namesNodes(kinds);
  const classes = new Map<string, NodeClass>();
  for (const slot of slots ?? workload.nodes.map((_, index) => index)) {
    const state = hostingState(placement, slot, named);
    const hosts = hosting.get(state) ?? Uint8Array.from(kinds, (_, kind) => (placement.couldHost(kind, slot) ? 1 : 0));
    hosting.set(state, hosts);
    const key = hosts.join('');
    const free = freeOf(placement, slot, resources);
    const found = classes.get(key);
    if (found === undefined) classes.set(key, { hosts, free });
    else for (let r = 0; r < resources.length; r++) found.free[r] = (found.free[r] as number) + (free[r] as number);
  }
  return {
    resourceCount: resources.length,
    requests: kinds.map((_, kind) => requestOf(placement, kind, resources)),
    classes: [...classes.values()],
  };
}

/** How many pods of each kind a list of rows holds. */
export function countsOf({ workload }: PreparedRun, rows: Iterable<number>): Float64Array {
  const counts = new Float64Array(workload.kinds.length);
  for (const row of rows) {
    const kind = workload.kindOf[row] as number;
    counts[kind] = (counts[kind] as number) + 1;
  }
  return counts;
}
