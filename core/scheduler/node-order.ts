/**
 * The order in which nodes are searched.
 *
 * kube-scheduler (1.34, node tree of the cache) keeps a list per zone and takes one node of each in turn, zones and nodes in
 * the order they came; zone means region and zone label together. The order decides which nodes sampling finds and, with the
 * tie rule `first`, who wins, so it is a named option. Cost: rebuilt in O(nodes) at the next use after a node came or went.
 */
import { assert } from '../base/assert.ts';

/** `zone-round-robin` is upstream's; `insertion` is the order in which nodes came; `name` is ascending by UTF-16 unit. */
export type NodeOrderRule = 'zone-round-robin' | 'insertion' | 'name';

interface Member {
  readonly slot: number;
  readonly name: string;
  readonly zone: string;
}

/** Ordered list of the live nodes' slots and its inverse. */
export class NodeOrder {
  readonly rule: NodeOrderRule;
  /** Grows by one whenever positions change. */
  version = 0;
  #members = new Map<string, Member>();
  #zones = new Map<string, Map<string, Member>>();
  #list = new Int32Array(0);
  #positions = new Int32Array(0);
  #count = 0;
  #dirty = false;

  constructor(rule: NodeOrderRule) {
    this.rule = rule;
  }

  /** Adds a node, or moves it when its zone changed. */
  put(slot: number, name: string, zone: string): void {
    const before = this.#members.get(name);
    if (before !== undefined) {
      if (before.zone === zone && before.slot === slot) return;
      this.remove(name);
    }
    const member = { slot, name, zone };
    this.#members.set(name, member);
    let inZone = this.#zones.get(zone);
    if (inZone === undefined) {
      inZone = new Map();
      this.#zones.set(zone, inZone);
    }
    inZone.set(name, member);
    this.#touch();
  }

  /** Removes a node; a name that is not in the order is ignored. */
  remove(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    this.#members.delete(name);
    const inZone = this.#zones.get(member.zone);
    assert(inZone !== undefined, 'node order: zone of a member exists');
    inZone.delete(name);
    if (inZone.size === 0) this.#zones.delete(member.zone);
    this.#touch();
  }

  /** Number of nodes in the order. */
  get count(): number {
    return this.#members.size;
  }

  /** Slots in order, valid up to {@link count}; do not change it. */
  get list(): Int32Array {
    if (this.#dirty) this.#rebuild();
    return this.#list;
  }

  /** Position of each slot, −1 for slots that are not in the order. */
  get positions(): Int32Array {
    if (this.#dirty) this.#rebuild();
    return this.#positions;
  }

  /** Position of a slot as last worked out, −1 without one; meaningless while a change of the order is pending. */
  positionHint(slot: number): number {
    return slot < this.#positions.length ? (this.#positions[slot] as number) : -1;
  }

  #touch(): void {
    this.#dirty = true;
    this.version++;
  }

  #rebuild(): void {
    this.#dirty = false;
    const count = this.#members.size;
    if (this.#list.length < count) this.#list = new Int32Array(Math.max(16, count * 2));
    this.#count = 0;
    if (this.rule === 'zone-round-robin') this.#fillRoundRobin();
    else this.#fillFlat();
    assert(this.#count === count, 'node order: every member is listed once');
    let slotMax = -1;
    for (let i = 0; i < count; i++) slotMax = Math.max(slotMax, this.#list[i] as number);
    if (this.#positions.length <= slotMax) this.#positions = new Int32Array(Math.max(16, (slotMax + 1) * 2));
    this.#positions.fill(-1);
    for (let i = 0; i < count; i++) this.#positions[this.#list[i] as number] = i;
  }

  #fillRoundRobin(): void {
    const zones = [...this.#zones.values()].map((members) => [...members.values()]);
    for (let round = 0; this.#count < this.#members.size; round++) {
      for (const zone of zones) {
        const member = zone[round];
        if (member !== undefined) this.#list[this.#count++] = member.slot;
      }
    }
  }

  #fillFlat(): void {
    const members = [...this.#members.values()];
    if (this.rule === 'name') members.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    for (const member of members) this.#list[this.#count++] = member.slot;
  }
}
