/**
 * The scheduling cycle on cached totals: the same choice as the plain path, in O(changes since the last use).
 *
 * Pods whose outcome on a node depends on that node's row alone share an index per shape, or per shape and what their claims for devices ask for; those
 * with pod terms or spread, and samples with normalised scores, have one per class. The least recently used goes first when there are too many. What only few
 * nodes have is looked for on these. What it cannot answer (pods that name their nodes, claims that need more) it declines; another path then decides.
 */
import { NO_INT32 } from '../../base/grow.ts';
import { nodesWantedBy, type Profile } from '../configuration/profile.ts';
import { CLAIM_NUMBERS_MAX, type ClaimOutlook, type ClaimOutlooks, NO_CLAIMS } from '../devices/claim-outlooks.ts';
import { DeviceTwins } from '../devices/device-twins.ts';
import { NodeDescriptions, readsDescriptions } from '../nodes/node-descriptions.ts';
import { PairIds } from '../nodes/pair-ids.ts';
import { FIRST_EXTENDED } from '../nodes/resource-names.ts';
import type { ResourceVector } from '../nodes/resource-vector.ts';
import type { PluginSet } from '../plugins/index.ts';
import type { PodRequest, Snapshot } from '../plugins/plugin.ts';
import type { PodShape } from '../pods/pod-shape.ts';
import { ClassChoice } from '../totals/class-choice.ts';
import { ClassContext, type ContextPlugins, contextPluginsOf } from '../totals/class-context.ts';
import { ClassIndex, type ClassPlan } from '../totals/class-index.ts';
import { GroupScores } from '../totals/group-scores.ts';
import { IndexCache } from '../totals/index-cache.ts';
import { kernelCovers } from '../totals/resource-kernel.ts';
import { RowEvaluators } from '../totals/row-evaluate.ts';
import { ShapeChoice } from '../totals/shape-choice.ts';
import { type IndexPlan, ShapeIndex } from '../totals/shape-index.ts';
import { Diagnosis } from './diagnosis.ts';
import { PlainPath } from './plain-path.ts';
import type { Draws, Selection } from './selection.ts';

/** Shapes that have an index at one time; an index takes about five bytes a node. */
const MAX_SHAPE_INDEXES = 1024;
/** Classes that have one; it takes about 6 bytes a node and 9 bytes a node and term. */
const MAX_CLASS_INDEXES = 256;

/** Pairs of a shape and what claims for devices ask for that have an index; as large as a shape's. */
const MAX_CLAIM_INDEXES = 256;

/** Nodes that are looked at one by one rather than through an index: a shape with a resource of its own is seldom seen again. */
const FEW_HOLDERS = 64;

const NONE: readonly number[] = [];

/** The cached path of one profile. */
export class CachedPath {
  readonly #snapshot: Snapshot;
  readonly #wanted: (nodeCount: number) => number;
  readonly #context: ContextPlugins;
  readonly #shapeChoice: ShapeChoice;
  readonly #classChoice: ClassChoice;
  readonly #shapes: IndexCache<ShapeIndex>;
  readonly #classes: IndexCache<ClassIndex>;
  readonly #shapePlan: IndexPlan;
  /** For pods that ask for what few nodes have; `null` where a profile overlooks amounts. */
  readonly #few: (() => PlainPath) | null;
  readonly #classPlan: ClassPlan;
  #totals = NO_INT32;
  readonly #oneSlot = new Int32Array(1);
  readonly #oneTotal = new Int32Array(1);
  /** `null` where claims for devices are not looked at. */
  readonly #claims: ClaimOutlooks | null;
  /** Indexes of pods whose claims are to be allocated, by the number of the pair; of one generation of outlooks. */
  #claimIndexes = new IndexCache<ShapeIndex>(MAX_CLAIM_INDEXES);
  #claimPairs = new PairIds();
  #claimsSeen = 0;
  readonly #twins: DeviceTwins;

