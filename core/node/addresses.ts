/**
 * IPv4 addresses of nodes and pods.
 *
 * Each node has a block of its own in 10.128.0.0/9 and above and hands addresses out in turn, as the host-local CNI plugin does, so an
 * address comes back only after all others of the block were used. O(pods of the node) an allocation, one number a node.
 */
import { NodeOutages } from './outages.ts';

const POD_BASE = 10 * 0x1000000 + 128 * 0x10000;
const NODE_BASE = 172 * 0x1000000 + 16 * 0x10000;

/** A 32-bit number as dotted text. */
export function ipText(address: number): string {
  const byte = (shift: number): number => Math.floor(address / 2 ** shift) % 256;
  return `${byte(24)}.${byte(16)}.${byte(8)}.${byte(0)}`;
}

/** The address of a node's own interface. */
export function nodeAddress(node: number): string {
  return ipText(NODE_BASE + 2 + node);
}

/** Blocks of pod addresses, one a node. */
export class PodAddresses {
  readonly #bits: number;
  readonly #next: Int32Array;
  /** Nodes whose blocks have nothing left for want of what a fault took. */
  readonly outages = new NodeOutages();
  /** How often a pod got no address. */
  refused = 0;

  /** `podsMax`: most pods one node may hold; a block has at least twice as many addresses. */
  constructor(nodes: number, podsMax: number) {
    let bits = 8;
    while (2 ** bits < 2 * podsMax + 4) bits++;
    this.#bits = bits;
    this.#next = new Int32Array(nodes);
  }

  /** Next free address of `node`, 0 when there is none. `inUse` tells whether an address is taken; `lowest` skips the turn. */
  allocate(node: number, inUse: (address: number) => boolean, lowest = false): number {
    const usable = this.outages.has(node) ? 0 : 2 ** this.#bits - 3;
    const base = POD_BASE + node * 2 ** this.#bits + 2;
    const first = lowest ? 0 : (this.#next[node] as number);
    for (let tries = 0; tries < usable; tries++) {
      const at = (first + tries) % usable;
      if (inUse(base + at)) continue;
      this.#next[node] = (at + 1) % usable;
      return base + at;
    }
    this.refused++;
    return 0;
  }
}
