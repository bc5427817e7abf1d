/**
 * The beginning of a run: replays a plan up to a moment and stops there, with everything in place to be looked at.
 *
 * Always: what happens before the moment is what happens in the whole run; going back in time is replaying, nothing is copied.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { Jury } from './jury.ts';
import type { FaultPlan, ScenarioPlan } from './plan.ts';
import { type RunObserver, runPlan } from './run-plan.ts';

/** Where a replay stops. */
export type Moment =
  /** At an instant, µs since the cluster was up. */
  | { readonly kind: 'time'; readonly timeUs: number }
  /** After the event of this number, boot included. */
  | { readonly kind: 'event'; readonly event: number }
  /** Right after the first violation. */
  | { readonly kind: 'violation' }
  /** At the end, or where whoever follows the run wants to stop. */
  | { readonly kind: 'end' }
  /** Right after the fault has begun to act or has ended. */
  | { readonly kind: 'fault'; readonly id: string; readonly edge: 'begins' | 'ends' };

/** A run that stands still. */
export interface Prefix {
  readonly cluster: Cluster;
  readonly jury: Jury;
  /** Present instant, µs since the cluster was up. */
  readonly timeUs: number;
  readonly event: number;
  /** false when the run ended before the moment came: what is seen is its end. */
  readonly reached: boolean;
}

/** Ends a run in the middle. */
class MomentReached extends Error {}

/** Hears when the cluster is up; `stop` ends the replay after the present event. */
export type PrefixBegin = (cluster: Cluster, jury: Jury, stop: () => void) => void;

/** Replays `plan` with `seed` up to `moment`. */
export function runPrefix(
  plan: ScenarioPlan,
  seed: number,
  moment: Moment,
  onBegin: PrefixBegin | null = null,
): Prefix {
  const stop = new Stop(moment, onBegin);
  const eventsMax = moment.kind === 'event' ? Math.min(plan.eventsMax, moment.event) : plan.eventsMax;
  let reached = true;
  try {
    const result = runPlan({ ...plan, eventsMax }, seed, stop);
    // A liveness predicate is broken by the end of its bound, not by an event.
    reached = moment.kind === 'end' || (moment.kind === 'violation' && result.outcome.kind === 'fail');
  } catch (error) {
    if (!(error instanceof MomentReached)) throw error;
  }
  const { cluster, jury, originUs } = stop;
  if (cluster === null || jury === null) throw new Error('a run that began has a cluster');
  const event = cluster.sim.eventCount;
  return {
    cluster,
    jury,
    timeUs: cluster.sim.now - originUs,
    event,
    reached: reached || (moment.kind === 'event' && event >= moment.event),
  };
}

/** Sees a run from its beginning and ends it at the moment. */
class Stop implements RunObserver {
  cluster: Cluster | null = null;
  jury: Jury | null = null;
  originUs = 0;
  readonly #moment: Moment;
  readonly #onBegin: PrefixBegin | null;

  constructor(moment: Moment, onBegin: PrefixBegin | null) {
    this.#moment = moment;
    this.#onBegin = onBegin;
  }

  begin(cluster: Cluster, jury: Jury): void {
    const moment = this.#moment;
    this.end(cluster, jury);
    this.#onBegin?.(cluster, jury, () => this.#stopAt(cluster.sim.now));
    this.originUs = cluster.sim.now;
    if (moment.kind === 'time') this.#stopAt(this.originUs + moment.timeUs);
    if (moment.kind === 'violation') {
      const onViolation = () => this.#stopAt(cluster.sim.now);
      jury.onViolation = onViolation;
    }
  }

  faultBegins(fault: FaultPlan): void {
    this.#fault(fault, 'begins');
  }

  faultEnds(fault: FaultPlan): void {
    this.#fault(fault, 'ends');
  }

  end(cluster: Cluster, jury: Jury): void {
    this.cluster = cluster;
    this.jury = jury;
  }

  #fault({ id }: FaultPlan, edge: 'begins' | 'ends'): void {
    const moment = this.#moment;
    if (moment.kind === 'fault' && moment.id === id && moment.edge === edge) this.#stopAt(this.cluster?.sim.now ?? 0);
  }

  /** As an action of the harness, so that nothing is in the middle of an event. */
  #stopAt(timeUs: number): void {
    this.cluster?.sim.at(timeUs, 'moment', () => {
      throw new MomentReached();
    });
  }
}
