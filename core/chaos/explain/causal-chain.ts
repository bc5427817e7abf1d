/**
 * From a violation back to where it came from: each event was sent during another one, its cause.
 *
 * The run is replayed with a trace, which costs memory for every event but changes nothing: same digest. For what never became true there is no
 * event; then the chain of the last commit of work is shown.
 */

import { TraceBuffer, type TraceRecord } from '../../sim/trace.ts';
import type { ScenarioPlan } from '../plan.ts';
import { type RunObserver, type RunResult, runPlan } from '../run-plan.ts';
import { isHeartbeat } from '../world.ts';
import { describeEvent, eventLabel } from './describe-event.ts';
import { foldChain, type ShownLink } from './fold-chain.ts';

/** A link of the chain; times are µs since the cluster was up. */
export interface ChainLink {
  readonly timeUs: number;
  /** Number of the event in the run, boot included: `replay --until` takes it. */
  readonly event: number;
  readonly process: string;
  /** Who sent it; the process itself for its timers. */
  readonly from: string;
  readonly what: string;
  /** The same in few words, for an arrow. */
  readonly label: string;
  /** Ids of faults that lasted then and had hit this process or the one before it. */
  readonly faults: readonly string[];
}

export interface Explanation {
  readonly result: RunResult;
  /** What the chain ends at. */
  readonly subject: string;
  /** From the oldest link to the newest, folded. */
  readonly chain: readonly ShownLink[];
  /** Ids of all faults under which some link of the whole chain stood. */
  readonly faults: ReadonlySet<string>;
}

/** Replays `plan` and follows the causes of its first violation. `observer` sees the same run. */
export function explain(plan: ScenarioPlan, seed: number, observer: RunObserver = {}): Explanation {
  const trace = new TraceBuffer(0, Number.POSITIVE_INFINITY);
  let violating = -1;
  let lastWork = -1;
  let originUs = 0;
  const result = runPlan(plan, seed, {
    ...observer,
    begin: (cluster, jury) => {
      observer.begin?.(cluster, jury);
      originUs = cluster.sim.now;
      cluster.sim.trace = trace;
      jury.onCommit.push((commit) => {
        if (!isHeartbeat(commit)) lastWork = trace.events.length - 1;
      });
      const onViolation = () => {
        if (violating < 0) violating = trace.events.length - 1;
      };
      jury.onViolation = onViolation;
    },
  });
  const { outcome } = result;
  const at = violating >= 0 ? violating : lastWork;
  const links = chainTo(trace.events, at);
  const all = links.map((event) => linkOf(event, originUs, result));
  return {
    result,
    subject:
      outcome.kind === 'fail'
        ? `${outcome.predicate}: ${outcome.message}`
        : `the last work (the run ${outcome.kind === 'pass' ? 'passed' : `is ${outcome.kind}`})`,
    chain: foldChain(all),
    faults: new Set(all.flatMap((link) => link.faults)),
  };
}

/** The event at `at` with all its causes, the oldest first. Ids count from the first traced event. */
function chainTo(events: readonly TraceRecord[], at: number): TraceRecord[] {
  const chain: TraceRecord[] = [];
  const firstId = events[0]?.id ?? 0;
  for (let event = events[at]; event !== undefined; event = events[event.cause - firstId]) {
    chain.push(event);
    if (event.cause < firstId || event.cause >= event.id) break;
  }
  return chain.reverse();
}

function linkOf(event: TraceRecord, originUs: number, { faults }: RunResult): ChainLink {
  const timeUs = event.timeUs - originUs;
  const concerned = faults.filter(
    ({ targets, beginUs, endUs }) =>
      beginUs >= 0 &&
      beginUs <= timeUs &&
      (endUs < 0 || timeUs <= endUs) &&
      (targets.includes(event.target) || targets.includes(event.from)),
  );
  return {
    timeUs,
    event: event.event,
    process: event.target,
    from: event.from,
    what: describeEvent(event),
    label: eventLabel(event),
    faults: [...new Set(concerned.map(({ id }) => id))],
  };
}
