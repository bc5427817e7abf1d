/**
 * Runs predicates over a recording as over a simulated run: its events become commits at their times, its processes live and die as recorded.
 *
 * Always: a predicate hears the same points as in a run and knows nothing of where they come from.
 */
import { excusesOf } from '../../../core/chaos/excuses.ts';
import { Jury, type Missing } from '../../../core/chaos/jury.ts';
import type { GroundTruth, Violation } from '../../../core/chaos/predicate.ts';
// Declares every observation point, before a simulation counts them.
import '../../../core/cluster/declared.ts';
import type { Pid } from '../../../core/sim/process.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { AwayComponents } from './away-components.ts';
import { DeclaredObjects } from './declared-objects.ts';
import { type EndExcuse, excusing } from './end-excuses.ts';
import { EndingNamespaces } from './ending-namespaces.ts';
import { EventTexts } from './event-texts.ts';
import { FakeKubelets } from './fake-kubelets.ts';
import { FormerPods, laterAttempts } from './later-attempts.ts';
import { RecordedDecisions } from './recorded-decisions.ts';
import { RecordedObjects } from './recorded-objects.ts';
import type { LogLine, RecordedRun, Step, TimelineEvent } from './recording.ts';
import { stepTimes } from './step-times.ts';
import { UserPhases } from './user-phases.ts';

/**
 * Predicates whose subject appears in recordings. Of the others, those of the store, of informers, of lines and of answers need what was sent or seen (S4–S7, S13,
 * S15, SC2', SC3', A1, A9–A12, P2, RS2, SS3, SS5, DS2, I1, I2, X7), A5 whole specs, E3, D5, DL1 and X8 more time than a recording has or what
 * none shows, LE1 who held a lease before, those of kubelets and proxies what was true on nodes (K1, K2, K6, KP1–KP3), and X2 longer silence.
 */
export const JUDGED = [
  ...['S3', 'A4', 'A7', 'SC1', 'SC2', 'SC3', 'SC4', 'SC5', 'SC6', 'SC8', 'SC9', 'K4', 'K7', 'K8', 'NL1', 'NL2', 'NL3'],
  ...['LE2', 'LE3', 'RS1', 'RS3', 'RS4', 'RS5', 'SS2', 'SS4', 'D1', 'D2', 'D3', 'D4', 'DS1', 'J1', 'J2'],
  ...['E1', 'E2', 'P1', 'PV1', 'N1', 'G2', 'X1', 'X12'],
] as const;

/** The recordings' --node-monitor-grace-period, µs (their README, versions and settings). */
const NODE_MONITOR_GRACE_US = 20_000_000;
const ACQUIRED = 'successfully acquired lease';
const CHANGE_TYPES: Readonly<Record<string, number>> = { ADDED: 1, MODIFIED: 2, DELETED: 3 };

/** What the predicates say of a recording. */
export interface Judgement {
  readonly violations: readonly Violation[];
  /** What did not come to rest and has no excuse; null where all did. */
  readonly missing: Missing | null;
  /** Evaluations by predicate. */
  readonly evaluations: ReadonlyMap<string, number>;
}

const TRUTH: GroundTruth = {
  nodeMonitorGraceUs: NODE_MONITOR_GRACE_US,
  kubelet: 'recorded',
  proxyMode: 'default',
  requestSeats: { read: Number.POSITIVE_INFINITY, write: Number.POSITIVE_INFINITY },
  connectedNodes: () => [],
  rulesOf: () => [],
  runsController: () => false,
  instanceState: () => null,
  caches: () => [],
  queues: () => [],
};

/** Judges one run. */
export function judgeRecording(run: RecordedRun): Judgement {
  return new RecordingTrial(run).judge();
}

class RecordingTrial {
  readonly #run: RecordedRun;
  readonly #sim = new Simulation({ seed: 0 });
  readonly #jury = new Jury(this.#sim, JUDGED, TRUTH);
  readonly #declared = new DeclaredObjects();
  readonly #stored = new Map<string, KubeObject>();
  readonly #keyIds = new Map<string, number>();
  readonly #objects: RecordedObjects;
  readonly #decisions: RecordedDecisions;
  readonly #texts = new EventTexts(this.#jury);
  readonly #kubelets = new FakeKubelets();
  readonly #namespaces = new EndingNamespaces();
  readonly #formerPods = new FormerPods();
  readonly #userPhases = new UserPhases();
  readonly #away = new AwayComponents();
  /** Processes whose log has begun. */
  readonly #logs = new Set<Pid>();
  readonly #apiServer: Pid;
  readonly #watchers = new Map<string, object>();

