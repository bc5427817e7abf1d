/**
 * Arms the faults of a plan: timers or conditions on state begin them, timers or the heal point end them. Each reports what it really did.
 */
import { assertNever } from '../base/assert.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { FaultEffect } from './fault-effect.ts';
import { lostReplies, refusedRequests, slowWatchers, watchLag } from './faults/api-faults.ts';
import { clockOffset, clockRate } from './faults/clock-fault.ts';
import { slowDisk } from './faults/disk-fault.ts';
import { instanceRemoved } from './faults/instance-removed-fault.ts';
import { lossyLink, slowLink } from './faults/link-fault.ts';
import { nodeCrash } from './faults/node-crash-fault.ts';
import { partition } from './faults/partition-fault.ts';
import { processCrash } from './faults/process-crash-fault.ts';
import { processPause } from './faults/process-pause-fault.ts';
import {
  bitFlip,
  compactionStorm,
  crashInApply,
  diskFailure,
  leaderTransfer,
  slowApply,
  slowSnapshot,
} from './faults/store-faults.ts';
import type { Jury } from './jury.ts';
import type { FaultPlan } from './plan.ts';
import { targetNodes, targetProcesses } from './targets.ts';
import { ConditionWatch } from './triggers/condition-watch.ts';
import type { World } from './world.ts';

/** What a fault did. Times are µs of virtual time; `beginUs` −1 if it never began, `endUs` −1 while it lasts. */
export interface FaultReport {
  readonly id: string;
  readonly kind: string;
  /** What it hit; empty = nothing was there to be hit. */
  readonly targets: readonly string[];
  /** What began it, as `process: label key run N point K` or what was seen; absent for one that begins at an instant. */
  readonly point?: string;
  readonly beginUs: number;
  endUs: number;
}

export class Arsenal {
  readonly reports: FaultReport[] = [];
  /** Called before a fault acts that has something to hit. */
  onBegin: ((fault: FaultPlan) => void) | null = null;
  /** Called after a fault that had begun has ended. */
  onEnd: ((fault: FaultPlan) => void) | null = null;
  readonly #cluster: Cluster;
  readonly #jury: Jury;
  readonly #active = new Map<string, { fault: FaultPlan; effect: FaultEffect; report: FaultReport }>();
  #watch: ConditionWatch | null = null;
  #faults: readonly FaultPlan[] = [];

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
        sim.at(originUs + fault.trigger.atUs, `fault ${fault.id} begins`, () => this.#begin(fault, ''));
      } else {
        watch.watch(fault.trigger, (what) => {
          sim.at(sim.now, `fault ${fault.id} begins`, () => this.#begin(fault, what));
        });
      }
    }
  }

  /** Ends faults at the heal point: all, or those named. */
  heal(which: 'all' | readonly string[]): void {
    this.#watch?.stop();
    for (const id of [...this.#active.keys()]) if (which === 'all' || which.includes(id)) this.#end(id);
  }

  /** Faults that have not begun: their instant or their point has not come. */
  neverBegun(): FaultReport[] {
    const begun = new Set(this.reports.map(({ id }) => id));
    return this.#faults
      .filter(({ id }) => !begun.has(id))
      .map(({ id, kind }) => ({ id, kind, targets: [], beginUs: -1, endUs: -1 }));
  }

  /** Ids of faults that last. */
  active(): string[] {
    return [...this.#active.keys()];
  }

  #begin(fault: FaultPlan, point: string): void {
    const { sim } = this.#cluster;
    const targets = this.#targetNames(fault);
    const report: FaultReport = {
      id: fault.id,
      kind: fault.kind,
      targets,
      ...(point === '' ? {} : { point }),
      beginUs: sim.now,
      endUs: -1,
    };
    this.reports.push(report);
    if (targets.length === 0) {
      report.endUs = sim.now;
      return;
    }
    this.onBegin?.(fault);
    const effect = effectOf(fault, this.#cluster, this.#jury.world);
    this.#active.set(fault.id, { fault, effect, report });
    effect.begin(this.#cluster);
    if (fault.forUs !== null) sim.at(sim.now + fault.forUs, `fault ${fault.id} ends`, () => this.#end(fault.id));
  }

  #end(id: string): void {
    const active = this.#active.get(id);
    if (active === undefined) return;
    this.#active.delete(id);
    active.report.endUs = this.#cluster.sim.now;
    active.effect.end(this.#cluster);
    this.onEnd?.(active.fault);
  }

  #targetNames(fault: FaultPlan): string[] {
    const pids = targetProcesses(this.#cluster, this.#jury.world, fault.target, fault.id);
    return pids.map((pid) => this.#cluster.sim.processes.names[pid] as string);
  }
}

function effectOf(fault: FaultPlan, cluster: Cluster, world: World): FaultEffect {
  const pids = targetProcesses(cluster, world, fault.target, fault.id);
  switch (fault.kind) {
    case 'node-crash':
      return nodeCrash(targetNodes(cluster, world, fault.target, fault.id));
    case 'instance-removed':
      return instanceRemoved(targetNodes(cluster, world, fault.target, fault.id));
    case 'kubelet-stop':
      return processCrash(pids, {});
    case 'process-crash':
      return processCrash(pids, { unsynced: fault.unsynced ?? 'lost' });
    case 'process-pause':
      return processPause(pids);
    case 'partition':
      return partition(pids, targetProcesses(cluster, world, fault.peer, fault.id), fault.direction ?? 'both');
    case 'slow-link':
      return slowLink(
        pids,
        targetProcesses(cluster, world, fault.peer, fault.id),
        fault.latencyUs,
        fault.jitterUs ?? 0,
      );
    case 'lossy-link':
      return lossyLink(
        pids,
        targetProcesses(cluster, world, fault.peer, fault.id),
        Math.round(fault.lossPercent * 10_000),
      );
    case 'clock-rate':
      return clockRate(pids, fault.rate);
    case 'clock-offset':
      return clockOffset(pids, fault.offsetUs);
    case 'slow-disk':
      return slowDisk(pids, fault.extraSyncUs);
    case 'disk-failure':
      return diskFailure(pids, fault.reason);
    case 'bit-flip':
      return bitFlip(pids, fault.file, fault.id);
    case 'leader-transfer':
      return leaderTransfer(pids);
    case 'slow-snapshot':
      return slowSnapshot(pids, fault.latencyUs);
    case 'slow-apply':
      return slowApply(pids, fault.latencyUs);
    case 'crash-in-apply':
      return crashInApply(pids);
    case 'compaction-storm':
      return compactionStorm(fault.everyUs);
    case 'watch-lag':
      return watchLag(pids, fault.latencyUs);
    case 'lost-replies':
      return lostReplies(pids);
    case 'refused-requests':
      return refusedRequests(cluster, pids, { ...fault, percent: fault.percent ?? 100 });
    case 'slow-watchers':
      return slowWatchers(pids);
    default:
      return assertNever(fault, 'fault kind');
  }
}
