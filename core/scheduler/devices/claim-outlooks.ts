/**
 * What a pod's claims for devices leave of the nodes, told without asking every node: the answer of DynamicResources in a form that cached totals
 * can hold.
 *
 * Claims that ask for the same share a number; the totals of their pods are kept by it, and a node whose devices were taken or given back counts as
 * changed. Its answer to a number is kept until then, for pods of other shapes ask for the same. Where an answer needs more (devices that several nodes reach, a mixture of claims, an error of the allocator) there is none: then the
 * reference path decides. Cost: O(devices of the node) for a changed node.
 */

import { NO_INT32 } from '../../base/grow.ts';
import type { DeviceClass, ResourceClaim } from '../../types/device.ts';
import type { NodeSelector, Pod } from '../../types/pod.ts';
import type { ClusterObjects } from '../framework/cluster-objects.ts';
import { isAllocatable, TIMED_OUT } from '../framework/devices/allocator.ts';
import { hasBindingConditions } from '../framework/devices/binding-conditions.ts';
import { claimsOfPod, type PodDeviceClaim } from '../framework/devices/device-claims.ts';
import { asksForDevices, extendedClaimToAllocate, extendedDemandsOf } from '../framework/devices/extended-resources.ts';
import { hasSharedSlices, nodesOfPool, offerVersion, poolsOf } from '../framework/devices/pools.ts';
import { namedNodes } from '../framework/node-selector.ts';
import type { NodeTable } from '../nodes/node-table.ts';
import { PairIds } from '../nodes/pair-ids.ts';
import { StringIds } from '../nodes/string-ids.ts';
import type { PodRequest } from '../plugins/plugin.ts';
import type { PodShape } from '../pods/pod-shape.ts';
import type { RowEvaluator } from '../totals/row-evaluate.ts';

/** The outlook of one pod. */
export interface ClaimOutlook {
  /** The only nodes that its allocated claims can be used from; `null` for any. */
  readonly slots: ReadonlySet<number> | null;
  /** Number of what its other claims ask for; −1 where nothing is left to be allocated. */
  readonly wanted: number;
  /** These claims; that for extended resources may be another pod's of the same shape. */
  readonly waiting: readonly PodDeviceClaim[];
}

type Devices = NonNullable<ResourceClaim['spec']>['devices'];

/** Of a claim that says nothing. */
const NO_DEVICES: NonNullable<Devices> = {};

/** Numbers that are kept at one time; a cluster's templates need a handful. */
export const CLAIM_NUMBERS_MAX = 4096;

/** Numbers whose answers are kept; 4 bytes a node each. */
const ANSWERS_MAX = 64;

/** Of a pod without claims. */
export const NO_CLAIMS: ClaimOutlook = { slots: null, wanted: -1, waiting: [] };

/** The outlooks of one scheduler's pods. */
export class ClaimOutlooks {
  /** Grows when numbers lose their meaning: slices or classes changed, or there were too many numbers. */
  generation = 0;
  readonly #objects: ClusterObjects;
  readonly #nodes: NodeTable;
  /** Numbers of what single claims ask for: by the very object, which claims of one template share, and by its text. */
  #byDevices = new WeakMap<NonNullable<Devices>, number>();
  #byText = new StringIds();
  /** Numbers of what several claims ask for: of all but the last (−1 for none), and of the last. */
  #numbers = new PairIds();
  /** Numbers of claims over which the allocator fails on some node. */
  #failing = new Set<number>();
  /** The claim for extended resources of some pod by shape, which says all that it asks for. */
  #extendedByShape = new Map<number, PodDeviceClaim>();
  /** By number: 2 × the version of a slot's devices at the last answer, one more where they did; 0 for none. */
  #answers = new Map<number, Int32Array>();
  /** By slot: grows with each change of its devices. */
  #versions = NO_INT32;
  #slicesSeen = -1;
  #specSeen = -1;
  #classesSeen = -1;

  constructor(objects: ClusterObjects, nodes: NodeTable) {
    this.#objects = objects;
    this.#nodes = nodes;
  }

