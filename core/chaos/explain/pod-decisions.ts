/**
 * What the schedulers of a run decided on one pod, and why: the run is replayed up to right before a decision, and the scheduler that is about to
 * decide is asked for every node.
 *
 * Always: what is explained is what that scheduler knew then (its caches, the pods it had assumed, those that preemption made room for), not what the
 * store held. Cost: one replay to find the decisions, which ends once none can
 * follow, and one more up to the decision.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { explainToScheduler } from '../../cluster/explain.ts';
import type { Explanation, ProfileChange } from '../../cluster/explanation.ts';
import { queueStateOf } from '../../cluster/inspection/scheduler-view.ts';
import type { Believed, Nominated, Placement, Search, Unplaced } from '../../scheduler/points.ts';
import type { Scheduler } from '../../scheduler/scheduler.ts';
import type { Pid } from '../../sim/process.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodTerminal } from '../../types/pod-conditions.ts';
import type { Jury } from '../jury.ts';
import type { ScenarioPlan } from '../plan.ts';
import { keyOf, listen } from '../predicate.ts';
import { type Moment, runPrefix } from '../prefix.ts';
import { type Absence, PodLives } from './pod-lives.ts';

/** One time that a scheduler looked for a node for the pod. */
export interface PodDecision {
  /** µs since the cluster was up. */
  readonly timeUs: number;
  /** Number of the event in the run, boot included. */
  readonly event: number;
  readonly scheduler: string;
  /** Tells pods apart that had the name one after the other. */
  readonly uid: string;
  /** The node it got, `''` for none, with the scheduler's message. */
  readonly nodeName: string;
  readonly message: string;
  /** Where preemption makes room, and whose; `''` for nowhere. */
  readonly nominatedNodeName: string;
  readonly victims: readonly string[];
  /** Nodes that the cycle looked at, of how many: fewer under sampling. */
  readonly examined: number;
  readonly nodeCount: number;
}

/** Which moment is asked about. */
export type When =
  /** The n-th decision on a pod of that name, from 1 on. */
  | { readonly kind: 'attempt'; readonly attempt: number }
  /** The last decision; where there was none, the end of the run. */
  | { readonly kind: 'last' }
  /** An instant, µs since the cluster was up, whatever is decided then. */
  | { readonly kind: 'time'; readonly timeUs: number };

/** How the pod stood at the moment that is explained. */
export interface PodState {
  /** `pending`, the node's name is in the explanation otherwise; `ended`, `deleting`. */
  readonly phase: 'pending' | 'assigned' | 'ended' | 'deleting';
  /** The scheduler's queue entry; null where it has none. */
  readonly queue: ReturnType<typeof queueStateOf> | null;
}

/** The answer. */
export interface RunExplanation {
  /** The pod that was asked for, or that was chosen of the workload's. */
  readonly pod: string;
  readonly decisions: readonly PodDecision[];
  /** Index of the decision that is explained, −1 for none. */
  readonly decision: number;
  /** The moment, µs since the cluster was up, and the scheduler that is asked. */
  readonly timeUs: number;
  readonly scheduler: string;
  /** false when the run ended before the moment. */
  readonly reached: boolean;
  readonly state: PodState | null;
  /** Set when the pod is not there at the moment. */
  readonly absence: Absence | null;
  /** null when no scheduler knows the pod then. */
  readonly explanation: Explanation | null;
  /** Every pod that has been there, sorted; where the asked one was not yet, those of the whole run. */
  readonly pods: readonly string[];
}

/** Owners whose pods get names that are drawn. */
const DRAWN_NAMES: readonly string[] = ['ReplicaSet', 'DaemonSet', 'Job'];

