/**
 * Arms the faults of a plan: timers or conditions on state begin them, timers or the heal point end them; repeated ones begin again. Each
 * reports what it really did.
 */
import { hashString } from '../base/content-hash.ts';
import { drawUint32, scaleDraw } from '../base/random.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type Pid, PROCESS_RUNNING } from '../sim/process.ts';
import { effectOf } from './effect-of.ts';
import type { FaultDone, FaultEffect } from './fault-effect.ts';
import type { Jury } from './jury.ts';
import { ENDS_AT_ONCE, type FaultPlan } from './plan.ts';
import { targetProcesses } from './targets.ts';
import { ConditionWatch } from './triggers/condition-watch.ts';

/** What a fault did; a repeated one has a report each time. Times are µs of virtual time; `beginUs` −1 if it never began, `endUs` −1 while it lasts. */
export interface FaultReport {
  readonly id: string;
  readonly kind: string;
  /** What it hit; empty = nothing was there to be hit. */
  readonly targets: readonly string[];
  /** What began it, as `process: label key run N point K` or what was seen; absent for one that begins at an instant. */
  readonly point?: string;
  readonly beginUs: number;
  readonly endUs: number;
  /** How often it made a difference, and to what. */
  readonly done: FaultDone;
}

/** One time that a fault acts. */
interface Occurrence {
  readonly fault: FaultPlan;
  /** From 0. */
  readonly ordinal: number;
  readonly targets: readonly string[];
  /** Ids of faults that had taken some of them away. */
  readonly takenBy: readonly string[];
  readonly point: string;
  readonly beginUs: number;
  endUs: number;
  readonly effect: FaultEffect;
}

/** Faults that leave nothing running of what they hit. */
const TAKES_AWAY: readonly FaultPlan['kind'][] = [
  'node-crash',
  'node-panic',
  'instance-removed',
  'kubelet-stop',
  'process-crash',
  'process-pause',
];
const NOTHING_DONE: FaultDone = { count: 0, what: 'nothing' };
const DRAW_LENGTH = 0x1e_4647;
const DRAW_PAUSE = 0x9a_05e5;

export class Arsenal {
  /** Called before a fault acts that has something to hit. */
  onBegin: ((fault: FaultPlan) => void) | null = null;
  /** Called after a fault that had begun has ended. */
  onEnd: ((fault: FaultPlan) => void) | null = null;
  readonly #cluster: Cluster;
  readonly #jury: Jury;
  readonly #occurrences: Occurrence[] = [];
  readonly #active = new Map<string, Occurrence>();
  #watch: ConditionWatch | null = null;
  #faults: readonly FaultPlan[] = [];
  #healed: 'all' | readonly string[] = [];

  constructor(cluster: Cluster, jury: Jury) {
    this.#cluster = cluster;
    this.#jury = jury;
  }

