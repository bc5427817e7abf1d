/**
 * A node with its pods and their sums: what per-node plugins look at (kube-scheduler's NodeInfo).
 *
 * A dry run works on a clone; the sums always equal those of the pods listed. Order of the pods: order of arrival, and the last one takes the
 * place of one that goes (as upstream: among equally important victims the list decides).
 */
import { assert } from '../../base/assert.ts';
import { type HostPort, hostPortText, portsClash } from '../../types/host-ports.ts';
import type { Node } from '../../types/node.ts';
import type { StringMap } from '../../types/object.ts';
import type { PodInfo } from './pod-info.ts';
import { type Amounts, listAmounts } from './pod-resources.ts';

const NO_LABELS: StringMap = Object.freeze({});
const allocatables = new WeakMap<Node, Amounts>();

/** A node and the pods on it. */
export class NodeInfo {
  readonly node: Node;
  readonly name: string;
  readonly labels: StringMap;
  readonly allocatable: Amounts;
  pods: PodInfo[] = [];
  /** Grows with every pod that comes or goes. */
  generation = 0;
  nonZeroCpuMilli = 0;
  nonZeroMemoryBytes = 0;
  #requested = new Map<string, number>();
  /** A set, as upstream: when one of two pods with the same port goes, the port counts as free. */
  #ports = new Map<string, HostPort>();

  constructor(node: Node) {
    this.node = node;
    this.name = node.metadata.name;
    this.labels = node.metadata.labels ?? NO_LABELS;
    this.allocatable = allocatableOf(node);
  }

  /** Allocatable amount of a resource; 0 when the node does not have it. */
  allocatableOf(resource: string): number {
    return this.allocatable.get(resource) ?? 0;
  }

  /** Sum of the pods' real requests. */
  requestedOf(resource: string): number {
    return this.#requested.get(resource) ?? 0;
  }

  /** Whether a host port is taken. */
  clashes(wanted: HostPort): boolean {
    for (const used of this.#ports.values()) if (portsClash(wanted, used)) return true;
    return false;
  }

  addPod(info: PodInfo): void {
    this.generation++;
    this.pods.push(info);
    this.#charge(info, 1);
    for (const port of info.hostPorts) this.#ports.set(hostPortText(port), port);
  }

  /** Takes a pod off. It has to be there. */
  removePod(info: PodInfo): void {
    this.generation++;
    const index = this.pods.findIndex(({ key }) => key === info.key);
    assert(index >= 0, 'node info: the pod is on the node');
    const removed = this.pods[index] as PodInfo;
    this.#charge(removed, -1);
    for (const port of removed.hostPorts) this.#ports.delete(hostPortText(port));
    const last = this.pods.pop() as PodInfo;
    if (index < this.pods.length) this.pods[index] = last;
  }

  /** A copy that may be changed without touching this one; with the pods on a new version of the node, if one is given. */
  clone(node: Node = this.node): NodeInfo {
    const copy = new NodeInfo(node);
    copy.pods = [...this.pods];
    copy.nonZeroCpuMilli = this.nonZeroCpuMilli;
    copy.nonZeroMemoryBytes = this.nonZeroMemoryBytes;
    copy.#requested = new Map(this.#requested);
    copy.#ports = new Map(this.#ports);
    return copy;
  }

  #charge({ held }: PodInfo, sign: 1 | -1): void {
    for (const [name, amount] of held.requests) {
      this.#requested.set(name, (this.#requested.get(name) ?? 0) + sign * amount);
    }
    this.nonZeroCpuMilli += sign * held.nonZeroCpuMilli;
    this.nonZeroMemoryBytes += sign * held.nonZeroMemoryBytes;
  }
}

function allocatableOf(node: Node): Amounts {
  let amounts = allocatables.get(node);
  if (amounts === undefined) {
    amounts = listAmounts(node.status?.allocatable);
    allocatables.set(node, amounts);
  }
  return amounts;
}
