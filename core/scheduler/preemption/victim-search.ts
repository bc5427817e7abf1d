/**
 * Preemption on the node table's columns: which pods of which node would have to go, for a pod that only resources keep out.
 *
 * The same choice as DefaultPreemption on the reference framework (Kubernetes 1.34), for pods that no filter on other pods, ports or devices judges
 * and while no budget protects anybody. The dry run of a node is kept until one of its pods comes, goes or changes. Cost: O(nodes that are tried)
 * reads + O(pods of the node) for each that changed.
 */
import type { Pod } from '../../types/pod.ts';
import { type Diagnosis, UNSCHEDULABLE } from '../choice/diagnosis.ts';
import type { DefaultPreemptionArgs } from '../configuration/plugin-arguments.ts';
import { type PodInfo, podInfoOf } from '../framework/pod-info.ts';
import { candidatesWanted, noHelpMessage } from '../framework/preemption.ts';
import { byImportance, compareTimes, NO_VICTIMS, startOf } from '../framework/victims.ts';
import { PODS } from '../nodes/resource-names.ts';
import { type ResourceVector, requestOf } from '../nodes/resource-vector.ts';
import type { PodRequest, Snapshot } from '../plugins/plugin.ts';
import type { Waiting } from './waiting-room.ts';

/** Dry runs of one shape at one priority, by node slot. */
interface DryRuns {
  lastUse: number;
  readonly specVersion: number;
  /** Version of the node's pods + 1 that the figures belong to; 0 = none. */
  readonly versions: Float64Array;
  /** Victims; 0 = preemption does not help. */
  readonly counts: Int32Array;
  readonly highest: Int32Array;
  readonly sums: Float64Array;
  /** Earliest start among the victims of the highest priority. */
  readonly starts: string[];
  /** Where preemption does not help: why, as a set of reasons of the diagnosis. */
  readonly reasons: Int32Array;
}

/** Added to each victim's priority in the sum, so that a victim more always counts. */
const PRIORITY_OFFSET = 2 ** 31;
/** Shapes and priorities that are kept. */
const MAX_RUNS = 16;

/** A less important pod of a node. */
interface Expendable {
  readonly pod: Pod;
  readonly priority: number;
  readonly vector: ResourceVector;
}

/** The pods that would have to go from one node, or why that would not help. */
interface DryRun {
  readonly victims: readonly Expendable[];
  readonly reasons: readonly string[];
}

const NOBODY: readonly never[] = [];
const NOBODY_GOES: DryRun = { victims: NOBODY, reasons: NO_VICTIMS.reasons };

/** What was found; nodes that the criteria leave equal are in the order of the dry runs. */
export interface FoundVictims {
  readonly slots: readonly number[];
  /** Of the first node; the most important first. */
  readonly victims: readonly PodInfo[];
  /** The message when there is no node, `''` otherwise. */
  readonly message: string;
}

/** Searches one scheduler's table. */
export class VictimSearch {
  readonly #snapshot: Snapshot;
  readonly #runs = new Map<string, DryRuns>();
  /** What waiting pods will take, by slot; of the present search. */
  readonly #waiting = new Map<number, readonly ResourceVector[]>();
  #potential = new Int32Array(16);
  #uses = 0;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /**
   * Looks for the best node for a pod that every node rejected: `diagnosis` has a record a node in search order, `waiting` are the
   * nodes that others wait for. `offset` gives where among the
   * potential nodes the dry runs begin.
   */
  find(
    request: PodRequest,
    priority: number,
    diagnosis: Diagnosis,
    args: DefaultPreemptionArgs,
    waiting: readonly Waiting[],
    offset: (potentialCount: number) => number,
  ): FoundVictims {
    const potential = this.#fillPotential(diagnosis);
    if (potential === 0) return noHelp(diagnosis, []);
    const runs = this.#runsOf(request, priority);
    const { versions } = this.#snapshot.pods;
    this.#waiting.clear();
    for (const { slot, vectors } of waiting) this.#waiting.set(slot, vectors);
    const wanted = candidatesWanted(args, potential);
    const first = offset(potential);
    let found = 0;
    let best: number[] = [];
    for (let i = 0; i < potential && found < wanted; i++) {
      const slot = this.#potential[(first + i) % potential] as number;
      const isKept = runs.versions[slot] === (versions[slot] as number) + 1 && !this.#waiting.has(slot);
      if (!isKept) this.#dryRun(request, priority, slot, runs, diagnosis);
      if (runs.counts[slot] === 0) continue;
      found++;
      const order = best.length === 0 ? -1 : compareRuns(runs, slot, best[0] as number);
      if (order < 0) best = [slot];
      else if (order === 0) best.push(slot);
    }
    if (best.length === 0) {
      const tried = Array.from(this.#potential.subarray(0, potential), (slot) => runs.reasons[slot] as number);
      return noHelp(diagnosis, tried);
    }
    const { victims } = this.#victimsOn(request, priority, best[0] as number);
    return { slots: best, victims: victims.map(({ pod }) => podInfoOf(pod)), message: '' };
  }

  /** The nodes that preemption may help, in search order. */
  #fillPotential({ rejectedCount, rejectedSlots, codes }: Diagnosis): number {
    if (this.#potential.length < rejectedCount) this.#potential = new Int32Array(rejectedCount * 2);
    let count = 0;
    for (let i = 0; i < rejectedCount; i++) {
      if (codes[i] === UNSCHEDULABLE) this.#potential[count++] = rejectedSlots[i] as number;
    }
    return count;
  }

  #runsOf({ podClass }: PodRequest, priority: number): DryRuns {
    const { slotCount, specVersion } = this.#snapshot.nodes;
    const key = `${podClass.shape.id} ${priority}`;
    const known = this.#runs.get(key);
    const isFresh = known !== undefined && known.specVersion === specVersion && known.counts.length >= slotCount;
    const runs = isFresh
      ? known
      : {
          lastUse: 0,
          specVersion,
          versions: new Float64Array(slotCount),
          counts: new Int32Array(slotCount),
          highest: new Int32Array(slotCount),
          sums: new Float64Array(slotCount),
          starts: [],
          reasons: new Int32Array(slotCount),
        };
    runs.lastUse = ++this.#uses;
    if (!isFresh) {
      if (known === undefined && this.#runs.size >= MAX_RUNS) this.#evict();
      this.#runs.set(key, runs);
    }
    return runs;
  }

  #evict(): void {
    let oldest = '';
    let lastUse = Number.POSITIVE_INFINITY;
    for (const [key, runs] of this.#runs) {
      if (runs.lastUse >= lastUse) continue;
      oldest = key;
      lastUse = runs.lastUse;
    }
    this.#runs.delete(oldest);
  }

