/** Where triggers and predicates may listen in the scheduler, which of its rules can be weakened, and its rare paths. */
import { defineBug, defineCounter, defineMark, definePoint } from '../sim/registry.ts';
import type { Node } from '../types/node.ts';
import type { Pod } from '../types/pod.ts';
import type { NodeTable } from './nodes/node-table.ts';
import { requestOf } from './nodes/resource-vector.ts';
import type { PodClass } from './pods/pod-shape.ts';

/** A cycle has looked for a node; the subject is a {@link Search}. */
export const POINT_SEARCH = definePoint('scheduler.search', 'a scheduling cycle has looked for a node');
/** A node was chosen and the pod counts there from now on; the subject is a {@link Placement}. */
export const POINT_ASSUME = definePoint(
  'scheduler.assume',
  'the scheduler has chosen a node and assumes the pod there',
);
/** The binding is about to be sent; the subject is a {@link Placement}. */
export const POINT_BIND = definePoint('scheduler.bind', 'the scheduler sends a binding');
/** The scheduler believes that the pod is bound; the subject is a {@link Believed}. */
export const POINT_BOUND = definePoint('scheduler.bound', 'a binding has succeeded in the scheduler’s eyes');
/** A cycle found no node; the subject is a {@link Unplaced}. */
export const POINT_UNSCHEDULABLE = definePoint('scheduler.unschedulable', 'a scheduling cycle found no node');

/** Preemption has chosen a node; the subject is a {@link Nominated}. */
export const POINT_NOMINATE = definePoint('scheduler.nominate', 'preemption has chosen a node and its victims');

/** The extension point that a fault may fail. */
export const EXTENSION_POINTS = ['Filter', 'Score', 'Reserve', 'Permit', 'PreBind'] as const;
export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

/** A pod gets to an extension point; the subject is an {@link Extension}, an interceptor may answer with the name of a plugin that fails there. */
export const POINT_PLUGIN = definePoint(
  'scheduler.plugin',
  'a pod gets to an extension point; a fault may let a plugin fail there',
);

export const BUG_IGNORES_ASSUMED = defineBug(
  'scheduler.ignores-assumed',
  'pods that are assumed but not yet seen as bound do not count on their node',
);
export const BUG_IGNORES_TAINTS = defineBug('scheduler.ignores-taints', 'taints do not keep pods off a node');
export const BUG_PREEMPTS_EQUALS = defineBug(
  'scheduler.preempts-equals',
  'preemption also takes pods of the same priority',
);
export const BUG_KEEPS_NOMINATIONS = defineBug(
  'scheduler.keeps-nominations',
  'a pod that preemption cannot help any more keeps its nominated node',
);
export const BUG_SLEEPS_THROUGH_EVENTS = defineBug(
  'scheduler.sleeps-through-events',
  'unschedulable pods are not woken by what happens in the cluster',
);
export const BUG_BINDS_AGAIN = defineBug(
  'scheduler.binds-again',
  'after a binding whose outcome is unknown another node is chosen and a conflict there counts as success',
);

export const BUG_DROPS_FAILED_BINDINGS = defineBug(
  'scheduler.drops-failed-bindings',
  'a pod whose binding failed is not queued again',
);
export const BUG_SEARCHES_FROM_START = defineBug(
  'scheduler.searches-from-start',
  'every search begins at the first node: under sampling the last nodes get no pods',
);

export const BUG_TAKES_FIRST = defineBug(
  'scheduler.takes-first',
  'the first node that is feasible is taken, whatever the scores of the others',
);

export const BUG_COUNTS_OWN_PODS = defineBug(
  'scheduler.counts-own-pods',
  'a pod that somebody else has bound does not count on its node',
);
export const BUG_MISSES_LABELS = defineBug(
  'scheduler.misses-labels',
  'a change of nothing but the labels of a node is not taken in',
);

export const BUG_FORGETS_ALLOCATIONS = defineBug(
  'scheduler.forgets-allocations',
  'devices whose allocation is decided and not yet written count as free',
);

