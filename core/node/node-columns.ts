/**
 * All nodes in columns: identity, capacity, what is used, and the few objects a kubelet keeps.
 *
 * The only per-node objects are the client (with its connection), the pod reflector, and references to the Node and Lease last seen.
 */
import { NO_INT32 } from '../base/grow.ts';
import { NameIndex } from '../base/name-index.ts';
import type { ConnectionClient } from '../client/connection-client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Reflector } from '../client/reflector.ts';
import type { Pid } from '../sim/process.ts';
import type { Lease } from '../types/lease.ts';
import type { Node } from '../types/node.ts';
import { resourceAmounts } from '../types/pod-requests.ts';
import { nodeAddress } from './addresses.ts';
import type { FleetNode } from './options.ts';

/** How far a kubelet is. */
export const NODE_DOWN = 0;
export const NODE_REGISTERING = 1;
export const NODE_UP = 2;

export class NodeColumns {
  readonly count: number;
  readonly description: readonly FleetNode[];
  readonly pid: Int32Array;
  readonly state: Uint8Array;
  readonly cpuMilli: Float64Array;
  readonly memoryBytes: Float64Array;
  readonly ephemeralBytes: Float64Array;
  readonly podsMax: Int32Array;
  readonly usedCpuMilli: Float64Array;
  readonly usedMemoryBytes: Float64Array;
  readonly usedEphemeralBytes: Float64Array;
  readonly usedPods: Int32Array;
  /** Local time at which the node status was sent last, µs. */
  readonly statusSentUs: Float64Array;
  /** A status write is under way; a lease renewal is under way. */
  readonly statusWriting: Uint8Array;
  readonly leaseWriting: Uint8Array;
  readonly addressText: string[] = [];
  readonly client: (ConnectionClient | null)[] = [];
  readonly recorder: (EventRecorder | null)[] = [];
  readonly podReflector: (Reflector | null)[] = [];
  readonly nodeReflector: (Reflector | null)[] = [];
  readonly object: (Node | null)[] = [];
  readonly lease: (Lease | null)[] = [];
  readonly #names: readonly string[];
  readonly #byName: NameIndex;
  #ofPid = NO_INT32;

  constructor(nodes: readonly FleetNode[]) {
    const n = nodes.length;
    this.count = n;
    this.description = nodes;
    this.#names = nodes.map(({ name }) => name);
    this.#byName = new NameIndex(this.#names);
    this.pid = new Int32Array(n).fill(-1);
    this.state = new Uint8Array(n);
    this.cpuMilli = new Float64Array(n);
    this.memoryBytes = new Float64Array(n);
    this.ephemeralBytes = new Float64Array(n);
    this.podsMax = new Int32Array(n);
    this.usedCpuMilli = new Float64Array(n);
    this.usedMemoryBytes = new Float64Array(n);
    this.usedEphemeralBytes = new Float64Array(n);
    this.usedPods = new Int32Array(n);
    this.statusSentUs = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
    this.statusWriting = new Uint8Array(n);
    this.leaseWriting = new Uint8Array(n);
    for (let node = 0; node < n; node++) this.#describe(node, nodes[node] as FleetNode);
  }

  #describe(node: number, { allocatable }: FleetNode): void {
    const amounts = resourceAmounts(allocatable);
    this.cpuMilli[node] = amounts.get('cpu') ?? 0;
    this.memoryBytes[node] = amounts.get('memory') ?? 0;
    this.ephemeralBytes[node] = amounts.get('ephemeral-storage') ?? Number.POSITIVE_INFINITY;
    this.podsMax[node] = amounts.get('pods') ?? 110;
    this.addressText.push(nodeAddress(node));
    this.client.push(null);
    this.recorder.push(null);
    this.podReflector.push(null);
    this.nodeReflector.push(null);
    this.object.push(null);
    this.lease.push(null);
    this.#byName.add(node);
  }

  /** The node's index, −1 for a name that is not ours. */
  indexOf(name: string): number {
    return this.#byName.find(name);
  }

  nameOf(node: number): string {
    return this.#names[node] as string;
  }

  /** Names the process of a node. */
  setPid(node: number, pid: Pid): void {
    this.pid[node] = pid;
    if (pid >= this.#ofPid.length) {
      const grown = new Int32Array(Math.max(pid + 1, this.#ofPid.length * 2)).fill(-1);
      grown.set(this.#ofPid);
      this.#ofPid = grown;
    }
    this.#ofPid[pid] = node;
  }

  /** The node that a process serves, −1 for other processes. */
  ofPid(pid: Pid): number {
    return this.#ofPid[pid] ?? -1;
  }
}