  #dryRun(request: PodRequest, priority: number, slot: number, runs: DryRuns, diagnosis: Diagnosis): void {
    const { victims, reasons } = this.#victimsOn(request, priority, slot);
    if (victims.length === 0) runs.reasons[slot] = diagnosis.reasonSet(reasons);
    // Who waits for the node is not part of its version.
    runs.versions[slot] = this.#waiting.has(slot) ? 0 : (this.#snapshot.pods.versions[slot] as number) + 1;
    runs.counts[slot] = victims.length;
    let sum = 0;
    for (const victim of victims) sum += victim.priority + PRIORITY_OFFSET;
    runs.sums[slot] = sum;
    const highest = victims[0]?.priority ?? 0;
    runs.highest[slot] = highest;
    let start = '~';
    for (const victim of victims) {
      if (victim.priority === highest && compareTimes(startOf(victim), start) < 0) start = startOf(victim);
    }
    while (runs.starts.length <= slot) runs.starts.push('~');
    runs.starts[slot] = start;
  }

  /** All less important pods go; as many as possible come back, the most important first. Those that do not are the victims. */
  #victimsOn({ podClass }: PodRequest, priority: number, slot: number): DryRun {
    const { nodes, pods } = this.#snapshot;
    const potential: Expendable[] = [];
    for (let row = nodes.firstPod[slot] as number; row >= 0; row = pods.nextOf(row)) {
      const pod = pods.objectOf(row);
      const own = pod?.spec.priority ?? 0;
      if (pod === undefined || own >= priority) continue;
      potential.push({ pod, priority: own, vector: pods.classOf(row).shape.vector });
    }
    if (potential.length === 0) return NOBODY_GOES;
    const waiting = this.#waiting.get(slot) ?? NOBODY;
    const { resources } = podClass.shape.vector;
    const room = this.#roomWithout(podClass.shape.vector, slot, potential, waiting);
    const taken = nodes.requestedOf(slot, PODS) - potential.length + waiting.length;
    let places = nodes.allocatableOf(slot, PODS) - taken - 1;
    if (places < 0 || room.some((free) => free < 0)) {
      const names = Array.from(resources, (id) => `Insufficient ${nodes.resources.nameOf(id)}`);
      const lacking = names.filter((_name, r) => (room[r] as number) < 0);
      return { victims: NOBODY, reasons: places < 0 ? ['Too many pods', ...lacking] : lacking };
    }
    const victims: Expendable[] = [];
    // The list of a node begins with the pod that came last.
    for (const pod of byImportance(potential.reverse())) {
      if (places < 1 || !takesRoom(room, resources, pod.vector)) victims.push(pod);
      else places--;
    }
    return { victims, reasons: NOBODY };
  }

  /** Room beside the pod itself if all of `going` go, by resource. */
  #roomWithout(
    { resources, amounts }: ResourceVector,
    slot: number,
    going: readonly Expendable[],
    waiting: readonly ResourceVector[],
  ): number[] {
    const { nodes } = this.#snapshot;
    const room: number[] = [];
    for (let r = 0; r < resources.length; r++) {
      const id = resources[r] as number;
      let free = nodes.allocatableOf(slot, id) - nodes.requestedOf(slot, id) - (amounts[r] as number);
      for (const { vector } of going) free += requestOf(vector, id);
      for (const vector of waiting) free -= requestOf(vector, id);
      room.push(free);
    }
    return room;
  }
}

/** Takes what a pod asks for out of the room, by resource; false, and nothing taken, where that is too much. */
function takesRoom(room: number[], resources: Int32Array, vector: ResourceVector): boolean {
  for (let r = 0; r < room.length; r++) {
    if ((room[r] as number) < requestOf(vector, resources[r] as number)) return false;
  }
  for (let r = 0; r < room.length; r++) room[r] = (room[r] as number) - requestOf(vector, resources[r] as number);
  return true;
}

/** No node can be freed: the message, given the sets of reasons of the nodes that were tried. */
function noHelp(diagnosis: Diagnosis, tried: readonly number[]): FoundVictims {
  const verdicts = tried.map((set) => ({ reasons: diagnosis.reasonsOf(set) }));
  return { slots: [], victims: NOBODY, message: noHelpMessage(diagnosis.nodeCount, verdicts) };
}

/** Order of two nodes by the criteria; negative = the first is better. */
function compareRuns({ counts, highest, sums, starts }: DryRuns, a: number, b: number): number {
  return (
    (highest[a] as number) - (highest[b] as number) ||
    (sums[a] as number) - (sums[b] as number) ||
    (counts[a] as number) - (counts[b] as number) ||
    compareTimes(starts[b] as string, starts[a] as string)
  );
}
