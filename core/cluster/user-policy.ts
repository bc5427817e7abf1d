/**
 * A scheduling policy that a user wrote: a module with a scoring function, or one that chooses the node itself.
 *
 * It scores what passed the scheduler's own filters; scores are remembered until the node changes, so they must depend on the
 * pod and the node alone. Always: whatever a module does wrong (it throws, gives no number, names a node without room) is a
 * {@link PolicyFault} and ends the run: never a silent other placement.
 */
import type { NodeTable } from '../scheduler/nodes/node-table.ts';
import { CAPACITY, ROW } from '../scheduler/nodes/node-table.ts';
import { CPU, MEMORY, PODS } from '../scheduler/nodes/resource-names.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../scheduler/plugins/plugin.ts';
import type { PodShape } from '../scheduler/pods/pod-shape.ts';
import type { StringMap } from '../types/object.ts';
import type { PolicyModule, PolicyNode, PolicyPod } from './policy-module.ts';

/** Lines of a module's stack that are shown. */
const STACK_LINES_MAX = 6;

/** Something a policy module did wrong. */
export class PolicyFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PolicyFault';
  }
}

/** Views of all nodes of a table, by slot. */
export class PolicyNodes {
  readonly #table: NodeTable;
  readonly #views: PolicyNode[] = [];

  constructor(table: NodeTable) {
    this.#table = table;
  }

  /** The view of a slot. */
  at(slot: number): PolicyNode {
    const known = this.#views[slot];
    if (known !== undefined) return known;
    const view = new NodeView(this.#table, slot);
    this.#views[slot] = view;
    return view;
  }

  /** Views of all live nodes in search order. */
  all(): readonly PolicyNode[] {
    const { order } = this.#table;
    return Array.from({ length: order.count }, (_, i) => this.at(order.list[i] as number));
  }
}

/** Reads the columns at the moment of asking. */
class NodeView implements PolicyNode {
  readonly #table: NodeTable;
  readonly #slot: number;

  constructor(table: NodeTable, slot: number) {
    this.#table = table;
    this.#slot = slot;
  }

  get name(): string {
    return this.#table.names[this.#slot] as string;
  }

  get labels(): StringMap {
    return this.#table.labels[this.#slot] as StringMap;
  }

  get allocatableCpuMilli(): number {
    return this.#number(CAPACITY + CPU);
  }

  get allocatableMemoryBytes(): number {
    return this.#number(CAPACITY + MEMORY);
  }

  get allocatablePods(): number {
    return this.#number(CAPACITY + PODS);
  }

  get freeCpuMilli(): number {
    return this.#number(CAPACITY + CPU) - this.#number(CPU);
  }

  get freeMemoryBytes(): number {
    return this.#number(CAPACITY + MEMORY) - this.#number(MEMORY);
  }

  get podCount(): number {
    return this.#number(PODS);
  }

  get freeGpuMilli(): readonly number[] {
    const { gpus } = this.#table;
    const first = this.#slot * gpus.stride;
    return Array.from(gpus.free.subarray(first, first + (gpus.devices[this.#slot] as number)));
  }

  #number(column: number): number {
    return this.#table.rows[this.#slot * ROW + column] as number;
  }
}

/** The view of a pod. */
export function policyPod(request: PodRequest): PolicyPod {
  const { shape, group } = request.podClass;
  return viewOf(shape, group.namespace, group.labels);
}

function viewOf({ vector, gpu }: PodShape, namespace: string, labels: StringMap): PolicyPod {
  return Object.freeze({
    namespace,
    labels,
    cpuMilli: vector.cpu,
    memoryBytes: vector.memory,
    gpuCount: gpu?.count ?? 0,
    gpuMilli: gpu?.milli ?? 0,
  });
}

/** The score plugin of a module with `score`. */
export class UserScorePlugin implements ScorePlugin {
  readonly name: string;
  readonly normalizer: Normalizer = 'none';
  readonly #score: NonNullable<PolicyModule['score']>;
  readonly #nodes: PolicyNodes;

  constructor(name: string, score: NonNullable<PolicyModule['score']>, nodes: PolicyNodes) {
    this.name = name;
    this.#score = score;
    this.#nodes = nodes;
  }

  prepare(): boolean {
    return true;
  }

  score(request: PodRequest, _snapshot: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const pod = policyPod(request);
    for (let i = 0; i < count; i++) {
      const node = this.#nodes.at(slots[i] as number);
      const score = guarded(this.name, () => this.#score(pod, node));
      if (typeof score !== 'number' || !(score >= 0 && score <= 100)) {
        throw new PolicyFault(`policy ${this.name}: score(pod, ${node.name}) gave ${show(score)}, expected 0 to 100`);
      }
      out[i] = Math.trunc(score);
    }
  }
}

/** Asks a module with `place`. Returns the slot, −1 for none. `fits` says whether a slot passes the filters. */
export function userPlace(
  name: string,
  place: NonNullable<PolicyModule['place']>,
  request: PodRequest,
  table: NodeTable,
  nodes: PolicyNodes,
  fits: (slot: number) => boolean,
): number {
  const choice = guarded(name, () => place(policyPod(request), nodes.all()));
  if (choice === null) return -1;
  const slot = typeof choice === 'string' ? table.find(choice) : -1;
  if (slot < 0)
    throw new PolicyFault(`policy ${name}: place gave ${show(choice)}, expected the name of a node or null`);
  if (!fits(slot)) throw new PolicyFault(`policy ${name}: place chose ${show(choice)}, which does not fit the pod`);
  return slot;
}

function guarded<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const stack = error instanceof Error ? topOf(error.stack ?? error.message) : show(error);
    throw new PolicyFault(`policy ${name} threw ${stack}`, { cause: error });
  }
}

/** Message and first frames, down to the scheduler's own. */
function topOf(stack: string): string {
  const lines = stack.split('\n').slice(0, STACK_LINES_MAX);
  const own = lines.findIndex((line) => /\buser-policy\.[jt]s:/.test(line));
  return (own < 1 ? lines : lines.slice(0, own)).join('\n');
}

function show(value: unknown): string {
  if (value instanceof Object && 'then' in value) return 'a promise';
  try {
    return (typeof value === 'string' ? JSON.stringify(value) : String(value)).slice(0, 200);
  } catch {
    return typeof value;
  }
}
