/**
 * A cluster as objects, and the view that the reference path decides on: put objects in, take a snapshot's place.
 *
 * Pods with a node count there (also before the node is known, and after it is gone, without being seen); pods that have
 * ended count nowhere; pending pods count where they are nominated. Nodes stand in the order of the real scheduler's tree. Used where a whole cluster is given as objects: recorded
 * cases, dumps, explanations, tests.
 */
import type { DeviceGate, Release } from '../../types/device-gates.ts';
import type { Node } from '../../types/node.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import { NodeOrder, zoneOf } from '../nodes/node-order.ts';
import { Nominations } from '../preemption/nominations.ts';
import { ClusterObjects } from './cluster-objects.ts';
import type { ClusterView } from './cluster-view.ts';
import { ImageStates } from './image-states.ts';
import { NodeInfo } from './node-info.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';

/** The mutable cluster behind a view. */
export class PlainCluster implements ClusterView {
  readonly objects: ClusterObjects;
  readonly images = new ImageStates();
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #order = new NodeOrder('zone-round-robin');
  /** Names of the nodes by their place in {@link #order}, and the places by name. */
  readonly #names: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #pods = new Map<string, PodInfo>();
  readonly #nominations = new Nominations();
  /** The generation with which a node was last copied into a snapshot. */
  readonly #copied = new WeakMap<NodeInfo, number>();
  #list: readonly NodeInfo[] | null = null;

  /** `deviceGates`: feature gates of devices that are on. */
  constructor(deviceGates: readonly DeviceGate[] = [], release: Release = '1.34') {
    this.objects = new ClusterObjects(deviceGates, release);
  }

  get nodes(): readonly NodeInfo[] {
    this.#list ??= Array.from(this.#order.list.subarray(0, this.#order.count), (place) => this.#at(place));
    return this.#list;
  }

  #at(place: number): NodeInfo {
    return this.#nodes.get(this.#names[place] as string) as NodeInfo;
  }

  find(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }

  nominatedOn(nodeName: string): readonly PodInfo[] {
    return this.#nominations.on(nodeName);
  }

  /** A scheduling cycle begins: nodes that came or changed since the last one are copied (1.34.1, cache.go, UpdateSnapshot). */
  beginCycle(): void {
    for (const info of this.nodes) {
      if (this.#copied.get(info) === info.generation) continue;
      this.#copied.set(info, info.generation);
      this.images.tell(info.node);
    }
  }

  /** A pod by namespace and name. */
  pod(namespace: string, name: string): Pod | undefined {
    return this.#pods.get(`${namespace}/${name}`)?.pod;
  }

  /** Adds or replaces an object. @throws QuantityError, StatusError for what the API server would refuse. */
  put(object: KubeObject): void {
    if (object.kind === 'Node') this.#putNode(object as Node);
    else if (object.kind === 'Pod') this.#putPod(object as Pod);
    else this.objects.put(object);
  }

  /** Adds or replaces a pod that is held back before the queue: one that is new is nominated nowhere until it changes (1.34.1, scheduling_queue.go, moveToActiveQ). */
  putGated(pod: Pod): void {
    const { key } = podInfoOf(pod);
    const isNew = !this.#pods.has(key);
    this.#putPod(pod);
    if (isNew) this.#nominations.delete(key);
  }

  /** Removes an object; one that is not there is ignored. */
  delete(kind: string, namespace: string, name: string): void {
    if (kind === 'Node') this.#deleteNode(name);
    else if (kind === 'Pod') this.#deletePod(`${namespace}/${name}`);
    else this.objects.delete(kind, namespace, name);
  }

  #putNode(node: Node): void {
    const { name } = node.metadata;
    const before = this.#nodes.get(name);
    const info = before?.clone(node) ?? new NodeInfo(node);
    if (before === undefined)
      for (const pod of this.#pods.values()) if (pod.pod.spec.nodeName === name) info.addPod(pod);
    this.#nodes.set(name, info);
    const place = this.#places.get(name) ?? this.#names.push(name) - 1;
    this.#places.set(name, place);
    this.#order.put(place, name, zoneOf(node.metadata.labels ?? {}));
    this.images.put(before?.node, node);
    this.#list = null;
  }

  #deleteNode(name: string): void {
    const before = this.#nodes.get(name);
    if (before === undefined) return;
    this.#nodes.delete(name);
    this.#order.remove(this.#places.get(name) as number);
    this.images.remove(before.node);
    this.#list = null;
  }

  #putPod(pod: Pod): void {
    const info = podInfoOf(pod);
    this.#deletePod(info.key);
    if (isPodTerminal(pod)) return;
    this.#pods.set(info.key, info);
    this.#nominations.set(pod, nominationOf(pod));
    this.#nodes.get(pod.spec.nodeName ?? '')?.addPod(info);
  }

  #deletePod(key: string): void {
    const before = this.#pods.get(key);
    if (before === undefined) return;
    this.#pods.delete(key);
    this.#nominations.delete(key);
    this.#nodes.get(before.pod.spec.nodeName ?? '')?.removePod(before);
  }
}

/** Where a pending pod is nominated, `''` for nowhere. */
export function nominationOf({ spec, status }: Pod): string {
  return (spec.nodeName ?? '') === '' ? (status?.nominatedNodeName ?? '') : '';
}
