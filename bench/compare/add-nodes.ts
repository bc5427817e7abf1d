/**
 * Which node models to add at least cost so that everything fits: from the linear relaxation to a purchase that the policy really
 * fills, with the relaxation's cost as the bound.
 *
 * Starts from the relaxation's mix and from each model alone; buys more while pods are left over (the relaxation's choice for
 * these); then gives back, the dearest first, whatever is not needed. The cheapest purchase wins. It is no proof of the optimum; the
 * gap to the bound says how far it can be.
 */
import { packingResourceName, packingResources } from '../../core/cluster/placement-packing.ts';
import type { Node } from '../../core/cluster/vocabulary.ts';
import { onceShuffled } from './arrivals.ts';
import type { RunOn } from './compaction.ts';
import { type CheapestNodes, cheapestNodes, type OfferedNode } from './packing-bounds.ts';
import { countsOf, packingModel } from './packing-model.ts';
import { placeAll } from './place-all.ts';
import type { NodeOffer } from './price-list.ts';
import type { RunOutcome } from './run-outcome.ts';
import { whyLeft } from './why-left.ts';
import type { CompareWorkload } from './workload.ts';

/** Rounds of buying more. */
const ROUNDS_MAX = 30;
/** Nodes of one purchase. */
const NODES_MAX = 10_000;
const HOSTNAME = 'kubernetes.io/hostname';

/** Buys for one policy and seed. */
export function runAddNodes(
  workload: CompareWorkload,
  runOn: RunOn,
  offers: readonly NodeOffer[],
  seed: number,
): RunOutcome {
  const shop = new Shop(workload, runOn, offers, onceShuffled(workload, seed));
  const relaxed = shop.relaxed();
  const best = shop.cheapest(relaxed);
  const atLeast = relaxed?.costAtLeast ?? null;
  const cost = best === null ? null : shop.costOf(best);
  return {
    values: {
      cost,
      'cost-at-least': atLeast,
      'gap-to-lp': cost === null || atLeast === null || atLeast <= 0 ? null : (100 * (cost - atLeast)) / atLeast,
      'nodes-added': best === null ? null : best.reduce((sum, count) => sum + count, 0),
    },
    curves: {},
    checksum: (best ?? []).reduce((sum, count) => (Math.imul(sum, 31) + count) | 0, 0),
    tiesMean: 1,
    placed: best === null ? 0 : workload.kindOf.length,
    answer: best === null ? shop.whyNot() : shop.describe(best),
  };
}

/** How many of each offer. */
type Purchase = readonly number[];

class Shop {
  readonly #workload: CompareWorkload;
  readonly #runOn: RunOn;
  readonly #offers: readonly NodeOffer[];
  readonly #order: Int32Array;
  readonly #offered: readonly OfferedNode[];
  /** The last of those that were tried with the fewest pods left over. */
  #closest: Purchase;
  #fewest = Number.POSITIVE_INFINITY;