  /** Arms all faults; times count from `originUs`. */
  arm(faults: readonly FaultPlan[], originUs: number): void {
    const { sim } = this.#cluster;
    this.#faults = faults;
    const watch = new ConditionWatch(sim, this.#jury, originUs);
    this.#watch = watch;
    for (const fault of faults) {
      if (fault.trigger.kind === 'at') {
        sim.at(originUs + fault.trigger.atUs, `fault ${fault.id} begins`, () => this.#begin(fault, 0, ''));
      } else {
        watch.watch(fault.trigger, (what) => {
          sim.at(sim.now, `fault ${fault.id} begins`, () => this.#begin(fault, 0, what));
        });
      }
    }
  }

  /** Ends faults at the heal point: all, or those named; they do not come back. */
  heal(which: 'all' | readonly string[]): void {
    this.#watch?.stop();
    this.#healed = which;
    for (const id of [...this.#active.keys()]) if (this.#isHealed(id)) this.#end(id);
  }

  /** What each fault did, in the order of their beginnings; those that have not begun last. */
  reports(): FaultReport[] {
    const begun = new Set(this.#occurrences.map(({ fault }) => fault.id));
    const never = this.#faults.filter(({ id }) => !begun.has(id));
    return [
      ...this.#occurrences.map((occurrence) => this.#report(occurrence)),
      ...never.map(({ id, kind }) => ({ id, kind, targets: [], beginUs: -1, endUs: -1, done: NOTHING_DONE })),
    ];
  }

  /** What faults have left behind that still stands, a sentence each. */
  left(): string[] {
    return this.#occurrences.flatMap(({ effect }) => effect.left?.() ?? []);
  }

  #report({ fault, targets, takenBy, point, beginUs, endUs, effect }: Occurrence): FaultReport {
    const did = targets.length === 0 ? NOTHING_DONE : effect.done(this.#cluster);
    const done = did.count === 0 && takenBy.length > 0 ? { ...did, takenBy } : did;
    return { id: fault.id, kind: fault.kind, targets, ...(point === '' ? {} : { point }), beginUs, endUs, done };
  }

  #begin(fault: FaultPlan, ordinal: number, point: string): void {
    if (this.#isHealed(fault.id)) return;
    const { sim } = this.#cluster;
    const { world } = this.#jury;
    const drawKey = ordinal === 0 ? fault.id : `${fault.id}#${ordinal}`;
    const pids = targetProcesses(this.#cluster, world, fault.target, drawKey);
    const occurrence: Occurrence = {
      fault,
      ordinal,
      targets: pids.map((pid) => sim.processes.names[pid] as string),
      takenBy: this.#takersOf(pids),
      point,
      beginUs: sim.now,
      endUs: -1,
      effect: effectOf(fault, this.#cluster, world, drawKey),
    };
    this.#occurrences.push(occurrence);
    if (ordinal === 0) this.#watch?.faultHas(fault.id, 'begun');
    this.#active.set(fault.id, occurrence);
    if (pids.length > 0) {
      this.#jury.disturbed();
      this.onBegin?.(fault);
      const { effect } = occurrence;
      if (effect.wrote !== undefined) this.#jury.faultWrites.push(effect.wrote);
      effect.begin(this.#cluster);
    }
    const lasts = this.#lengthOf(fault, ordinal);
    if (pids.length === 0) this.#end(fault.id);
    else if (lasts !== null) sim.at(sim.now + lasts, `fault ${fault.id} ends`, () => this.#end(fault.id));
  }

  /** Ids of the faults that hold any of the processes which does not run; of a machine that is gone, also of one that is over. */
  #takersOf(pids: readonly Pid[]): string[] {
    const { sim } = this.#cluster;
    const away = pids
      .filter((pid) => sim.processes.state[pid] !== PROCESS_RUNNING)
      .map((pid) => sim.processes.names[pid] as string);
    if (away.length === 0) return [];
    const takers = this.#occurrences.filter(
      ({ fault: { kind }, endUs, targets }) =>
        TAKES_AWAY.includes(kind) &&
        (endUs < 0 || kind === 'instance-removed') &&
        targets.some((target) => away.includes(target)),
    );
    return [...new Set(takers.map(({ fault }) => fault.id))];
  }

  #end(id: string): void {
    const occurrence = this.#active.get(id);
    if (occurrence === undefined) return;
    const { sim } = this.#cluster;
    const { fault, ordinal } = occurrence;
    this.#active.delete(id);
    occurrence.endUs = sim.now;
    if (occurrence.targets.length > 0) {
      // One that hit nobody has disturbed nothing, and nothing calms after it.
      if (this.#active.size === 0) this.#jury.calmed();
      occurrence.effect.end(this.#cluster);
      this.onEnd?.(fault);
    }
    if (!this.#comesAgain(fault, ordinal)) {
      this.#watch?.faultHas(id, 'ended');
      return;
    }
    const nextUs = sim.now + this.#pauseOf(fault, occurrence);
    sim.at(nextUs, `fault ${id} begins`, () => this.#begin(fault, ordinal + 1, ''));
  }

  #isHealed(id: string): boolean {
    return this.#healed === 'all' || this.#healed.includes(id);
  }

  #comesAgain({ id, repeat }: FaultPlan, ordinal: number): boolean {
    return repeat !== undefined && ordinal + 1 < (repeat.times ?? Number.POSITIVE_INFINITY) && !this.#isHealed(id);
  }

  /** How long this time lasts, µs; null = until the heal point. */
  #lengthOf(fault: FaultPlan, ordinal: number): number | null {
    const { forUs, repeat } = fault;
    if (ENDS_AT_ONCE.includes(fault.kind)) return 0;
    if (forUs === null || repeat?.dwellUs === undefined) return forUs;
    return this.#drawAround(forUs, repeat.dwellUs, fault.id, ordinal, DRAW_LENGTH);
  }

  /** From the end of this time to the next beginning, µs. */
  #pauseOf({ id, forUs, repeat }: FaultPlan, { ordinal, beginUs, endUs }: Occurrence): number {
    const { everyUs = 0, dwellUs } = repeat ?? {};
    if (dwellUs === undefined) return Math.max(0, beginUs + everyUs - endUs);
    return this.#drawAround(everyUs - (forUs ?? 0), dwellUs, id, ordinal, DRAW_PAUSE);
  }

  /** An even draw with this mean and least value, µs. */
  #drawAround(meanUs: number, leastUs: number, id: string, ordinal: number, purpose: number): number {
    const draw = drawUint32(this.#cluster.sim.seed, hashString(`${id}#${ordinal}`), purpose);
    return leastUs + scaleDraw(draw, 2 * Math.max(0, meanUs - leastUs) + 1);
  }
}
