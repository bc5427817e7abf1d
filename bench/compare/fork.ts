/**
 * One run continued under two policies from the same moment: the first decision that differs, and what each policy thought.
 *
 * Nothing is copied: the same seed is run under the first policy alone, under the first and then the second, and once more under
 * the first up to the decision in question, where both are asked. What lies before it is the same in all three.
 */
import type { SteadyOptions } from './arrivals.ts';
import type { PreparedRun } from './experiment-input.ts';
import type { RunOutcome } from './run-outcome.ts';
import { type DecisionObserver, runSteadyState } from './steady-state.ts';

/** What both policies thought of one node; null = it does not fit, or the policy gives no scores. */
export interface ForkScores {
  readonly node: string;
  readonly first: number | null;
  readonly second: number | null;
}

/** Where two continuations part. */
export interface ForkResult {
  /** Decisions after the fork that are equal. */
  readonly equalDecisions: number;
  /** Virtual time of the first that differs, µs; null when none does. */
  readonly timeUs: number | null;
  /** The pod: its number in order of arrival, and the kind of pod it is. */
  readonly pod: number;
  readonly kind: string;
  /** Node under each policy, '' for none. */
  readonly firstNode: string;
  readonly secondNode: string;
  /** Both nodes, as both policies score them at that moment. */
  readonly scores: readonly ForkScores[];
}

interface Decision {
  readonly pod: number;
  readonly kind: number;
  readonly node: number;
  readonly timeUs: number;
}

/** Follows decisions from `forkUs` on; the other policy takes over there, or never. */
class Follower implements DecisionObserver {
  readonly decisions: Decision[] = [];
  readonly switchUs: number;
  readonly #forkUs: number;
  #nowUs = 0;

  constructor(forkUs: number, switches: boolean) {
    this.#forkUs = forkUs;
    this.switchUs = switches ? forkUs : Number.POSITIVE_INFINITY;
  }

  before(_pod: number, _kind: number, nowUs: number): void {
    this.#nowUs = nowUs;
  }

  after(pod: number, kind: number, node: number): void {
    if (this.#nowUs >= this.#forkUs) this.decisions.push({ pod, kind, node, timeUs: this.#nowUs });
  }
}

/** Forks a run at `forkUs`; `prepare` makes it afresh, with the second policy as the other. */
export function runFork(prepare: () => PreparedRun, options: SteadyOptions, forkUs: number, seed: number): RunOutcome {
  const first = new Follower(forkUs, false);
  runSteadyState(prepare(), options, seed, first);
  const second = new Follower(forkUs, true);
  const outcome = runSteadyState(prepare(), options, seed, second);
  const at = firstDifference(first.decisions, second.decisions);
  return { ...outcome, fork: describe(prepare, options, forkUs, seed, first.decisions, second.decisions, at) };
}

function firstDifference(a: readonly Decision[], b: readonly Decision[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i]?.pod !== b[i]?.pod || a[i]?.node !== b[i]?.node) return i;
  }
  return shared;
}

function describe(
  prepare: () => PreparedRun,
  options: SteadyOptions,
  forkUs: number,
  seed: number,
  a: readonly Decision[],
  b: readonly Decision[],
  at: number,
): ForkResult {
  const mine = a[at];
  const other = b[at];
  if (mine === undefined || other === undefined) {
    return { equalDecisions: at, timeUs: null, pod: -1, kind: '', firstNode: '', secondNode: '', scores: [] };
  }
  const run = prepare();
  const nameOf = (slot: number): string =>
    slot < 0 ? '' : (run.workload.nodes[run.nodeOf[slot] as number]?.metadata.name ?? '');
  const scores: ForkScores[] = [];
  let decided = 0;
  runSteadyState(run, options, seed, {
    switchUs: Number.POSITIVE_INFINITY,
    before: (_pod, kind, nowUs) => {
      if (nowUs < forkUs || decided++ !== at) return;
      const thoughts = ([0, 1] as const).map(
        (policy) => new Map(run.placement.scoresOf(kind, policy).map(({ node, score }) => [node, score])),
      );
      for (const slot of new Set([mine.node, other.node])) {
        if (slot < 0) continue;
        scores.push({
          node: nameOf(slot),
          first: thoughts[0]?.get(slot) ?? null,
          second: thoughts[1]?.get(slot) ?? null,
        });
      }
    },
    after: () => {},
  });
  const { metadata } = run.workload.kinds[mine.kind] as PreparedRun['workload']['kinds'][number];
  return {
    equalDecisions: at,
    timeUs: mine.timeUs,
    pod: mine.pod,
    kind: `${metadata.namespace ?? ''}/${metadata.name}`,
    firstNode: nameOf(mine.node),
    secondNode: nameOf(other.node),
    scores,
  };
}
