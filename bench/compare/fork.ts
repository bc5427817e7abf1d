/**
 * One run continued under two policies from the same moment: the first decision that differs, and what each policy thought.
 *
 * Nothing is copied: the same seed is run under the first policy alone, under the first and then the second, and once more under
 * the first up to the decision in question, where both are asked. What lies before it is the same in all three. A policy that takes pods in
 * batches or gangs decides at other times: decisions are compared pod by pod.
 */
import type { SteadyOptions } from './arrivals.ts';
import type { DecisionObserver } from './decision-observer.ts';
import type { PreparedRun } from './experiment-input.ts';
import type { RunOutcome } from './run-outcome.ts';
import { runSteadyState } from './steady-state.ts';

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
  /** Virtual time of the first that differs, µs, under the first policy; null when none does. */
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
  /** How many pods were tried before since the fork. */
  readonly ordinal: number;
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
    if (this.#nowUs < this.#forkUs) return;
    this.decisions.push({ pod, kind, node, timeUs: this.#nowUs, ordinal: this.decisions.length });
  }
}

/** Forks a run at `forkUs`; `prepare` makes it afresh, with the second policy as the other. */
export function runFork(prepare: () => PreparedRun, options: SteadyOptions, forkUs: number, seed: number): RunOutcome {
  const first = new Follower(forkUs, false);
  const run = prepare();
  runSteadyState(run, options, seed, first);
  const second = new Follower(forkUs, true);
  const outcome = runSteadyState(prepare(), options, seed, second);
  // Who takes pods together tries them less often: only its answers count, not how often there was none.
  const together = run.placement.batches || run.gangs || run.other?.gangs === true;
  const [a, b] = together
    ? [withoutRepeats(first.decisions), withoutRepeats(second.decisions)]
    : [first.decisions, second.decisions];
  return { ...outcome, fork: describe(prepare, options, forkUs, seed, differenceOf(a, b)) };
}

/** Decisions without those that found no node for a pod once more. */
function withoutRepeats(decisions: readonly Decision[]): Decision[] {
  const nodeOf = new Map<number, number>();
  return decisions.filter(({ pod, node }) => {
    const again = node < 0 && nodeOf.get(pod) === node;
    nodeOf.set(pod, node);
    return !again;
  });
}

/** Decisions that agree, then the first that does not. */
interface Difference {
  readonly equal: number;
  readonly first: Decision | undefined;
  readonly secondNode: number;
}

/** Compares the n-th decision on a pod with the n-th on it, in the order of the first run; what only one run came to is left out. */
function differenceOf(a: readonly Decision[], b: readonly Decision[]): Difference {
  const others = new Map<number, number[]>();
  for (const { pod, node } of b) {
    const nodes = others.get(pod);
    if (nodes === undefined) others.set(pod, [node]);
    else nodes.push(node);
  }
  const seen = new Map<number, number>();
  let equal = 0;
  for (const decision of a) {
    const { pod, node } = decision;
    const index = seen.get(pod) ?? 0;
    seen.set(pod, index + 1);
    const secondNode = others.get(pod)?.[index];
    if (secondNode === undefined) continue;
    if (secondNode !== node) return { equal, first: decision, secondNode };
    equal++;
  }
  return { equal, first: undefined, secondNode: -1 };
}

function describe(
  prepare: () => PreparedRun,
  options: SteadyOptions,
  forkUs: number,
  seed: number,
  { equal, first, secondNode }: Difference,
): ForkResult {
  if (first === undefined) {
    return { equalDecisions: equal, timeUs: null, pod: -1, kind: '', firstNode: '', secondNode: '', scores: [] };
  }
  const run = prepare();
  const nameOf = (slot: number): string =>
    slot < 0 ? '' : (run.workload.nodes[run.nodeOf[slot] as number]?.metadata.name ?? '');
  const scores: ForkScores[] = [];
  let decided = 0;
  runSteadyState(run, options, seed, {
    switchUs: Number.POSITIVE_INFINITY,
    before: (_pod, kind, nowUs) => {
      if (nowUs < forkUs || decided++ !== first.ordinal) return;
      const thoughts = ([0, 1] as const).map(
        (policy) => new Map(run.placement.scoresOf(kind, policy).map(({ node, score }) => [node, score])),
      );
      for (const slot of new Set([first.node, secondNode])) {
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
  const { metadata } = run.workload.kinds[first.kind] as PreparedRun['workload']['kinds'][number];
  return {
    equalDecisions: equal,
    timeUs: first.timeUs,
    pod: first.pod,
    kind: `${metadata.namespace ?? ''}/${metadata.name}`,
    firstNode: nameOf(first.node),
    secondNode: nameOf(secondNode),
    scores,
  };
}