/** Explains a pod of a run: `namespace/name`, or its workload as {@link PodLives.podOf} takes it. */
export function explainInRun(
  plan: ScenarioPlan,
  seed: number,
  asked: string,
  when: When,
  change: ProfileChange | null,
): RunExplanation {
  if (when.kind === 'time') return explainAtInstant(plan, seed, asked, when, change);
  const log = new DecisionLog(asked);
  runPrefix(plan, seed, { kind: 'end' }, (cluster, jury, stop) => log.begin(cluster, jury, stop));
  const pod = log.lives.podOf(asked);
  if (pod !== null && pod !== asked) return explainInRun(plan, seed, pod, when, change);
  const decision = when.kind === 'last' ? log.decisions.length - 1 : when.attempt - 1;
  const chosen = log.decisions[decision];
  if (chosen === undefined) {
    const reached = when.kind === 'last';
    return { ...log.explain(log.now, log.schedulerOfNow(), change), decision: -1, reached };
  }
  const before: Moment = { kind: 'event', event: chosen.event - 1 };
  const replayed = new DecisionLog(asked);
  runPrefix(plan, seed, before, (cluster, jury) => replayed.begin(cluster, jury));
  const answer = replayed.explain(chosen.timeUs, replayed.schedulerNamed(chosen.scheduler), change);
  const explanation = answer.explanation === null ? null : { ...answer.explanation, ...whatCameOfIt(chosen) };
  return { ...answer, explanation, decisions: log.decisions, decision, reached: true, pods: log.lives.names() };
}

/** A pod that is not there then is looked for in the whole run. */
function explainAtInstant(
  plan: ScenarioPlan,
  seed: number,
  asked: string,
  when: When & { readonly kind: 'time' },
  change: ProfileChange | null,
): RunExplanation {
  const log = new DecisionLog(asked);
  const { reached } = runPrefix(plan, seed, when, (cluster, jury) => log.begin(cluster, jury));
  let { lives } = log;
  if (!lives.isThere(lives.podOf(asked) ?? '')) {
    const whole = new DecisionLog(asked);
    runPrefix(plan, seed, { kind: 'end' }, (cluster, jury) => whole.begin(cluster, jury));
    lives = whole.lives;
  }
  const pod = log.lives.podOf(asked) ?? lives.podOf(asked);
  if (pod !== null && pod !== asked) return explainAtInstant(plan, seed, pod, when, change);
  const answer = log.explain(log.now, log.schedulerOfNow(), change);
  return { ...answer, decision: -1, reached, absence: lives.absenceOf(asked, log.now), pods: lives.names() };
}

/** Of the decision itself: the message with what preemption adds, and the victims that it drew. */
function whatCameOfIt({ message, nominatedNodeName, victims }: PodDecision): Pick<Explanation, 'message' | 'victims'> {
  return { message, victims: nominatedNodeName === '' ? [] : [{ node: nominatedNodeName, pods: victims }] };
}

/** Follows the decisions on one pod of a run. */
class DecisionLog {
  readonly decisions: PodDecision[] = [];
  readonly lives = new PodLives();
  readonly #pod: string;
  #cluster!: Cluster;
  #jury!: Jury;
  #originUs = 0;
  #examined = 0;
  #nodeCount = 0;

  constructor(pod: string) {
    this.#pod = pod;
  }

