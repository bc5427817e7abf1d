/**
 * Which images are on which node, and since when.
 *
 * An image is pulled once a node; a second pod that needs it while the pull runs waits for the same end. One column of doubles an image.
 * Images survive a restart of the machine.
 */
import { NodeOutages } from './outages.ts';

/** Most different images of one cluster. */
const IMAGES_MAX = 1 << 16;

export class NodeImages {
  readonly #nodes: number;
  readonly #ids = new Map<string, number>();
  readonly #unpullable: readonly string[];
  readonly #broken: boolean[] = [];
  /** By image and node: true time at which the pull is done, µs; 0 = not there. */
  readonly #doneAt: Float64Array[] = [];
  /** Nodes that are kept from their registry. */
  readonly outages = new NodeOutages();
  /** Pulls that failed because of one. */
  failedPulls = 0;
  /** How much longer pulls take on nodes with a slow registry, µs; nodes that have none are not there. */
  readonly slowUs = new Map<number, number>();
  /** Pulls that took longer. */
  slowedPulls = 0;
  /** Those begun on nodes that are still slow, with what an ordinary one takes, µs. */
  #slowed: { readonly id: number; readonly node: number; readonly pullUs: number }[] = [];

  constructor(nodes: number, unpullable: readonly string[]) {
    this.#nodes = nodes;
    this.#unpullable = unpullable;
  }

  /** Id of an image name. */
  intern(image: string): number {
    const known = this.#ids.get(image);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    if (id >= IMAGES_MAX) throw new RangeError(`more than ${IMAGES_MAX} images`);
    this.#ids.set(image, id);
    this.#broken.push(this.#unpullable.some((one) => image === one || (one.startsWith(':') && image.includes(one))));
    this.#doneAt.push(new Float64Array(this.#nodes));
    return id;
  }

  /** Whether no node can pull it. */
  isBroken(id: number): boolean {
    return this.#broken[id] === true;
  }

  /**
   * Index of the first of these images, from index `from` on, that the node cannot get for want of a registry; −1 for none. What the node has will do,
   * except where `alwaysPulls` (by index) says that the registry is asked each time.
   */
  firstMissing(ids: readonly number[], alwaysPulls: readonly boolean[], from: number, node: number): number {
    if (!this.outages.has(node)) return -1;
    for (let i = from; i < ids.length; i++) {
      const doneAt = (this.#doneAt[ids[i] as number] as Float64Array)[node] as number;
      if (alwaysPulls[i] === true || doneAt === 0) return i;
    }
    return -1;
  }

  /** How long `node` waits for the image from `nowUs` on; begins a pull of `pullUs` where needed. */
  waitUs(id: number, node: number, nowUs: number, pullUs: number): number {
    const column = this.#doneAt[id] as Float64Array;
    const done = column[node] as number;
    if (done > 0) return done > nowUs ? done - nowUs : 0;
    const slowUs = this.slowUs.size === 0 ? 0 : (this.slowUs.get(node) ?? 0);
    if (slowUs > 0) {
      this.slowedPulls++;
      this.#slowed.push({ id, node, pullUs });
    }
    column[node] = Math.max(1, nowUs + pullUs + slowUs);
    return pullUs + slowUs;
  }

  /** Pulls that begin on the node take so much longer from now on, µs. */
  slowBy(node: number, byUs: number): void {
    const total = (this.slowUs.get(node) ?? 0) + byUs;
    if (total > 0) this.slowUs.set(node, total);
    else this.slowUs.delete(node);
  }

  /** Pulls of the node that are slow, and of which more is left than an ordinary one takes, are forgotten: whoever waits begins them anew. */
  forgetSlowed(node: number, nowUs: number): void {
    this.#slowed = this.#slowed.filter((pull) => {
      if (pull.node !== node) return true;
      const column = this.#doneAt[pull.id] as Float64Array;
      if ((column[node] as number) > nowUs + pull.pullUs) column[node] = 0;
      return false;
    });
  }

  /** The machine lost power: pulls that were under way are forgotten. */
  forgetUnfinished(node: number, nowUs: number): void {
    for (const column of this.#doneAt) if ((column[node] as number) > nowUs) column[node] = 0;
  }
}