  /** The outlook of a pod; `null` when the reference path has to look. */
  of(request: PodRequest): ClaimOutlook | null {
    const { pod } = request;
    if (pod === undefined) return NO_CLAIMS;
    const standsIn = asksForDevices(pod, this.#objects);
    if (pod.spec.resourceClaims === undefined && !standsIn) return NO_CLAIMS;
    const claims = claimsOfPod(pod, this.#objects);
    if (typeof claims === 'string') return null;
    const waiting: PodDeviceClaim[] = [];
    const selectors: NodeSelector[] = [];
    for (const claim of claims) {
      if (claim.allocation === null) waiting.push(claim);
      else if (hasBindingConditions(claim.allocation)) return null;
      else if (claim.allocation.nodeSelector) selectors.push(claim.allocation.nodeSelector);
    }
    const extended = standsIn ? this.#extendedClaim(pod, request.podClass.shape) : null;
    if (extended === undefined) return null;
    if (extended !== null) waiting.push(extended);
    if (waiting.length === 0) return selectors.length === 0 ? NO_CLAIMS : this.#held(selectors);
    if (selectors.length > 0 || hasSharedSlices(this.#objects)) return null;
    this.#catchUp();
    let wanted = -1;
    for (const { claim } of waiting) wanted = this.#numbers.intern(wanted, this.#numberOf(claim.spec?.devices));
    return this.#failing.has(wanted) ? null : { slots: null, wanted, waiting };
  }

  /** The claim for extended resources of a pod where no node has any of them itself; `undefined` where it depends on the node. */
  #extendedClaim(pod: Pod, { id }: PodShape): PodDeviceClaim | null | undefined {
    const demands = extendedDemandsOf(pod, this.#objects);
    if (demands.length === 0) return null;
    const { resources } = this.#nodes;
    const owned = demands.some(({ resource }) => this.#nodes.holdersOf(resources.intern(resource)).size > 0);
    if (owned) return undefined;
    this.#catchUp();
    const known = this.#extendedByShape.get(id);
    if (known !== undefined) return known;
    const claim = extendedClaimToAllocate(pod, demands, () => false, this.#objects);
    if (typeof claim === 'string' || claim === null) return undefined;
    this.#extendedByShape.set(id, claim);
    return claim;
  }

  /** Rows that are infeasible where the claims of an outlook find no devices. */
  rows(inner: RowEvaluator, outlook: ClaimOutlook): RowEvaluator {
    return {
      evaluate: (request, slots, from, count, out) => {
        inner.evaluate(request, slots, from, count, out);
        for (let i = 0; i < count; i++) {
          if (out[i] !== -1 && !this.#fits(slots[from + i] as number, outlook)) out[i] = -1;
        }
      },
    };
  }

  /** Whether the allocator failed over the claims of an outlook: totals of theirs are worth nothing. */
  hasFailed({ wanted }: ClaimOutlook): boolean {
    return this.#failing.has(wanted);
  }

  #numberOf(devices: Devices = NO_DEVICES): number {
    const known = this.#byDevices.get(devices);
    if (known !== undefined) return known;
    const number = this.#byText.intern(this.#textOf(devices));
    this.#byDevices.set(devices, number);
    return number;
  }

  /** What a claim asks for; classes are told apart by what they select. */
  #textOf(devices: NonNullable<Devices>): string {
    return JSON.stringify(devices, (field, value: unknown) => {
      if (field !== 'deviceClassName' || typeof value !== 'string') return value;
      const known = this.#objects.get<DeviceClass>('DeviceClass', '', value);
      return known === undefined ? value : (known.spec?.selectors ?? []);
    });
  }

  /** Allocated claims: the nodes that their selectors name; `null` where one selects by labels. */
  #held(selectors: readonly NodeSelector[]): ClaimOutlook | null {
    let names: readonly string[] | null = null;
    for (const { nodeSelectorTerms } of selectors) {
      if (nodeSelectorTerms.some(({ matchExpressions }) => (matchExpressions ?? []).length > 0)) return null;
      const named = namedNodes(nodeSelectorTerms);
      if (named === null) return null;
      names = names === null ? named : names.filter((name) => named.includes(name));
    }
    const slots = (names ?? []).map((name) => this.#nodes.find(name)).filter((slot) => slot >= 0);
    return { ...NO_CLAIMS, slots: new Set(slots) };
  }

  /** Takes over what happened to slices, classes and devices. */
  #catchUp(): void {
    const { devices } = this.#objects;
    const slices = offerVersion(this.#objects);
    const classes = this.#objects.versionOf('DeviceClass');
    const tooMany = this.#byText.count >= CLAIM_NUMBERS_MAX || this.#numbers.count >= CLAIM_NUMBERS_MAX;
    if (slices !== this.#slicesSeen || classes !== this.#classesSeen || tooMany) {
      this.#slicesSeen = slices;
      this.#classesSeen = classes;
      this.#byDevices = new WeakMap();
      this.#extendedByShape.clear();
      this.#byText = new StringIds();
      this.#numbers = new PairIds();
      this.#failing = new Set();
      this.#answers.clear();
      this.generation++;
    }
    if (this.#specSeen !== this.#nodes.specVersion) this.#renew();
    for (const pool of devices.changedPools) {
      for (const name of nodesOfPool(this.#objects, pool)) {
        const slot = this.#nodes.find(name);
        if (slot < 0) continue;
        this.#nodes.touch(slot);
        this.#versions[slot] = (this.#versions[slot] as number) + 1;
      }
    }
    devices.changedPools.clear();
  }

  /** Slots may stand for other nodes now. */
  #renew(): void {
    this.#specSeen = this.#nodes.specVersion;
    this.#versions = new Int32Array(this.#nodes.slotCount).fill(1);
    this.#answers.clear();
  }

  #fits(slot: number, outlook: ClaimOutlook): boolean {
    let answers = this.#answers.get(outlook.wanted);
    if (answers === undefined) {
      answers = new Int32Array(this.#versions.length);
      this.#answers.set(outlook.wanted, answers);
      for (const oldest of this.#answers.keys()) {
        if (this.#answers.size <= ANSWERS_MAX) break;
        this.#answers.delete(oldest);
      }
    }
    const version = this.#versions[slot] as number;
    const known = answers[slot] as number;
    if (known >> 1 === version) return (known & 1) === 1;
    const fits = this.#allocates(slot, outlook);
    answers[slot] = 2 * version + (fits ? 1 : 0);
    return fits;
  }

  #allocates(slot: number, { waiting, wanted }: ClaimOutlook): boolean {
    const found = isAllocatable(poolsOf(this.#objects, this.#nodes.identityOf(slot)), waiting, this.#objects.devices);
    if (typeof found === 'string' && found !== TIMED_OUT) this.#failing.add(wanted);
    return found === true;
  }
}