  /** `onBound` is called when no further decision can follow: the pod has its node, and its name never comes again. */
  begin(cluster: Cluster, jury: Jury, onBound?: () => void): void {
    this.#cluster = cluster;
    this.#jury = jury;
    this.#originUs = cluster.sim.now;
    for (const kind of jury.world.kinds) for (const object of jury.world.of(kind).values()) this.lives.put(object, 0);
    jury.onCommit.push(({ object, previous, timeUs }) => {
      if (object !== null) this.lives.put(object, timeUs - this.#originUs);
      else if (previous !== null) this.lives.remove(previous, timeUs - this.#originUs);
    });
    // One cycle tells of its search first and of its outcome in the same event.
    listen(jury, 'scheduler.search', (_pid, subject) => {
      const { examined, nodeCount } = subject as Search;
      this.#examined = examined;
      this.#nodeCount = nodeCount;
    });
    listen(jury, 'scheduler.assume', (pid, subject) => {
      const { pod, nodeName } = subject as Placement;
      this.#decided(pid, pod, { nodeName, message: '' });
    });
    listen(jury, 'scheduler.unschedulable', (pid, subject) => {
      const { pod, message } = subject as Unplaced;
      this.#decided(pid, pod, { nodeName: '', message });
    });
    listen(jury, 'scheduler.bound', (_pid, subject) => {
      const { pod } = subject as Believed;
      if (keyOf(pod) === this.#pod && DRAWN_NAMES.includes(controllerOf(pod)?.kind ?? '')) onBound?.();
    });
    listen(jury, 'scheduler.nominate', (_pid, subject) => {
      const { pod, nodeName, victims } = subject as Nominated;
      const last = this.decisions.at(-1);
      if (keyOf(pod) !== this.#pod || last === undefined) return;
      const nominated = { nominatedNodeName: nodeName, victims: victims.map(({ key }) => key) };
      this.decisions[this.decisions.length - 1] = { ...last, ...nominated };
    });
  }

  /** The present instant, µs since the cluster was up. */
  get now(): number {
    return this.#cluster.sim.now - this.#originUs;
  }

  /** The scheduler that decides now; without one that does, any that runs. */
  schedulerOfNow(): Scheduler | null {
    const { schedulers, sim } = this.#cluster;
    const running = [...schedulers].filter(([pid]) => sim.isRunning(pid)).map(([, scheduler]) => scheduler);
    return running.find(({ active }) => active) ?? running[0] ?? null;
  }

  schedulerNamed(name: string): Scheduler | null {
    const { schedulers, sim } = this.#cluster;
    for (const [pid, scheduler] of schedulers) if (sim.processes.names[pid] === name) return scheduler;
    return null;
  }

  /** Asks a scheduler as it is now. */
  explain(
    timeUs: number,
    scheduler: Scheduler | null,
    change: ProfileChange | null,
  ): Omit<RunExplanation, 'decision' | 'reached'> {
    const { schedulers, sim } = this.#cluster;
    const pid = [...schedulers].find(([, each]) => each === scheduler)?.[0];
    const [namespace = '', name = ''] = this.#pod.split('/');
    const state = scheduler === null ? null : this.#stateOf(scheduler);
    return {
      pod: this.#pod,
      decisions: this.decisions,
      timeUs,
      scheduler: pid === undefined ? '' : (sim.processes.names[pid] as string),
      state,
      absence: this.lives.absenceOf(this.#pod, this.now),
      explanation: scheduler === null ? null : explainToScheduler(scheduler, namespace, name, change),
      pods: this.lives.names(),
    };
  }

  #stateOf(scheduler: Scheduler): PodState | null {
    const { queue, core } = scheduler.prepare();
    const pod = [...this.#jury.world.of('Pod').values()].find((each) => keyOf(each) === this.#pod) as Pod | undefined;
    if (pod === undefined) return null;
    const queued = queue.entries().find((each) => keyOf(each.pod) === this.#pod);
    const phase = isPodTerminal(pod)
      ? 'ended'
      : pod.metadata.deletionTimestamp !== undefined
        ? 'deleting'
        : (pod.spec.nodeName ?? '') === ''
          ? 'pending'
          : 'assigned';
    return { phase, queue: queued === undefined ? null : queueStateOf(queued, core.filterNames(queued.profile)) };
  }

  #decided(pid: Pid, pod: Pod, outcome: Pick<PodDecision, 'nodeName' | 'message'>): void {
    if (keyOf(pod) !== this.#pod) return;
    const { sim } = this.#cluster;
    this.decisions.push({
      timeUs: this.now,
      event: sim.eventCount,
      scheduler: sim.processes.names[pid] as string,
      uid: pod.metadata.uid ?? '',
      ...outcome,
      nominatedNodeName: '',
      victims: [],
      examined: this.#examined,
      nodeCount: this.#nodeCount,
    });
  }
}