export const MARK_BIND_OUTCOME_UNKNOWN = defineMark(
  'scheduler.bind-outcome-unknown',
  'a binding was sent and never answered',
);
export const MARK_BIND_CONFLICT = defineMark(
  'scheduler.bind-conflict',
  'a binding was refused because the pod has a node',
);
export const MARK_ASSUMED_ELSEWHERE = defineMark(
  'scheduler.assumed-elsewhere',
  'a pod turned out to be bound to another node',
);

export const COUNT_CYCLES = defineCounter('scheduler.cycles', 'scheduling cycles that looked for a node');
export const COUNT_NODES_EXAMINED = defineCounter(
  'scheduler.nodes-examined',
  'nodes that kube-scheduler would have filtered in these cycles',
);
export const COUNT_NODES_EVALUATED = defineCounter(
  'scheduler.nodes-evaluated',
  'nodes really filtered or scored: less than examined where totals are cached',
);

/** Subject of {@link POINT_SEARCH}; the same object each time. */
export interface Search {
  /** The scheduler instance. */
  readonly scheduler: object;
  /** Position in the search order where it began, and nodes that were examined. */
  start: number;
  examined: number;
  nodeCount: number;
  /** Priorities of the pod that it is for, and of the one that comes next; −∞ where none waits. */
  priority: number;
  nextPriority: number;
  /** Whether the path that defines what is right could have chosen the same; to be asked at once. */
  readonly agrees: () => boolean;
}

/** Subject of {@link POINT_PLUGIN}. */
export interface Extension {
  readonly point: ExtensionPoint;
  readonly pod: Pod;
}

/** Subject of {@link POINT_UNSCHEDULABLE}. */
export interface Unplaced {
  readonly pod: Pod;
  readonly message: string;
}

/** Subject of {@link POINT_NOMINATE}; victims: the most important first. */
export interface Nominated {
  readonly pod: Pod;
  readonly nodeName: string;
  readonly victims: readonly { readonly key: string; readonly pod: Pod }[];
}

/** Subject of {@link POINT_BOUND}. */
export interface Believed {
  readonly pod: Pod;
  readonly nodeName: string;
}

/** A pod on a node that the scheduler has not counted yet (only under {@link BUG_IGNORES_ASSUMED}). */
export interface Uncounted {
  readonly slot: number;
  readonly podClass: PodClass;
}

/** A placement and the node's row in the scheduler's view. Valid during the call only; amounts in the table's units. */
export class Placement {
  readonly nodes: NodeTable;
  pod!: Pod;
  podClass!: PodClass;
  slot = -1;
  readonly #uncounted: ReadonlyMap<number, Uncounted>;

  constructor(nodes: NodeTable, uncounted: ReadonlyMap<number, Uncounted>) {
    this.nodes = nodes;
    this.#uncounted = uncounted;
  }

  get nodeName(): string {
    return this.nodes.names[this.slot] as string;
  }

  /** The node as the scheduler knows it; `null` when it is gone. */
  get node(): Node | null {
    return this.nodes.nodes[this.slot] ?? null;
  }

  /** Allocatable of a resource, 0 when the node is not there any more. */
  allocatable(resource: string): number {
    return this.nodes.allocatableOf(this.slot, this.nodes.resources.intern(resource));
  }

  /** Sum of the pods that the scheduler has placed here, this one included. `pods` is their number. */
  requestedAfter(resource: string): number {
    const id = this.nodes.resources.intern(resource);
    let sum = this.nodes.requestedOf(this.slot, id);
    for (const { slot, podClass } of this.#uncounted.values()) {
      if (slot === this.slot) sum += resource === 'pods' ? 1 : requestOf(podClass.shape.vector, id);
    }
    return sum;
  }

  /** The same without this pod. */
  requestedBefore(resource: string): number {
    const own = resource === 'pods' ? 1 : requestOf(this.podClass.shape.vector, this.nodes.resources.intern(resource));
    return this.requestedAfter(resource) - own;
  }
}
