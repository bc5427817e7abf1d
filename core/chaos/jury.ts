/**
 * Runs the predicates of one run: feeds them commits, collects violations, asks the liveness ones.
 */
import { findPoint } from '../sim/registry.ts';
import type { Simulation } from '../sim/simulation.ts';
import { SubjectTable } from '../sim/subject-table.ts';
import { changedParts } from '../types/changed-parts.ts';
import type { KubeObject } from '../types/object.ts';
import type { GroundTruth, Judge, Predicate, Violation } from './predicate.ts';
import { ALWAYS, LIVENESS, predicateIds } from './predicates/index.ts';
import { type Commit, World } from './world.ts';

/** Violations kept a run: the first ones tell the story. */
const VIOLATIONS_MAX = 100;

/**
 * After the last fault, µs: reflectors list again after a minute at most, a component has a leader after 42 s. Back-offs of work queues double, so that they last as long again as what
 * made them grow.
 */
const RECOVERY_US = 90_000_000;
/** While nothing changes, only what depends on time alone can cease to hold: a lease that nobody renews, a pod that starves. */
const LOOK_AGAIN_US = 5_000_000;

/** A liveness predicate that does not hold, and what it lacks. */
export interface Missing {
  readonly predicate: Predicate;
  readonly what: string;
}

/** A predicate that reads commits. */
type CommitReader = Predicate & Required<Pick<Predicate, 'onCommit'>>;

const readsCommits = (predicate: Predicate): predicate is CommitReader => predicate.onCommit !== undefined;

/** The parts of the store's commit event that are read here. */
interface StoreCommit {
  readonly keyId: number;
  readonly revision: number;
  readonly value: { readonly object?: unknown } | null;
  readonly previous: { readonly object?: unknown } | null;
}

export class Jury implements Judge {
  readonly sim: Simulation;
  readonly world = new World();
  readonly truth: GroundTruth | undefined;
  readonly always: readonly Predicate[];
  readonly liveness: readonly Predicate[];
  readonly violations: Violation[] = [];
  calmSinceUs = 0;
  #disturbedSinceUs = 0;
  /** More listeners to commits: probes, recorders. */
  readonly onCommit: ((commit: Commit) => void)[] = [];
  /** Say of a commit whether it is a fault's own write. */
  readonly faultWrites: ((commit: Commit) => boolean)[] = [];
  isOfFault = false;
  #onViolation: ((violation: Violation) => void) | null = null;
  /** Predicates that read commits. */
  readonly #readers: SubjectTable<CommitReader>;
  #seenRevision = 0;
  #watching = false;
  #left: Missing | null = null;
  /** The liveness predicate that lacked something when they were last looked at. */
  #lacking: Predicate | null = null;
  /** When all liveness predicates were last found to hold, µs; before that, or since something was committed that is no heartbeat: -∞. */
  #heldUs = Number.NEGATIVE_INFINITY;

