/**
 * Runs one plan with one seed: boot → workload → safety phase with faults → heal → liveness within the bound and through the window → verdict.
 *
 * Everything in the result is a pure function of (plan, seed, build).
 */
import { AssertionError } from '../base/assert.ts';
import { withClaims, withPodGroups } from '../cluster/claimed.ts';
import { Cluster } from '../cluster/cluster.ts';
import { type Declaration, declaredCounters } from '../sim/registry.ts';
import { Arsenal, type FaultReport } from './arm.ts';
import { type Bound, livenessBound } from './bound.ts';
import { differenceOf, type FinishedRun, referencePlan } from './comparison/compare-runs.ts';
import { RunSummary } from './comparison/run-summary.ts';
import { type Excuse, type ExcuseName, excusesOf, tooSmallGroup } from './excuses.ts';
import { Jury, type Missing } from './jury.ts';
import { scheduleOperations } from './operations.ts';
import { reordered } from './orders/reorder.ts';
import { type PendingPods, pendingPodsOf } from './pending-pods.ts';
import type { FaultPlan, ScenarioPlan } from './plan.ts';
import { listen, type Violation } from './predicate.ts';

const S = 1_000_000;
/** A cluster whose nodes are not Ready after so long will never be, µs. */
const BOOT_MAX_US = 300 * S;

/** How the system itself came out, before any expectation. */
export type Outcome =
  | { readonly kind: 'pass' }
  /** An excuse that the plan allows explains why it did not converge. */
  | { readonly kind: 'excused'; readonly excuses: readonly Excuse[]; readonly missing: string }
  /** `predicate` = id of the first broken predicate; `excuse`: one that applies and that the plan does not allow. */
  | {
      readonly kind: 'fail';
      readonly predicate: string;
      readonly message: string;
      readonly timeUs: number;
      readonly excuse?: ExcuseName;
    }
  | { readonly kind: 'over-budget'; readonly message: string };

export interface RunResult {
  readonly scenario: string;
  readonly seed: number;
  readonly outcome: Outcome;
  /** true if the outcome is what the plan expects. */
  readonly asExpected: boolean;
  readonly violations: readonly Violation[];
  readonly faults: readonly FaultReport[];
  readonly operations: readonly { readonly what: string; readonly endUs: number; readonly error: string | null }[];
  readonly exits: readonly { readonly process: string; readonly code: number; readonly timeUs: number }[];
  /** Virtual instants, µs since the cluster was up; −1 = never. */
  readonly times: {
    readonly bootUs: number;
    readonly healUs: number;
    readonly convergedUs: number;
    readonly endUs: number;
  };
  readonly bound: Bound;
  readonly counts: {
    readonly events: number;
    readonly commits: number;
    readonly processes: number;
    readonly pods: number;
  };
  /** Work done, by name of the counter, in the order of names; exact for a seed. */
  readonly work: Readonly<Record<string, number>>;
  readonly neverEvaluated: readonly string[];
  /** Pods that have no node at the end. */
  readonly pendingPods: PendingPods;
  readonly digest: string;
}

/** What an observer of a run (a trial's recorder, a histogram) gets. */
export interface RunObserver {
  /** Called when the cluster is up, or will never be, and before the workload is applied. Times of the run count from now. */
  begin?(cluster: Cluster, jury: Jury): void;
  /** Called when a fault has something to hit and is about to act. */
  faultBegins?(fault: FaultPlan, cluster: Cluster, jury: Jury): void;
  /** Called when a fault that had begun has ended. */
  faultEnds?(fault: FaultPlan, cluster: Cluster, jury: Jury): void;
  /** Called at the end, before the result is made. */
  end?(cluster: Cluster, jury: Jury): void;
}

/** Runs `plan` with `seed`. Throws AssertionError for bugs of seatrial only. */
export function runPlan(plan: ScenarioPlan, seed: number, observer: RunObserver = {}): RunResult {
  return new PlanRun(plan, seed, observer).run();
}

