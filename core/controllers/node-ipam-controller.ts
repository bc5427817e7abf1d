/**
 * The node IPAM controller: gives each node a /24 of the cluster's pod range.
 *
 * Ranges are handed out in turn (the next free one after the last given, wrapping around) and come back when a node is deleted, so
 * that a range is not given again at once. Source: Kubernetes 1.34 pkg/controller/nodeipam/ipam (range allocator, cidrset).
 */
import { assert } from '../base/assert.ts';
import { Bitset } from '../base/bitset.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import type { Informer } from '../client/informer.ts';
import { defineMark } from '../sim/registry.ts';
import type { Wait } from '../sim/task.ts';
import type { Node } from '../types/node.ts';
import { NODES } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import type { Controller } from './controller.ts';
import type { ControllerScope } from './controller-scope.ts';
import { numberSetting, textSetting } from './settings.ts';

const MARK_EXHAUSTED = defineMark('node-ipam-exhausted', 'a node got no pod range because all were given out');

/** The blocks of `2^(32 − blockBits)` addresses within an IPv4 range. */
export class CidrSet {
  readonly size: number;
  readonly #base: number;
  readonly #blockBits: number;
  readonly #used: Bitset;
  #next = 0;
  #count = 0;

  /** `range` as `10.244.0.0/14`, `blockBits` the mask of a block, e.g. 24. Asserts that the range is sound. */
  constructor(range: string, blockBits: number) {
    const [base, bits] = parseRange(range);
    assert(
      bits <= blockBits && blockBits <= 32 && blockBits - bits <= 20,
      `pod range ${range} and /${blockBits} do not fit`,
    );
    this.#base = base;
    this.#blockBits = blockBits;
    this.size = 2 ** (blockBits - bits);
    this.#used = new Bitset(this.size);
  }

  /** The next free block, undefined when there is none. */
  allocate(): string | undefined {
    if (this.#count === this.size) return undefined;
    while (this.#used.has(this.#next)) this.#next = (this.#next + 1) % this.size;
    const index = this.#next;
    this.#next = (index + 1) % this.size;
    this.#used.add(index);
    this.#count++;
    return this.#textOf(index);
  }

  /** Takes a block that a node already has; false when it is no block of this range. */
  occupy(block: string): boolean {
    const index = this.#indexOf(block);
    if (index < 0) return false;
    if (!this.#used.has(index)) this.#count++;
    this.#used.add(index);
    return true;
  }

  /** Gives a block back. */
  release(block: string): void {
    const index = this.#indexOf(block);
    if (index < 0 || !this.#used.has(index)) return;
    this.#used.delete(index);
    this.#count--;
  }

  #indexOf(block: string): number {
    const [base, bits] = parseRange(block);
    const offset = (base - this.#base) / 2 ** (32 - this.#blockBits);
    return bits === this.#blockBits && Number.isInteger(offset) && offset >= 0 && offset < this.size ? offset : -1;
  }

  #textOf(index: number): string {
    const address = this.#base + index * 2 ** (32 - this.#blockBits);
    const byte = (shift: number): number => Math.floor(address / 2 ** shift) % 256;
    return `${byte(24)}.${byte(16)}.${byte(8)}.${byte(0)}/${this.#blockBits}`;
  }
}

function parseRange(range: string): readonly [base: number, bits: number] {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(range);
  if (parts === null) return [-1, 33];
  const bytes = parts.slice(1, 5).map(Number);
  const bits = Number(parts[5]);
  if (bits > 32 || bytes.some((byte) => byte > 255)) return [-1, 33];
  return [bytes.reduce((sum, byte) => sum * 256 + byte, 0), bits];
}

interface Parts {
  readonly scope: ControllerScope;
  readonly set: CidrSet;
  readonly nodes: Informer<Node>;
  readonly recorder: EventRecorder;
  /** What nodes were given while the informer does not show it yet. */
  readonly given: Map<number, string>;
}

function* sync({ scope, set, nodes, recorder, given }: Parts, id: number): Generator<Wait, void, unknown> {
  const node = nodes.get(id);
  if (node === undefined || node.spec?.podCIDR !== undefined) return;
  const { name } = node.metadata;
  const podCIDR = given.get(id) ?? set.allocate();
  if (podCIDR === undefined) {
    scope.ctx.mark(MARK_EXHAUSTED);
    recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
    throw StatusError.internalError('failed to allocate cidr: range is full');
  }
  // The informer may be behind an earlier patch of this node: it gets the same range again, never a second one.
  given.set(id, podCIDR);
  try {
    const patch = { spec: { podCIDR, podCIDRs: [podCIDR] } };
    yield* scope.client.patch(NODES, '', name, patch, 'strategic');
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.isNotFound) {
      given.delete(id);
      set.release(podCIDR);
      return;
    }
    throw error;
  }
}

/**
 * The node IPAM controller. Settings (`node-ipam-controller`): `clusterCidr` '10.244.0.0/14' ('' = no ranges are given out),
 * `nodeMask` 24.
 */
export const nodeIpamController: Controller = {
  name: 'node-ipam-controller',
  register: (scope) => {
    const range = textSetting(scope, 'clusterCidr', '10.244.0.0/14');
    if (range === '') return;
    const set = new CidrSet(range, numberSetting(scope, 'nodeMask', 24));
    const nodes = scope.informer<Node>(NODES);
    const events = { component: 'cidrAllocator', enabled: scope.manager.options.events ?? true };
    const recorder = new EventRecorder(scope.client.connection, events, scope.manager.library);
    const given = new Map<number, string>();

    const queue = scope.queue({
      name: 'node-ipam',
      type: NODES,
      workers: 30,
      reconcile: (id) => sync({ scope, set, nodes, recorder, given }, id),
    });
    const check = (id: number, node: Node): void => {
      const block = node.spec?.podCIDR;
      if (block === undefined) {
        queue.add(id);
        return;
      }
      given.delete(id);
      set.occupy(block);
    };
    nodes.addHandler({
      onAdd: check,
      onUpdate: (id, old, node) => {
        if (old.spec?.podCIDR !== node.spec?.podCIDR || node.spec?.podCIDR === undefined) check(id, node);
      },
      onDelete: (id, node) => {
        given.delete(id);
        if (node.spec?.podCIDR !== undefined) set.release(node.spec.podCIDR);
      },
    });
  },
};