  constructor(workload: CompareWorkload, runOn: RunOn, offers: readonly NodeOffer[], order: Int32Array) {
    this.#workload = workload;
    this.#runOn = runOn;
    this.#offers = offers;
    this.#order = order;
    this.#closest = offers.map(() => 0);
    this.#offered = offers.map((offer) => {
      const run = runOn({
        ...workload,
        nodes: [withName(offer.node, offer.name)],
        bound: new Int32Array(0),
        nodeOrders: null,
      });
      const [only] = packingModel(run).classes;
      return { price: offer.price, hosts: only?.hosts ?? new Uint8Array(0), free: only?.free ?? new Float64Array(0) };
    });
  }

  relaxed(): CheapestNodes | null {
    const run = this.#runOn(this.#workload);
    return cheapestNodes(packingModel(run), countsOf(run, this.#order), this.#offered);
  }

  costOf(purchase: Purchase): number {
    return purchase.reduce((sum, count, i) => sum + count * (this.#offers[i] as NodeOffer).price, 0);
  }

  describe(purchase: Purchase): string {
    const parts = purchase.flatMap((count, i) => (count === 0 ? [] : [`${count} × ${this.#offers[i]?.name}`]));
    return parts.length === 0 ? 'no node is needed' : parts.join(', ');
  }

  /** Why nothing can be bought: the first pod left over that no listed node could ever hold, and what it lacks there. */
  whyNot(): string {
    const run = this.#runOn(this.#workload);
    const { kinds, kindOf } = run.workload;
    const kind = this.#leftOver(this.#offers.map(() => 0))
      .map((row) => kindOf[row] as number)
      .find((each) => !this.#offered.some(({ hosts }) => hosts[each] === 1));
    if (kind === undefined) {
      const most = this.#runOn(this.#with(this.#closest));
      const [left] = placeAll(most, this.#order, true).left;
      const bought = this.#closest.some((count) => count > 0) ? `with ${this.describe(this.#closest)}` : 'without one';
      return `no purchase that was tried lets everything fit; ${bought} ${whyLeft(most, most.workload.kindOf[left as number] as number)}`;
    }
    const requests = packingModel(run).requests[kind] as Float64Array;
    const lacking = packingResources(run.placement, kinds.length)
      .filter((_, r) => this.#offered.every(({ free }) => (free[r] as number) < (requests[r] as number)))
      .map((resource) => packingResourceName(run.placement, resource));
    const { namespace = 'default', name } = (kinds[kind] as (typeof kinds)[number]).metadata;
    const cause =
      lacking.length > 0
        ? `it asks for more ${lacking.join(' and ')} than any of them has`
        : 'its node selector, affinity, tolerations or devices fit none';
    return `no listed node can hold ${namespace}/${name}: ${cause}`;
  }

  /** The cheapest purchase of all starts that leads anywhere; null when none does. */
  cheapest(relaxed: CheapestNodes | null): Purchase | null {
    const none: number[] = this.#offers.map(() => 0);
    const starts: Purchase[] = [none];
    if (relaxed !== null) starts.push(relaxed.amounts.map((amount) => Math.ceil(amount - 1e-6)));
    for (const [i] of this.#offers.entries()) starts.push(none.map((_, j) => Number(i === j)));
    let best: Purchase | null = null;
    for (const start of starts) {
      const only = start.findIndex((count) => count > 0);
      const single = start.filter((count) => count > 0).length === 1 ? only : -1;
      const enough = this.#enough(start, single);
      if (enough === null) continue;
      const pruned = this.#prune(enough);
      if (best === null || this.costOf(pruned) < this.costOf(best)) best = pruned;
    }
    return best;
  }

  /** Buys until everything fits, of one model only where `single` says which. */
  #enough(start: Purchase, single: number): Purchase | null {
    let purchase = start;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const left = this.#leftOver(purchase);
      if (left.length === 0) return purchase;
      if (left.length <= this.#fewest) {
        this.#fewest = left.length;
        this.#closest = purchase;
      }
      const more = this.#moreFor(left, single);
      purchase = purchase.map((count, i) => count + (more[i] as number));
      if (purchase.reduce((sum, count) => sum + count, 0) > NODES_MAX) return null;
    }
    return null;
  }

  /** What the relaxation buys for the pods that are left over, at least one node. */
  #moreFor(left: readonly number[], single: number): Purchase {
    const run = this.#runOn(this.#workload);
    const offers = single < 0 ? this.#offered : [this.#offered[single] as OfferedNode];
    const found = cheapestNodes({ ...packingModel(run), classes: [] }, countsOf(run, left), offers);
    // What is left fits on no offer: one node more may still draw others away from where it could go.
    if (found === null) {
      const cheapest = this.#offers.reduce((best, { price }, i) => (price < this.#price(best) ? i : best), 0);
      return this.#offers.map((_, i) => Number(i === (single < 0 ? cheapest : single)));
    }
    const amounts: number[] = found.amounts.map((amount) => Math.floor(amount + 1e-6));
    if (!amounts.some((amount) => amount > 0)) amounts[found.amounts.indexOf(Math.max(...found.amounts))] = 1;
    return single < 0 ? amounts : this.#offers.map((_, i) => (i === single ? (amounts[0] as number) : 0));
  }

  /** Gives back what is not needed, the dearest model first. */
  #prune(purchase: Purchase): Purchase {
    const byPrice = purchase.map((_, i) => i).sort((a, b) => this.#price(b) - this.#price(a) || a - b);
    let kept = [...purchase];
    for (const i of byPrice) {
      let low = 0;
      let high = kept[i] as number;
      while (low < high) {
        const middle = (low + high) >> 1;
        const tried = kept.map((count, j) => (i === j ? middle : count));
        if (this.#leftOver(tried).length === 0) high = middle;
        else low = middle + 1;
      }
      kept = kept.map((count, j) => (i === j ? high : count));
    }
    return kept;
  }

  #price(offer: number): number {
    return (this.#offers[offer] as NodeOffer).price;
  }

  /** Rows that find no node on the cluster with a purchase. */
  #leftOver(purchase: Purchase): readonly number[] {
    return placeAll(this.#runOn(this.#with(purchase)), this.#order, false).left;
  }

  /** The workload on the cluster with a purchase. */
  #with(purchase: Purchase): CompareWorkload {
    const added = purchase.flatMap((count, i) => {
      const { node, name } = this.#offers[i] as NodeOffer;
      return Array.from({ length: count }, (_, n) => withName(node, `${name}-added-${n + 1}`));
    });
    return { ...this.#workload, nodes: [...this.#workload.nodes, ...added], nodeOrders: null };
  }
}

function withName(node: Node, name: string): Node {
  return { ...node, metadata: { ...node.metadata, name, labels: { [HOSTNAME]: name, ...node.metadata.labels } } };
}
