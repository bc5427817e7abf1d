/**
 * Where two runs of one plan and seed part, for those that should be equal: a user's code that looks at a clock or rolls dice.
 *
 * Both runs are traced whole, up to a limit, and compared event by event.
 */
import { sameEvent, type TraceRecord, type TraceSink } from '../../sim/trace.ts';
import type { ScenarioPlan } from '../plan.ts';
import { runPlan } from '../run-plan.ts';
import { describeEvent } from './describe-event.ts';

/** Events compared; a difference that comes later is told by the digests alone. */
const EVENTS_MAX = 300_000;

/** Two runs that differ. */
export interface Difference {
  readonly digests: readonly [string, string];
  /** The first event that differs: when (µs since the cluster was up), who got it, what it was; null when it lies beyond what is compared. */
  readonly event: { readonly timeUs: number; readonly process: string; readonly what: string } | null;
}

/** Runs the plan twice; null when both are equal. */
export function firstDifference(plan: ScenarioPlan, seed: number): Difference | null {
  const [left, right] = [tracedRun(plan, seed), tracedRun(plan, seed)];
  if (left.digest === right.digest) return null;
  const length = Math.max(left.events.length, right.events.length);
  for (let i = 0; i < length; i++) {
    const [one, other] = [left.events[i], right.events[i]];
    if (one !== undefined && other !== undefined && sameEvent(one, other)) continue;
    const event = one ?? (other as TraceRecord);
    const shown = { timeUs: event.timeUs - left.originUs, process: event.target, what: describeEvent(event) };
    return { digests: [left.digest, right.digest], event: shown };
  }
  return { digests: [left.digest, right.digest], event: null };
}

class LimitedTrace implements TraceSink {
  readonly fromUs = 0;
  readonly untilUs = Number.POSITIVE_INFINITY;
  readonly events: TraceRecord[] = [];

  record(event: TraceRecord): void {
    if (this.events.length < EVENTS_MAX) this.events.push(event);
  }
}

function tracedRun(
  plan: ScenarioPlan,
  seed: number,
): { digest: string; events: readonly TraceRecord[]; originUs: number } {
  const trace = new LimitedTrace();
  let originUs = 0;
  const { digest } = runPlan(plan, seed, {
    begin: ({ sim }) => {
      originUs = sim.now;
      sim.trace = trace;
    },
  });
  return { digest, events: trace.events, originUs };
}