  /** `only`: ids of the predicates to run; empty = all. */
  constructor(sim: Simulation, only: readonly string[], truth?: GroundTruth) {
    this.sim = sim;
    this.truth = truth;
    this.#readers = new SubjectTable(sim.observation.kinds);
    // One that is not chosen is not even made: it would listen, and cost as much as the others.
    const ids = only.length === 0 ? [] : predicateIds();
    const chosen = (place: number): boolean => only.length === 0 || only.includes(ids[place] ?? '');
    this.always = ALWAYS.filter((_, place) => chosen(place)).map((make) => make(this));
    this.liveness = LIVENESS.filter((_, place) => chosen(ALWAYS.length + place)).map((make) => make(this));
    for (const predicate of [...this.always, ...this.liveness]) {
      if (readsCommits(predicate)) this.#readers.add(predicate, predicate.commitKinds, predicate.commitParts);
    }
    const point = findPoint('store.commit');
    if (point !== undefined) sim.observation.listen(point, (_pid, subject) => this.#commit(subject as StoreCommit));
  }

  /** Called at each violation. */
  set onViolation(listener: (violation: Violation) => void) {
    this.#onViolation = listener;
  }

  /** A fault begins to act. */
  disturbed(): void {
    if (this.calmSinceUs <= this.sim.now) this.#disturbedSinceUs = this.sim.now;
    this.calmSinceUs = Number.POSITIVE_INFINITY;
  }

  /** No fault acts any more. */
  calmed(): void {
    const { now } = this.sim;
    this.calmSinceUs = now + Math.max(RECOVERY_US, now - this.#disturbedSinceUs);
  }

  /** Records a violation, unless a fault's own write is what breaks the rule: that blames nobody. */
  violate(predicate: Predicate, message: string): void {
    if (this.isOfFault) return;
    const violation = { predicate: predicate.id, timeUs: this.sim.now, revision: this.world.revision, message };
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push(violation);
    this.#onViolation?.(violation);
  }

  /**
   * Opens or closes the stability window: while it is open, predicates that must stay so are asked after every commit that
   * is no heartbeat.
   */
  set watching(open: boolean) {
    this.#watching = open;
    this.#left = null;
  }

  /** The first predicate that left its desired state since the window was opened; null while all stay so. */
  get left(): Missing | null {
    return this.#left;
  }

  /** The first liveness predicate that does not hold now, with what it lacks; null when all hold. */
  missing(): Missing | null {
    for (const predicate of this.liveness) {
      const what = predicate.missing?.() ?? null;
      if (what !== null) return { predicate, what };
    }
    this.#heldUs = this.sim.now;
    return null;
  }

  /**
   * One that does not hold now, for a look each second: where all held and nothing has been committed since, they are asked again after a while only, and as
   * long as the one lacks something that lacked something before, the others are not asked.
   */
  missingSince(): Missing | null {
    if (this.sim.now - this.#heldUs < LOOK_AGAIN_US) return null;
    const what = this.#lacking?.missing?.() ?? null;
    if (this.#lacking !== null && what !== null) return { predicate: this.#lacking, what };
    const missing = this.missing();
    this.#lacking = missing?.predicate ?? null;
    return missing;
  }

  /** The run is over: predicates that judge at the end do so now. */
  conclude(): void {
    for (const predicate of this.always) predicate.conclude?.();
  }

  /** Ids of predicates that never had anything to judge. */
  neverEvaluated(): string[] {
    return [...this.always, ...this.liveness]
      .filter((predicate) => predicate.evaluations === 0)
      .map((predicate) => predicate.id);
  }

  /** How often all predicates together had something to judge. */
  get evaluationCount(): number {
    return [...this.always, ...this.liveness].reduce((sum, { evaluations }) => sum + evaluations, 0);
  }

  #commit(event: StoreCommit): void {
    // Members apply the same entries: the first one to apply an entry is the commit. Events of one revision arrive together.
    if (event.revision < this.#seenRevision) return;
    this.#seenRevision = event.revision;
    const object = (event.value?.object ?? null) as KubeObject | null;
    const previous = (event.previous?.object ?? null) as KubeObject | null;
    const kind = (object ?? previous)?.kind;
    if (kind === undefined) return;
    const commit: Commit = {
      timeUs: this.sim.now,
      revision: event.revision,
      keyId: event.keyId,
      kind,
      object,
      previous,
    };
    const isWork = this.world.apply(commit);
    const number = this.sim.observation.kinds.of(kind);
    const readers = this.#readers.of(number, changedParts(previous, object));
    this.isOfFault = this.faultWrites.length > 0 && this.faultWrites.some((wrote) => wrote(commit));
    for (let i = 0; i < readers.length; i++) (readers[i] as CommitReader).onCommit(commit, number);
    this.isOfFault = false;
    for (let i = 0; i < this.onCommit.length; i++) (this.onCommit[i] as (commit: Commit) => void)(commit);
    if (!isWork) return;
    this.#heldUs = Number.NEGATIVE_INFINITY;
    if (this.#watching && this.#left === null) this.#look();
  }

  #look(): void {
    for (const predicate of this.liveness) {
      const what = predicate.staysSo === true ? (predicate.missing?.() ?? null) : null;
      if (what === null) continue;
      this.#left = { predicate, what: `${what}, after it had matched` };
      return;
    }
  }
}
