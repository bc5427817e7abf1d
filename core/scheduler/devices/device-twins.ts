/**
 * Shapes without the extended resources that devices are to stand for: pods that differ in nothing else share an index, however many classes name the
 * same devices.
 *
 * Good for pods that the scheduler makes a claim for: then no node has these resources itself, and what the claim asks for has a number of its own.
 * Not where scores read the resources.
 */
import type { RequestMapping } from '../framework/devices/device-claims.ts';
import { FIRST_EXTENDED, type ResourceNames } from '../nodes/resource-names.ts';
import type { ResourceVector } from '../nodes/resource-vector.ts';
import { StringIds } from '../nodes/string-ids.ts';
import type { PodShape } from '../pods/pod-shape.ts';

/** The twins of one scheduler's shapes. */
export class DeviceTwins {
  readonly #names: ResourceNames;
  readonly #ids = new StringIds();
  readonly #byShape = new Map<number, PodShape>();

  constructor(names: ResourceNames) {
    this.#names = names;
  }

  /** Classes changed: they may stand for other resources. */
  forget(): void {
    this.#byShape.clear();
  }

  /** A shape without the resources that the claim for its extended ones maps. Twins of the same request have one id, below 0, for good. */
  of(shape: PodShape, mappings: readonly RequestMapping[]): PodShape {
    const known = this.#byShape.get(shape.id);
    if (known !== undefined) return known;
    const mapped = new Set(mappings.map(({ resourceName }) => this.#names.intern(resourceName)));
    const vector = withoutResources(shape.vector, mapped);
    const { resources, amounts } = vector;
    const asks = { ...vector, resources: [...resources], amounts: [...amounts] };
    const id = -1 - this.#ids.intern(JSON.stringify([shape.wishId, shape.gpu, shape.hostPorts, asks]));
    const twin: PodShape = { ...shape, id, vector };
    this.#byShape.set(shape.id, twin);
    return twin;
  }
}

function withoutResources(vector: ResourceVector, left: ReadonlySet<number>): ResourceVector {
  const stays = (_: number, i: number) => !left.has(vector.resources[i] as number);
  const resources = vector.resources.filter(stays);
  const hasExtended = (resources.at(-1) ?? 0) >= FIRST_EXTENDED;
  return { ...vector, resources, amounts: vector.amounts.filter(stays), hasExtended };
}