  constructor(
    snapshot: Snapshot,
    plugins: PluginSet,
    profile: Profile,
    draws: Draws,
    claims: ClaimOutlooks | null = null,
  ) {
    this.#snapshot = snapshot;
    this.#claims = claims;
    this.#twins = new DeviceTwins(snapshot.nodes.resources);
    this.#wanted = nodesWantedBy(profile);
    const silent = new Diagnosis();
    silent.silent = true;
    const context = contextPluginsOf(plugins);
    const weightOf = (plugin: unknown) => plugins.scores.find((scored) => scored.plugin === plugin)?.weight ?? 0;
    const rowScores = plugins.scores.filter(({ plugin }) => !readsDescriptions(plugin) && !('inPlay' in plugin));
    const sumOf = (scores: PluginSet['scores']) => scores.reduce((sum, { weight }) => sum + 100 * weight, 0);
    const images = context.images === null ? null : { plugin: context.images, weight: weightOf(context.images) };
    this.#context = context;
    this.#shapePlan = {
      snapshot,
      rows: new RowEvaluators(snapshot, plugins, rowScores, profile, silent),
      descriptions: new NodeDescriptions(snapshot, plugins, silent),
    };
    this.#classPlan = { totalMax: sumOf(rowScores) + 100 * (images?.weight ?? 0), images, ...this.#shapePlan };
    const weights = { soft: weightOf(context.soft), preference: weightOf(context.preference) };
    this.#shapeChoice = new ShapeChoice(snapshot, profile, draws);
    this.#classChoice = new ClassChoice(snapshot, profile, draws, new GroupScores(weights));
    const fits = kernelCovers(profile) && profile.policy === undefined;
    let few: PlainPath | null = null;
    const makeFew = (): PlainPath => {
      few ??= new PlainPath(snapshot, plugins, profile, draws, silent);
      return few;
    };
    this.#few = fits ? makeFew : null;
    this.#shapes = new IndexCache(MAX_SHAPE_INDEXES);
    this.#classes = new IndexCache(MAX_CLASS_INDEXES);
  }

  /**
   * Runs one cycle from search position `start`; `false` = declined, nothing was done. `held`: slots that others wait for, infeasible for this
   * pod whatever their totals say; `null` where nobody waits.
   */
  select(request: PodRequest, start: number, out: Selection, held: readonly number[] | null = null): boolean {
    const { podClass, nodeName } = request;
    const { shape } = podClass;
    if (nodeName !== '' || shape.required?.nodeNames) return false;
    const { nodeCount } = this.#snapshot.nodes;
    const wanted = this.#wanted(nodeCount);
    const claims = this.#claims === null ? NO_CLAIMS : this.#claims.of(request);
    if (claims === null) return false;
    const few = this.#few === null ? null : this.#fewHolders(shape.vector, wanted, claims);
    if (few !== null && claims.wanted < 0)
      return this.#few?.().selectAmong(request, this.#inOrder(few, held, start), out) === true;
    if (few !== null || claims.slots !== null) return false;
    if (held !== null && this.#context.hard?.inPlay(request, this.#snapshot) === true) return false;
    const hidden = held === null ? NONE : held;
    if (!this.#looksFurther(request)) {
      const index = claims.wanted < 0 ? this.#shapeIndex(request) : this.#claimIndex(request, claims);
      // Scores beside nodes out of the question, and mostly those of a sample, are normalised over what is left: groups can do that.
      if (!index.normalises || hidden.length === 0) {
        index.update(request);
        if (claims.wanted >= 0 && this.#claims?.hasFailed(claims) === true) return false;
        const totals = this.#hide(hidden, index);
        const chosen = this.#shapeChoice.select(index, start, wanted, out);
        this.#show(hidden, totals, index);
        if (chosen) return true;
      }
    }
    if (claims.wanted >= 0) return false;
    const index = this.#classes.get(podClass.id) ?? this.#addClassIndex(request);
    if (!index.update(request)) return false;
    const totals = this.#hide(hidden, index);
    this.#classChoice.select(index, start, wanted, out);
    this.#show(hidden, totals, index);
    return true;
  }

  /** The totals of a pod's shape by position, −1 where it is infeasible; `null` where more than these decides. Good until the next call. */
  totalsOf(request: PodRequest): Int32Array | null {
    const { podClass, nodeName } = request;
    const { nodeCount } = this.#snapshot.nodes;
    if (nodeName !== '' || podClass.shape.required?.nodeNames || this.#wanted(nodeCount) < nodeCount) return null;
    if (this.#looksFurther(request)) return null;
    const index = this.#shapeIndex(request);
    index.update(request);
    if (this.#totals.length !== nodeCount) this.#totals = new Int32Array(nodeCount);
    index.copyTotals(request, this.#totals);
    return this.#totals;
  }

  #shapeIndex(request: PodRequest): ShapeIndex {
    const { id } = request.podClass.shape;
    return this.#shapes.get(id) ?? this.#shapes.put(id, new ShapeIndex(request, this.#shapePlan));
  }

  #claimIndex(request: PodRequest, outlook: ClaimOutlook): ShapeIndex {
    const outlooks = this.#claims as ClaimOutlooks;
    if (this.#claimsSeen !== outlooks.generation || this.#claimPairs.count >= CLAIM_NUMBERS_MAX) {
      this.#claimsSeen = outlooks.generation;
      this.#claimIndexes = new IndexCache(MAX_CLAIM_INDEXES);
      this.#claimPairs = new PairIds();
      this.#twins.forget();
    }
    const shape = this.#claimShape(request.podClass.shape, outlook);
    const id = this.#claimPairs.intern(shape.id, outlook.wanted);
    const known = this.#claimIndexes.get(id);
    if (known !== undefined) return known;
    const asking = { ...request, podClass: { ...request.podClass, shape } };
    const rows = outlooks.rows(this.#shapePlan.rows.of(asking), outlook);
    return this.#claimIndexes.put(id, new ShapeIndex(request, this.#shapePlan, rows));
  }

  /** What is left of a shape beside its claims, where resources that they stand for are not scored. */
  #claimShape(shape: PodShape, { waiting }: ClaimOutlook): PodShape {
    if (this.#few === null || !shape.vector.hasExtended) return shape;
    for (const { mappings } of waiting) if (mappings !== null) return this.#twins.of(shape, mappings);
    return shape;
  }

  /** Whether a pod's resources, devices and ports fit a node as it is. */
  hasRoom(request: PodRequest, slot: number): boolean {
    this.#oneSlot[0] = slot;
    this.#shapePlan.rows.of(request).evaluate(request, this.#oneSlot, 0, 1, this.#oneTotal);
    return this.#oneTotal[0] !== -1;
  }

  /** Puts nodes out of the question for one choice; returns their totals, −1 where there is nothing to put back. */
  #hide(slots: readonly number[], index: ShapeIndex | ClassIndex): readonly number[] {
    if (slots.length === 0) return NONE;
    const { positions } = this.#snapshot.nodes.order;
    return slots.map((slot) => ((positions[slot] as number) < 0 ? -1 : index.hide(positions[slot] as number)));
  }

  /** Gives hidden nodes their totals back. */
  #show(slots: readonly number[], totals: readonly number[], index: ShapeIndex | ClassIndex): void {
    const { positions } = this.#snapshot.nodes.order;
    for (let i = 0; i < totals.length; i++) index.show(positions[slots[i] as number] as number, totals[i] as number);
  }

  /** The nodes that its claims hold the pod to, or that have a rare extended resource which it asks for; `null` when there are many. */
  #fewHolders(
    { hasExtended, resources, amounts }: ResourceVector,
    wanted: number,
    { slots }: ClaimOutlook,
  ): ReadonlySet<number> | null {
    if (slots !== null && slots.size <= FEW_HOLDERS && slots.size < wanted) return slots;
    if (!hasExtended) return null;
    for (let i = 0; i < resources.length; i++) {
      const resource = resources[i] as number;
      if (resource < FIRST_EXTENDED || (amounts[i] as number) <= 0) continue;
      const { nodes } = this.#snapshot;
      if (nodes.deviceStock?.standsFor(resource) === true) continue;
      const holders = nodes.holdersOf(resource);
      if (holders.size <= FEW_HOLDERS && holders.size < wanted) return holders;
    }
    return null;
  }

  /** Slots of living nodes that nobody holds, in search order from a position. */
  #inOrder(slots: ReadonlySet<number>, held: readonly number[] | null, start: number): Int32Array {
    const { nodes } = this.#snapshot;
    const { positions } = nodes.order;
    const behind = (slot: number) => ((positions[slot] as number) - start + nodes.nodeCount) % nodes.nodeCount;
    const open = [...slots].filter((slot) => nodes.live[slot] === 1 && held?.includes(slot) !== true);
    return Int32Array.from(open).sort((a, b) => behind(a) - behind(b));
  }

  /** Whether anything but the pod's shape decides: other pods, or images. */
  #looksFurther(request: PodRequest): boolean {
    const { podClass, pod } = request;
    const snapshot = this.#snapshot;
    const { carried, carriedAffinity, carriedPreferred } = snapshot;
    if (podClass.shape.dependsOnPods) return true;
    const { affinity, preference, hard, soft, images } = this.#context;
    if (affinity !== null && carried.selecting(podClass.group).length > 0) return true;
    if (carriedAffinity.any || carriedPreferred.any) if (preference?.inPlay(request, snapshot)) return true;
    if (pod === undefined) return false;
    return (
      hard?.inPlay(request, snapshot) === true ||
      soft?.inPlay(request, snapshot) === true ||
      images?.inPlay(request, snapshot) === true
    );
  }

  #addClassIndex(request: PodRequest): ClassIndex {
    return this.#classes.put(
      request.podClass.id,
      new ClassIndex(request, new ClassContext(this.#context), this.#classPlan),
    );
  }
}
