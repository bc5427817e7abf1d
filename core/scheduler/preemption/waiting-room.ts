/**
 * Room that nominated pods wait for, as the columns can take it into account: where nothing but resources is at stake, a node is feasible for a
 * pod only if it fits beside the waiting pods of at least its importance (Kubernetes 1.34, RunFilterPluginsWithNominatedPods).
 */
import type { PodInfo } from '../framework/pod-info.ts';
import type { ResourceVector } from '../nodes/resource-vector.ts';
import type { PodRequest, Snapshot } from '../plugins/plugin.ts';
import { podKey } from '../pods/pod-key.ts';
import type { ShapeTable } from '../pods/shape-table.ts';
import type { Nominations } from './nominations.ts';

/** A node that pods wait for, and what they will take. */
export interface Waiting {
  readonly slot: number;
  readonly vectors: readonly ResourceVector[];
}

/** What was found last, for pods that wait for no node themselves. */
interface Found {
  readonly version: number;
  readonly nodesVersion: number;
  readonly priority: number;
  readonly found: readonly Waiting[] | null;
}

/** What was held last: for one list of those that wait, seen by pods of one shape under one profile. */
interface Held {
  readonly waiting: readonly Waiting[];
  readonly shapeId: number;
  readonly paths: object;
  readonly specVersion: number;
  /** Head of the change log: nodes touched since are asked again. */
  readonly seen: number;
  readonly slots: readonly number[];
}

/** Looks up who waits. */
export class WaitingRoom {
  readonly #snapshot: Snapshot;
  readonly #shapes: ShapeTable;
  readonly #nominations: Nominations;
  #last: Found | null = null;
  #lastHeld: Held | null = null;
  readonly #vectors = new WeakMap<PodInfo, ResourceVector>();

  constructor(snapshot: Snapshot, shapes: ShapeTable, nominations: Nominations) {
    this.#snapshot = snapshot;
    this.#shapes = shapes;
    this.#nominations = nominations;
  }

  /** Nodes that others wait for, as far as it concerns a pod; `null` when more than resources is at stake. */
  against({ pod, podClass }: PodRequest): readonly Waiting[] | null {
    const { shape, group } = podClass;
    if (pod === undefined || shape.hostPorts.length > 0 || shape.gpu !== null || shape.hardSpread.length > 0)
      return null;
    if (shape.requiredAffinity.length + shape.requiredAntiAffinity.length > 0) return null;
    if (this.#snapshot.carried.selecting(group).length > 0) return null;
    const { priority = 0 } = pod.spec;
    const { version } = this.#nominations;
    const nodesVersion = this.#snapshot.nodes.order.version;
    const key = podKey(pod);
    if (this.#nominations.nodeOf(key) !== '') return this.#contesting(priority, key);
    const last = this.#last;
    if (last?.version === version && last.nodesVersion === nodesVersion && last.priority === priority)
      return last.found;
    const found = this.#contesting(priority, key);
    this.#last = { version, nodesVersion, priority, found };
    return found;
  }

  /** Nodes that other pods of at least this priority wait for; `null` when one of these keeps pods off that it selects. */
  #contesting(least: number, own: string): readonly Waiting[] | null {
    const found: Waiting[] = [];
    for (const [nodeName, waiting] of this.#nominations.byNode) {
      const slot = this.#snapshot.nodes.find(nodeName);
      const contesting = waiting.filter(({ priority, key }) => priority >= least && key !== own);
      if (slot < 0 || contesting.length === 0) continue;
      if (contesting.some((other) => other.requiredAntiAffinity.length > 0)) return null;
      found.push({ slot, vectors: contesting.map((other) => this.#vectorOf(other)) });
    }
    return found;
  }

  /**
   * Nodes on which pods of a shape have no room beside those that wait; `hasRoom` asks about a node as it is, under the profile that `paths`
   * stands for.
   */
  heldAgainst(
    waiting: readonly Waiting[],
    shapeId: number,
    paths: object,
    hasRoom: (slot: number) => boolean,
  ): readonly number[] {
    const { nodes } = this.#snapshot;
    const last = this.#lastHeld;
    if (last?.waiting === waiting && last.shapeId === shapeId && last.paths === paths && this.#stillHolds(last)) {
      return last.slots;
    }
    const slots = waiting.flatMap(({ slot, vectors }) => {
      for (const vector of vectors) nodes.borrow(slot, vector, 1);
      const fits = hasRoom(slot);
      for (const vector of vectors) nodes.borrow(slot, vector, -1);
      return fits ? [] : [slot];
    });
    this.#lastHeld = { waiting, shapeId, paths, specVersion: nodes.specVersion, seen: nodes.changes.head, slots };
    return slots;
  }

  /** Whether no node that somebody waits for has changed since. */
  #stillHolds({ waiting, specVersion, seen }: Held): boolean {
    const { lastChange, specVersion: now } = this.#snapshot.nodes;
    return now === specVersion && waiting.every(({ slot }) => (lastChange[slot] as number) < seen);
  }

  #vectorOf(info: PodInfo): ResourceVector {
    const known = this.#vectors.get(info);
    if (known !== undefined) return known;
    const { vector } = this.#shapes.intern(info.pod).shape;
    this.#snapshot.nodes.reserveResources();
    this.#vectors.set(info, vector);
    return vector;
  }
}
