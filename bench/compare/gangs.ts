/**
 * Gangs of one run: pods that start together, and what they cost while some of them wait for the rest.
 *
 * A gang runs as soon as so many of its pods have a node as it needs. Whether its pods take their nodes one by one
 * (and hold them meanwhile) or all at once is the policy's choice (`+gang`).
 */
import type { GangRule } from './workload.ts';

/** Waits and holdings of gangs; pods and gangs by number. */
export class GangBook {
  readonly #gangOf: Int32Array;
  readonly #members: number[][] = [];
  readonly #placed: Int32Array;
  readonly #needed: Int32Array;
  readonly #rules: readonly (GangRule | null)[];
  /** When a gang first ran, µs; NaN = not yet. */
  readonly #ranUs: Float64Array;

  /** `ruleOf(pod)` = what the pod's gang needs. */
  constructor(gangOf: Int32Array, ruleOf: (pod: number) => GangRule | null) {
    this.#gangOf = gangOf;
    gangOf.forEach((gang, pod) => {
      if (gang < 0) return;
      const members = this.#members[gang];
      if (members === undefined) this.#members[gang] = [pod];
      else members.push(pod);
    });
    const count = this.#members.length;
    this.#placed = new Int32Array(count);
    this.#rules = this.#members.map(([first]) => ruleOf(first as number));
    this.#needed = Int32Array.from(this.#rules, (rule) => rule?.needed ?? 1);
    this.#ranUs = new Float64Array(count).fill(Number.NaN);
  }

  get count(): number {
    return this.#members.length;
  }

  /** The gang of a pod, −1 for none. */
  of(pod: number): number {
    return this.#gangOf[pod] as number;
  }

  members(gang: number): readonly number[] {
    return this.#members[gang] as readonly number[];
  }

  /** How many more pods a gang needs to run; 0 or less when it may. */
  missing(gang: number): number {
    return (this.#needed[gang] as number) - (this.#placed[gang] as number);
  }

  /** The label whose value the nodes of a gang share, '' for none. */
  topologyKey(gang: number): string {
    return this.#rules[gang]?.topologyKey ?? '';
  }

  /** Whether waiting pods of a gang have to be placed with regard to the others. */
  goesTogether(gang: number): boolean {
    return this.missing(gang) > 0 || this.topologyKey(gang) !== '';
  }

  /** A pod of a gang got a node or left it. */
  change(gang: number, sign: 1 | -1): void {
    this.#placed[gang] = (this.#placed[gang] as number) + sign;
  }

  /** Whether a gang has begun to run. */
  ran(gang: number): boolean {
    return !Number.isNaN(this.#ranUs[gang]);
  }

  start(gang: number, nowUs: number): void {
    this.#ranUs[gang] = nowUs;
  }

  /** Waits from arrival to start; of a gang that still waits, up to now. `counts` says of a first member whether its gang does. */
  waitsUs(arrivalUs: Float64Array, nowUs: number, counts: (pod: number) => boolean): number[] {
    return this.#members.flatMap((members, gang) => {
      const first = members[0] as number;
      if (!counts(first)) return [];
      const ended = this.ran(gang) ? (this.#ranUs[gang] as number) : nowUs;
      return [ended - (arrivalUs[first] as number)];
    });
  }
}