class PlanRun {
  readonly #plan: ScenarioPlan;
  readonly #seed: number;
  readonly #observer: RunObserver;
  readonly #cluster: Cluster;
  readonly #jury: Jury;
  readonly #arsenal: Arsenal;
  #originUs = 0;
  #summary: RunSummary | null = null;
  #healUs = -1;
  #convergedUs = -1;
  #bound: Bound = { totalUs: 0, terms: {} };

  constructor(plan: ScenarioPlan, seed: number, observer: RunObserver) {
    this.#plan = plan;
    this.#seed = seed;
    this.#observer = observer;
    const applied = plan.operations.flatMap((operation) => (operation.kind === 'apply' ? operation.objects : []));
    const objects = [...plan.workload, ...applied];
    this.#cluster = new Cluster(withPodGroups(withClaims(plan.cluster, objects), objects), {
      seed,
      bugs: plan.bugs,
      eventsMax: plan.eventsMax,
      ...(plan.interleaving === undefined ? {} : { interleaving: plan.interleaving }),
    });
    this.#jury = new Jury(this.#cluster.sim, plan.predicates, this.#cluster.truth);
    this.#arsenal = new Arsenal(this.#cluster, this.#jury);
    const onBegin = (fault: FaultPlan) => observer.faultBegins?.(fault, this.#cluster, this.#jury);
    const onEnd = (fault: FaultPlan) => observer.faultEnds?.(fault, this.#cluster, this.#jury);
    this.#arsenal.onBegin = onBegin;
    this.#arsenal.onEnd = onEnd;
  }

  run(): RunResult {
    if ((this.#plan.comparisons ?? []).length > 0) this.#summary = this.#summarize();
    const outcome = this.#compared(this.#conclude(this.#phases()));
    this.#observer.end?.(this.#cluster, this.#jury);
    return this.#result(outcome);
  }

  /** Counts what comparisons need, from now on. */
  #summarize(): RunSummary {
    const summary = new RunSummary();
    this.#jury.onCommit.push((commit) => summary.take(commit));
    listen(this.#jury, 'client.call-ended', (_pid, subject) => summary.ended(subject));
    return summary;
  }

  /** A pass is none where the runs that the plan wants to be compared with came out differently. */
  #compared(outcome: Outcome): Outcome {
    if (outcome.kind !== 'pass' || this.#summary === null) return outcome;
    for (const id of this.#plan.comparisons ?? []) {
      const plan = referencePlan(id, this.#plan, this.#jury.world);
      if (plan === null) continue;
      const other = new PlanRun(plan, this.#seed, {});
      other.#summary = other.#summarize();
      if (other.run().outcome.kind !== 'pass') continue;
      const message = differenceOf(id, this.#plan, this.#finished(), other.#finished());
      const timeUs = this.#cluster.sim.now - this.#originUs;
      if (message !== null) return { kind: 'fail', predicate: id, message, timeUs };
    }
    return outcome;
  }

  #finished(): FinishedRun {
    const faults = this.#arsenal.reports().map(({ beginUs, endUs }) => ({
      beginUs: beginUs < 0 ? -1 : beginUs - this.#originUs,
      endUs: endUs < 0 ? -1 : endUs - this.#originUs,
    }));
    return { world: this.#jury.world, summary: this.#summary as RunSummary, faults };
  }

  /** What only the whole run shows: a violation found now overrules a pass or an excuse. */
  #conclude(outcome: Outcome): Outcome {
    const before = this.#jury.violations.length;
    this.#jury.conclude();
    return before === 0 && this.#jury.violations.length > 0 ? this.#broken() : outcome;
  }

  #phases(): Outcome {
    const { sim } = this.#cluster;
    const boot = this.#boot();
    if (boot === null) this.#originUs = sim.now;
    // Before the observer begins: it may look at the order.
    if (this.#plan.reorderings !== undefined) sim.order = reordered(sim.processes, this.#plan.reorderings, sim.now);
    this.#observer.begin?.(this.#cluster, this.#jury);
    if (boot !== null) return boot;
    this.#cluster.user.apply(this.#plan.workload);
    this.#arsenal.arm(this.#plan.faults, this.#originUs);
    scheduleOperations(this.#cluster, this.#jury.world, this.#plan.operations, this.#originUs);
    const { warmUpUs, safetyUs } = this.#plan.phases;
    const budget = this.#advance(this.#originUs + warmUpUs + safetyUs);
    if (budget !== null) return budget;
    if (this.#jury.violations.length > 0) return this.#broken();
    return this.#liveness();
  }

  #boot(): Outcome | null {
    const { sim } = this.#cluster;
    while (!this.#cluster.isUp(this.#jury.world)) {
      if (sim.now >= BOOT_MAX_US)
        return {
          kind: 'fail',
          predicate: 'NL4',
          message: 'the cluster did not come up: nodes are not Ready',
          timeUs: 0,
        };
      const budget = this.#advance(sim.now + S);
      if (budget !== null) return budget;
    }
    return null;
  }

  /** Runs to an absolute instant; an outcome if the event budget is used up: what was violated until then, which stays violated, or that it was. */
  #advance(untilUs: number): Outcome | null {
    if (this.#cluster.sim.run(untilUs) !== 'events-budget') return null;
    return this.#jury.violations.length > 0 ? this.#broken() : { kind: 'over-budget', message: this.#overBudget() };
  }

  /** When the events were used up, and who sent most of them. */
  #overBudget(): string {
    const { sim } = this.#cluster;
    const { names, sequence } = sim.processes;
    const busiest = sequence.reduce((most, count, pid) => (count > (sequence[most] as number) ? pid : most), 0);
    const share = Math.round((100 * (sequence[busiest] as number)) / sequence.reduce((sum, count) => sum + count, 0));
    const phase =
      this.#originUs === 0 ? 'while it booted' : this.#healUs < 0 ? 'before its heal point' : 'after its heal point';
    const atS = ((sim.now - this.#originUs) / S).toFixed(3);
    return `${sim.eventCount} events by ${atS} s of virtual time, ${phase}; ${names[busiest]} sent ${share} % of them`;
  }

  #liveness(): Outcome {
    const { sim } = this.#cluster;
    const { phases } = this.#plan;
    this.#arsenal.heal(phases.heal);
    this.#healUs = sim.now - this.#originUs;
    this.#bound = livenessBound({
      cluster: this.#cluster.description,
      nodesAway: this.#cluster.nodesAway(),
      pods: this.#jury.world.of('Pod').size,
      largestBackoffUs: this.#cluster.largestBackoffUs(),
      slowestPodUs: this.#cluster.slowestPodUs(this.#jury.world),
    });
    const boundUs = phases.boundUs === 'auto' ? this.#bound.totalUs : phases.boundUs;
    const deadline = sim.now + boundUs;
    let since = -1;
    for (;;) {
      const isLast = since >= 0 && sim.now - since >= phases.stableUs;
      const { left } = this.#jury;
      const missing = left ?? (isLast ? this.#jury.missing() : this.#jury.missingSince());
      this.#jury.watching = missing === null;
      if (missing !== null) {
        since = -1;
        if (sim.now >= deadline) return this.#notConverged(left ?? this.#jury.missing() ?? missing, boundUs);
      } else {
        if (since < 0) since = sim.now;
        this.#convergedUs = since - this.#originUs;
        if (sim.now - since >= phases.stableUs) return { kind: 'pass' };
      }
      const budget = this.#advance(sim.now + S);
      if (budget !== null) return budget;
      if (this.#jury.violations.length > 0) return this.#broken();
    }
  }

  #broken(): Outcome {
    const first = this.#jury.violations[0] as Violation;
    return { kind: 'fail', predicate: first.predicate, message: first.message, timeUs: first.timeUs - this.#originUs };
  }

  #notConverged({ predicate, what }: Missing, boundUs: number): Outcome {
    const missing = `${what} (${Math.round(boundUs / S)} s after the heal point)`;
    const { schedulerConfiguration: configuration, description } = this.#cluster;
    const terms = { configuration, deviceGates: description.settings.deviceGates };
    const found = excusesOf(this.#jury.world, terms, this.#arsenal.left());
    const excuses = found.filter(({ name }) => this.#plan.excuses.includes(name));
    if (excuses.length > 0) return { kind: 'excused', excuses, missing };
    const [first] = found;
    const timeUs = this.#cluster.sim.now - this.#originUs;
    if (first === undefined) {
      const group = tooSmallGroup(this.#jury.world, terms);
      return {
        kind: 'fail',
        predicate: predicate.id,
        message: group === '' ? missing : `${missing}; ${group}`,
        timeUs,
      };
    }
    const message = `${missing}; ${first.name}: ${first.about}`;
    return { kind: 'fail', predicate: predicate.id, message, timeUs, excuse: first.name };
  }

  #result(outcome: Outcome): RunResult {
    const { sim, user, supervisor } = this.#cluster;
    const { expect } = this.#plan;
    const asExpected =
      expect === 'pass'
        ? outcome.kind === 'pass' || outcome.kind === 'excused'
        : outcome.kind === 'fail' && outcome.predicate === expect.fail;
    return {
      scenario: this.#plan.name,
      seed: this.#seed,
      outcome,
      asExpected,
      violations: this.#jury.violations,
      faults: this.#arsenal.reports().map((report) => ({
        ...report,
        beginUs: report.beginUs < 0 ? -1 : report.beginUs - this.#originUs,
        endUs: report.endUs < 0 ? -1 : report.endUs - this.#originUs,
      })),
      // The budget may be used up before the user's process begins.
      operations: (user?.results ?? []).map(({ what, endUs, error }) => ({
        what,
        endUs: endUs - this.#originUs,
        error,
      })),
      exits: supervisor.exits.map((exit) => ({ ...exit, timeUs: exit.timeUs - this.#originUs })),
      times: {
        bootUs: this.#originUs === 0 ? -1 : this.#originUs,
        healUs: this.#healUs,
        convergedUs: this.#convergedUs,
        endUs: sim.now - this.#originUs,
      },
      bound: this.#bound,
      counts: {
        events: sim.eventCount,
        commits: this.#jury.world.commitCount,
        processes: sim.processes.count,
        pods: this.#jury.world.of('Pod').size,
      },
      work: this.#work(),
      neverEvaluated: this.#jury.neverEvaluated(),
      pendingPods: pendingPodsOf(this.#jury.world, textOf(outcome)),
      digest: sim.digestHex(),
    };
  }

  #work(): Record<string, number> {
    const { sim } = this.#cluster;
    const { counts } = sim.observation;
    const own = [this.#jury.evaluationCount, sim.eventCount, this.#jury.world.commitCount];
    const work: Record<string, number> = {};
    for (const { name, place } of workCounters()) work[name] = (place < 0 ? own[-1 - place] : counts[place]) as number;
    return work;
  }
}

/** What is said of the outcome. */
function textOf(outcome: Outcome): string {
  if (outcome.kind === 'pass') return '';
  return outcome.kind === 'excused' ? outcome.missing : outcome.message;
}

/** A counter of {@link RunResult.work}. */
export interface WorkCounter extends Declaration {
  /** Its id; for one of {@link RUN_COUNTERS} −1 − its place there. */
  readonly place: number;
}

/** Counters that no component declares: the kernel's and the jury's. */
const RUN_COUNTERS: readonly Declaration[] = [
  { name: 'chaos.predicate-evaluations', about: 'times that a predicate had something to judge' },
  { name: 'sim.events', about: 'events of the simulation: messages, timers, actions' },
  { name: 'store.commits', about: 'changes of objects that the store took' },
];

/** The counters when they were last asked for: modules that load later declare more. */
let sortedCounters: readonly WorkCounter[] = [];

/** All counters of {@link RunResult.work}, in the order of their names. */
export function workCounters(): readonly WorkCounter[] {
  const declared = declaredCounters();
  if (sortedCounters.length !== declared.length + RUN_COUNTERS.length) {
    sortedCounters = [
      ...declared.map((each, id) => ({ ...each, place: id })),
      ...RUN_COUNTERS.map((each, index) => ({ ...each, place: -1 - index })),
    ].sort((left, right) => (left.name < right.name ? -1 : 1));
  }
  return sortedCounters;
}

/** true for errors that mean a bug of seatrial. */
export function isBug(error: unknown): error is AssertionError {
  return error instanceof AssertionError;
}
