/**
 * Watches the leases, the exits and the first work of a run in which a leader or the API server fails; times as the recordings give them.
 *
 * As in the recordings, a leader that exits is not started again. All times are milliseconds after the plan's one fault began, or after it
 * ended where the name says so.
 */
import type { Jury } from '../../core/chaos/jury.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { type RunObserver, type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import { holderOf, leaderName } from '../../core/chaos/targets.ts';
import type { Commit } from '../../core/chaos/world.ts';
import type { Cluster } from '../../core/cluster/cluster.ts';
import type { Deployment } from '../../core/types/deployment.ts';
import type { Lease } from '../../core/types/lease.ts';
import type { Pod } from '../../core/types/pod.ts';

/** Component of the cluster by the name of its lease. */
const COMPONENTS: Readonly<Record<string, string>> = {
  'kube-scheduler': 'scheduler',
  'kube-controller-manager': 'controller-manager',
};

/** A lease that got a new holder; a process name, '' for nobody. */
export interface NewHolder {
  readonly lease: string;
  readonly from: string;
  readonly to: string;
  readonly afterMs: number;
}

export class Handover implements RunObserver {
  /** When the fault began and ended, µs since the cluster was up. */
  readonly beginUs: number;
  readonly endUs: number;
  /** Changes of a lease's holder since the fault began. */
  readonly newHolders: NewHolder[] = [];
  /** Who led each component when the fault began: process name by lease. */
  readonly leaders = new Map<string, string>();
  /** Writes of a lease by its old leader since the fault ended, by lease. */
  readonly writesByOldAfterEnd = new Map<string, number>();
  /** First ReplicaSet of the Deployment `late`, or the binding of the pod `late`; −1 = never. */
  firstServedAfterMs = -1;
  /** All 60 replicas of the Deployment `web` available, counted from the fault's end; −1 = never. */
  convergedAfterEndMs = -1;
  #originUs = 0;

  constructor(plan: ScenarioPlan) {
    const fault = plan.faults[0];
    if (plan.faults.length !== 1 || fault?.trigger.kind !== 'at')
      throw new Error(`${plan.name}: not one fault at a set time`);
    this.beginUs = fault.trigger.atUs;
    this.endUs = this.beginUs + (fault.forUs ?? 0);
  }

  /** Runs the plan with one seed and measures. */
  static measure(plan: ScenarioPlan, seed: number): { readonly handover: Handover; readonly result: RunResult } {
    const handover = new Handover(plan);
    return { handover, result: runPlan(plan, seed, handover) };
  }

  begin(cluster: Cluster, jury: Jury): void {
    this.#originUs = cluster.sim.now;
    cluster.sim.at(this.#originUs + this.beginUs - 1, 'leaders are noted', () => this.#noteLeaders(cluster, jury));
    jury.onCommit.push((commit) => this.#committed(commit));
  }

  #noteLeaders(cluster: Cluster, jury: Jury): void {
    for (const [lease, component] of Object.entries(COMPONENTS)) {
      const leader = leaderName(jury.world, component);
      this.leaders.set(lease, leader);
      if (cluster.instancesOf(component).length > 1) cluster.supervisor.holdDown(cluster.sim.pidOf(leader));
    }
  }

  #committed(commit: Commit): void {
    const { object, kind } = commit;
    const atUs = commit.timeUs - this.#originUs;
    if (object === null || atUs < this.beginUs) return;
    if (kind === 'Lease') this.#leaseWritten(object as Lease, commit.previous as Lease | null, atUs);
    if (this.firstServedAfterMs < 0 && isLateServed(commit)) this.firstServedAfterMs = (atUs - this.beginUs) / 1000;
    if (
      this.convergedAfterEndMs < 0 &&
      atUs >= this.endUs &&
      kind === 'Deployment' &&
      isConverged(object as Deployment)
    )
      this.convergedAfterEndMs = (atUs - this.endUs) / 1000;
  }

  #leaseWritten(lease: Lease, previous: Lease | null, atUs: number): void {
    const { name, namespace } = lease.metadata;
    if (namespace !== 'kube-system') return;
    const to = holderOf(lease);
    const from = holderOf(previous);
    if (to !== from) this.newHolders.push({ lease: name, from, to, afterMs: (atUs - this.beginUs) / 1000 });
    else if (atUs > this.endUs && to === this.leaders.get(name))
      this.writesByOldAfterEnd.set(name, (this.writesByOldAfterEnd.get(name) ?? 0) + 1);
  }

  /** Exits of processes by themselves; times after the fault began. */
  exits(result: RunResult): { readonly process: string; readonly code: number; readonly afterMs: number }[] {
    return result.exits.map(({ process, code, timeUs }) => {
      return { process, code, afterMs: (timeUs - this.beginUs) / 1000 };
    });
  }
}

/** Whether a commit is work on what was created when the leader failed. */
function isLateServed({ kind, object }: Commit): boolean {
  if (kind === 'ReplicaSet') return object?.metadata.ownerReferences?.some(({ name }) => name === 'late') === true;
  return kind === 'Pod' && object?.metadata.name === 'late' && (object as Pod).spec.nodeName !== undefined;
}

function isConverged({ metadata, spec, status }: Deployment): boolean {
  if (metadata.name !== 'web' || status?.observedGeneration !== metadata.generation) return false;
  return spec.replicas === 60 && status?.availableReplicas === 60 && status.updatedReplicas === 60;
}
