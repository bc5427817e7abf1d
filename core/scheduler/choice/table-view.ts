/**
 * The node table as the reference framework wants to see it: nodes with their pods as objects.
 *
 * Made node by node when somebody looks, and kept until the table's change log (or a new version of a pod) says that a node
 * changed. A pod without an object of its own is shown as an equal of its class. Cost: O(changed nodes) a use, O(nodes) after
 * a node itself came, changed or went.
 */
import { assert } from '../../base/assert.ts';
import type { Node } from '../../types/node.ts';
import type { Pod } from '../../types/pod.ts';
import type { ClusterObjects } from '../framework/cluster-objects.ts';
import type { ClusterView } from '../framework/cluster-view.ts';
import type { ImageStates } from '../framework/image-states.ts';
import { NodeInfo } from '../framework/node-info.ts';
import { type PodInfo, podInfoOf } from '../framework/pod-info.ts';
import type { Snapshot } from '../plugins/plugin.ts';
import type { ShapeTable } from '../pods/shape-table.ts';
import type { Nominations } from '../preemption/nominations.ts';

/** A view that follows the node table. */
export class TableView implements ClusterView {
  readonly objects: ClusterObjects;
  readonly images: ImageStates;
  readonly #snapshot: Snapshot;
  readonly #shapes: ShapeTable;
  readonly #nominations: Nominations;
  readonly #infos: (NodeInfo | undefined)[] = [];
  readonly #stale = new Set<number>();
  #seen = 0;
  #specSeen = -1;
  #orderSeen = -1;
  #list: readonly NodeInfo[] = [];
  #listStale = true;

  constructor(snapshot: Snapshot, shapes: ShapeTable, objects: ClusterObjects, nominations: Nominations) {
    this.#snapshot = snapshot;
    this.#shapes = shapes;
    this.objects = objects;
    this.images = snapshot.images;
    this.#nominations = nominations;
    snapshot.pods.staleSlots = this.#stale;
  }

  /** All nodes in search order. Call {@link update} first. */
  get nodes(): readonly NodeInfo[] {
    if (this.#listStale) {
      const { nodes } = this.#snapshot;
      this.#list = Array.from(nodes.order.list.subarray(0, nodes.nodeCount), (slot) => this.at(slot));
      this.#listStale = false;
    }
    return this.#list;
  }

  find(name: string): NodeInfo | undefined {
    const { nodes } = this.#snapshot;
    const slot = nodes.find(name);
    return slot < 0 || nodes.live[slot] === 0 ? undefined : this.at(slot);
  }

  nominatedOn(nodeName: string): readonly PodInfo[] {
    return this.#nominations.on(nodeName);
  }

  /** The node of a slot in the search order. */
  at(slot: number): NodeInfo {
    let info = this.#infos[slot];
    if (info === undefined) {
      info = this.#make(slot);
      while (this.#infos.length < slot) this.#infos.push(undefined);
      this.#infos[slot] = info;
    }
    return info;
  }

  /** Catches up with the table; before each cycle. */
  update(): void {
    const { nodes } = this.#snapshot;
    const log = nodes.changes;
    const behind = log.head - this.#seen;
    if (this.#specSeen !== nodes.specVersion || this.#orderSeen !== nodes.order.version || behind > log.size) {
      this.#infos.length = 0;
      this.#listStale = true;
    } else {
      for (let entry = this.#seen; entry < log.head; entry++) {
        this.#forget(log.slots[entry & log.mask] as number);
      }
      for (const slot of this.#stale) this.#forget(slot);
    }
    this.#stale.clear();
    this.#specSeen = nodes.specVersion;
    this.#orderSeen = nodes.order.version;
    this.#seen = log.head;
  }

  #forget(slot: number): void {
    if (this.#infos[slot] === undefined) return;
    this.#infos[slot] = undefined;
    this.#listStale = true;
  }

  #make(slot: number): NodeInfo {
    const { nodes, pods } = this.#snapshot;
    const node = nodes.nodes[slot] as Node | null;
    assert(node !== null, 'table view: only live nodes are looked at');
    const info = new NodeInfo(node);
    const rows: number[] = [];
    for (let row = nodes.firstPod[slot] as number; row >= 0; row = pods.nextOf(row)) rows.push(row);
    for (const row of rows.reverse()) info.addPod(podInfoOf(this.#podOf(row)));
    return info;
  }

  #podOf(row: number): Pod {
    const known = this.#snapshot.pods.objectOf(row);
    if (known !== undefined) return known;
    const sample = this.#shapes.sampleOf(this.#snapshot.pods.classOf(row));
    const terminating = this.#snapshot.pods.isTerminating(row);
    const metadata = {
      ...sample.metadata,
      name: `${sample.metadata.name}-row-${row}`,
      ...(terminating ? { deletionTimestamp: sample.metadata.deletionTimestamp ?? '1970-01-01T00:00:00Z' } : {}),
    };
    const pod: Pod = { ...sample, metadata };
    this.#snapshot.pods.setObject(row, pod);
    return pod;
  }
}