  constructor(run: RecordedRun) {
    this.#run = run;
    this.#apiServer = this.#process('apiserver-0');
    const deciders = {
      scheduler: this.#process('scheduler-0'),
      controllerManager: this.#process('controller-manager-0'),
    };
    this.#objects = new RecordedObjects(this.#declared, {
      find: (kind, namespace, name) => this.#stored.get(`${kind}/${namespace}/${name}`),
    });
    this.#decisions = new RecordedDecisions(this.#jury, deciders);
    this.#jury.faultWrites.push((commit) => this.#userPhases.wrote(commit));
    this.#jury.onCommit.push(
      (commit) => this.#decisions.take(commit),
      (commit) => this.#texts.take(commit),
      (commit) => this.#kubelets.take(commit),
      (commit) => this.#formerPods.take(commit),
      (commit) => this.#namespaces.take(commit, this.#jury.world),
    );
  }

  judge(): Judgement {
    for (const [component, instance] of Object.entries(this.#run.leaders))
      this.#show('leader.started', null, this.#instance(component, instance));
    for (const { at, take } of this.#inOrder()) {
      this.#sim.run(Math.max(at * 1000, this.#sim.now));
      take();
    }
    this.#jury.conclude();
    const all = [...this.#jury.always, this.#texts.predicate, ...this.#jury.liveness];
    return {
      violations: this.#jury.violations,
      missing: this.#unexcused(),
      evaluations: new Map(all.map(({ id, evaluations }) => [id, evaluations])),
    };
  }

  /** Steps, log lines and events by time; events stay in the order of their revisions, requests come before what they cause. */
  #inOrder(): { readonly at: number; readonly take: () => void }[] {
    let last = 0;
    const events = this.#run.events.map((event) => {
      last = Math.max(last, event.ms);
      return { at: last, take: () => this.#event(event) };
    });
    const times = this.#run.repeats ? stepTimes(this.#run.steps, this.#run.events) : [];
    const steps = this.#run.steps.map((step, index) => ({ at: times[index] ?? step.ms, take: () => this.#step(step) }));
    const log = this.#run.log.map((line) => ({ at: line.ms, take: () => this.#logged(line) }));
    return [...steps, ...log, ...events].sort((left, right) => left.at - right.at);
  }

  #process(name: string): Pid {
    const pid = this.#sim.addProcess(name, name, () => ({ start() {}, receive() {} }));
    this.#sim.run(this.#sim.now);
    return pid;
  }

  // ---- commits ---------------------------------------------------------------------------------------------------

  #event(event: TimelineEvent): void {
    const { kind, ns = '', name, uid } = event;
    // Revisions are recorded as distances from the first one, and that one is no revision 0.
    const rv = event.rv + 1;
    const key = `${kind}/${ns}/${name}`;
    const known = this.#stored.get(key);
    // A list shows that an object was replaced, not when.
    if (known !== undefined && known.metadata.uid !== uid && event.type !== 'DELETED')
      this.#commit(key, rv, null, known);
    const previous = known?.metadata.uid === uid ? known : null;
    const object = event.type === 'DELETED' ? null : this.#objects.objectOf(event);
    if (object === null && previous === null) return;
    this.#commit(key, rv, object, previous);
    this.#delivered(kind, CHANGE_TYPES[event.type] ?? 0, rv);
  }

  #commit(key: string, revision: number, object: KubeObject | null, previous: KubeObject | null): void {
    if (object === null) this.#stored.delete(key);
    else this.#stored.set(key, object);
    let keyId = this.#keyIds.get(key);
    if (keyId === undefined) {
      keyId = this.#keyIds.size;
      this.#keyIds.set(key, keyId);
    }
    const value = object === null ? null : { object, hash: keyId };
    this.#show('store.apply', { keyId, revision, value });
    this.#show('store.commit', { keyId, revision, value, previous: previous === null ? null : { object: previous } });
  }

  /** The recorder watches each kind as a whole. */
  #delivered(kind: string, type: number, revision: number): void {
    let watcher = this.#watchers.get(kind);
    if (watcher === undefined) {
      watcher = { type: { kind, apiVersion: '' }, foundBy: 0, startRevision: -1 };
      this.#watchers.set(kind, watcher);
    }
    this.#show('api.watch-delivery', { watcher, events: [{ type, revision }] });
  }

  #show(point: string, subject: unknown, pid: Pid = this.#apiServer): void {
    const id = findPoint(point);
    if (id === undefined) throw new Error(`no observation point is named ${point}`);
    this.#sim.observation.observe(id, pid, subject);
  }

  // ---- processes -------------------------------------------------------------------------------------------------

  #step(step: Step): void {
    this.#declared.take(step);
    this.#userPhases.take(step);
    const { component = '', instance = '', action = '' } = step;
    if (instance === '') return;
    this.#away.take(step);
    const pid = this.#instance(component, instance);
    // From the first signal on nothing counts as undisturbed.
    this.#jury.disturbed();
    if (step.do === 'exit' || action === 'SIGKILL') this.#sim.crash(pid);
    else if (action === 'SIGSTOP') this.#sim.pause(pid);
    else if (action === 'SIGCONT') this.#sim.resume(pid);
  }

  #logged({ component, instance, text }: LogLine): void {
    const pid = this.#instance(component, instance);
    if (!this.#logs.has(pid)) this.#away.saw(component, instance);
    this.#logs.add(pid);
    if (text.startsWith(ACQUIRED)) this.#show('leader.started', null, pid);
    else if (/leader ?election lost/i.test(text)) this.#show('leader.stopped', null, pid);
  }

  #instance(component: string, instance: string): Pid {
    const name = `${component}-${/\d+$/.exec(instance)?.[0] ?? '0'}`;
    return this.#sim.processes.find(name) ?? this.#process(name);
  }

  // ---- the end ---------------------------------------------------------------------------------------------------

  /** The first predicate that misses something which no excuse is about. */
  #unexcused(): Missing | null {
    const { liveness, world } = this.#jury;
    const excuses = [...this.#excuses()];
    for (const predicate of liveness) {
      const what = predicate.missing?.() ?? null;
      if (what !== null && excusing(world, predicate.subject, excuses) === undefined) return { predicate, what };
    }
    return null;
  }

  *#excuses(): Generator<EndExcuse, void, undefined> {
    const { world } = this.#jury;
    for (const { about, subject } of excusesOf(world))
      yield { about: subject === null ? [] : [subject.key], why: about };
    yield* this.#kubelets.excuses(world, this.#sim.now);
    yield* this.#namespaces.excuses(this.#sim.now);
    yield* this.#away.excuses();
    yield* laterAttempts(world, this.#formerPods);
  }
}
