/**
 * Whether a recording can be replayed, and whether a replay went as recorded.
 *
 * A recording is one of the ways its steps may go: what hangs on the phase of a periodic loop goes another way with another seed. So a recording
 * agrees when one of a few seeds goes as recorded.
 */
import type { Step } from '../recording.ts';
import type { Difference } from './line-difference.ts';
import { whyNotSent } from './recorded-requests.ts';
import { comparisonOf } from './timeline-comparison.ts';
import { TimelineReplay } from './timeline-replay.ts';
import type { Recording } from './whole-recording.ts';

/** Seeds that are tried until one goes as recorded. */
const SEEDS_MAX = 16;
const REPLAYED_STEPS: ReadonlySet<string> = new Set(['request', 'sleep', 'wait']);

/** How a replay went. */
export interface ReplayVerdict {
  /** The first difference of seed 1; null where a seed went as recorded. */
  readonly difference: Difference | null;
  /** The seed that went as recorded. */
  readonly seed: number | null;
  /** Pauses that took as long as recorded. */
  readonly pauses: number;
}

/** Why a recording cannot be replayed, without its name; null where it can. */
export function whyNotReplayed({ steps, events, final }: Recording): string | null {
  if (!steps.every(isReplayed)) return 'signals to components, their starts, or load on them';
  if (events.some(({ relisted }) => relisted)) return 'states missing between lists';
  for (const step of steps) {
    const why = step.do === 'request' ? whyNotSent(step) : null;
    if (why !== null) return why;
  }
  if (final === undefined) return 'no final objects kept (final.json)';
  return null;
}

function isReplayed(step: Step): boolean {
  return REPLAYED_STEPS.has(step.do);
}

/** Replays a recording that can be replayed. */
export function replayRecording(recording: Recording): ReplayVerdict {
  let difference: Difference | null = null;
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const replay = new TimelineReplay(recording, seed);
    replay.run();
    const { differences, pauses } = comparisonOf(replay);
    const [first] = differences;
    if (first === undefined) return { difference: null, seed, pauses };
    difference ??= first;
  }
  return { difference, seed: null, pauses: 0 };
}
