/**
 * The order in which nodes are searched.
 *
 * kube-scheduler (1.34, node tree of the cache) keeps a list per zone and takes one node of each in turn, zones and nodes in
 * the order they came; zone means region and zone label together. The order decides which nodes sampling finds and, with the
 * tie rule `first`, who wins, so it is a named option. Cost: rebuilt in O(nodes) at the next use after a node came or went.
 */

import { assert } from '../../base/assert.ts';
import { NO_INT32 } from '../../base/grow.ts';
import type { StringMap } from '../../types/object.ts';

/** `zone-round-robin` is upstream's; `insertion` is the order in which nodes came; `name` is ascending by UTF-16 unit. */
export type NodeOrderRule = 'zone-round-robin' | 'insertion' | 'name';

/** Zone of a node for the search order: region and zone label together (Kubernetes 1.34, `GetZoneKey`). */
export function zoneOf(labels: StringMap): string {
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  return zone === '' && region === '' ? '' : `${region}:\u0000:${zone}`;
}

/** Ordered list of the live nodes' slots and its inverse. */
export class NodeOrder {
  readonly rule: NodeOrderRule;
  /** Grows by one whenever positions change. */
  version = 0;
  /** Slots in the order in which they came, of all members and of those in each zone. */
  readonly #members: number[] = [];
  readonly #zones = new Map<string, number[]>();
  /** By slot; undefined for slots that are not in the order. */
  readonly #zoneOf: (string | undefined)[] = [];
  readonly #names: string[] = [];
  #list = NO_INT32;
  #positions = NO_INT32;
  #count = 0;
  #dirty = false;

  constructor(rule: NodeOrderRule) {
    this.rule = rule;
  }

  /** Adds a node, or moves it when its zone changed. */
  put(slot: number, name: string, zone: string): void {
    while (this.#zoneOf.length <= slot) {
      this.#zoneOf.push(undefined);
      this.#names.push('');
    }
    if (this.#zoneOf[slot] === zone && this.#names[slot] === name) return;
    this.remove(slot);
    this.#zoneOf[slot] = zone;
    this.#names[slot] = name;
    this.#members.push(slot);
    const inZone = this.#zones.get(zone);
    if (inZone === undefined) this.#zones.set(zone, [slot]);
    else inZone.push(slot);
    this.#touch();
  }

  /** Removes a node; a slot that is not in the order is ignored. O(nodes). */
  remove(slot: number): void {
    const zone = this.#zoneOf[slot];
    if (zone === undefined) return;
    this.#zoneOf[slot] = undefined;
    this.#members.splice(this.#members.indexOf(slot), 1);
    const inZone = this.#zones.get(zone);
    assert(inZone !== undefined, 'node order: zone of a member exists');
    inZone.splice(inZone.indexOf(slot), 1);
    if (inZone.length === 0) this.#zones.delete(zone);
    this.#touch();
  }

  /** Number of nodes in the order. */
  get count(): number {
    return this.#members.length;
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
    const count = this.#members.length;
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
    const zones = [...this.#zones.values()];
    for (let round = 0; this.#count < this.#members.length; round++) {
      for (const zone of zones) {
        const slot = zone[round];
        if (slot !== undefined) this.#list[this.#count++] = slot;
      }
    }
  }

  #fillFlat(): void {
    const names = this.#names;
    const slots = this.#members.slice();
    if (this.rule === 'name') {
      slots.sort((a, b) => ((names[a] as string) < (names[b] as string) ? -1 : names[a] === names[b] ? 0 : 1));
    }
    for (const slot of slots) this.#list[this.#count++] = slot;
  }
}
