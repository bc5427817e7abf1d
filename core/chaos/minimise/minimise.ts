/**
 * Shrinks a failing run to the smallest plan that still fails in the same way, and proves that it is one.
 *
 * Steps: run twice (a run that is not deterministic is refused) → cut time → faults in the causal past of the violation → faults → what was
 * drawn made concrete → operations → objects → cluster → replicas → parameters, over again until nothing changes → messages → state triggers → reorderings; then
 * verify: three equal replays, and every fault, operation, object and reordering that is left is needed. Source of the order: chaos manual §6.3.
 */
import type { ScenarioPlan } from '../plan.ts';
import type { RunResult } from '../run-plan.ts';
import { concreteFaults, fewerMessages } from './concrete-faults.ts';
import { namedOrders } from './named-orders.ts';
import { reduceCluster, reduceReplicas } from './reduce-cluster.ts';
import { causalSlice, reduceFaults, reduceObjects, reduceOperations } from './reduce-lists.ts';
import { reduceParameters } from './reduce-parameters.ts';
import { reduceTime } from './reduce-time.ts';
import { withReferences } from './references.ts';
import { signatureOf } from './signature.ts';
import { stateTriggers } from './state-triggers.ts';
import { Trials } from './trials.ts';

/** Rounds of all steps; the second seldom finds anything. */
const ROUNDS_MAX = 3;
/** Equal replays that a result must show. */
const REPLAYS = 3;

/** What a minimisation came to. */
export interface Minimised {
  /** The smallest plan; it expects the predicate to fail. */
  readonly plan: ScenarioPlan;
  /** How it comes out. */
  readonly result: RunResult;
  readonly signature: string;
  /** Simulations run, the verification included. */
  readonly runs: number;
  /** false when the budget of runs ended the search. */
  readonly complete: boolean;
  /** Items of the result without which it still fails in the same way; empty = every one is needed. */
  readonly unneeded: readonly string[];
}

/** Why there is nothing to minimise. */
export type Refusal =
  | { readonly kind: 'passes' }
  /** Two runs of one plan and seed gave different digests. */
  | { readonly kind: 'not-deterministic'; readonly digests: readonly string[] };

export interface MinimiseOptions {
  /** Most simulations. Default 200. */
  readonly runsMax?: number;
  /** Called after each step that made the plan smaller. */
  readonly onStep?: (step: string, plan: ScenarioPlan, runs: number) => void;
}

type Step = readonly [name: string, reduce: (plan: ScenarioPlan, trials: Trials) => ScenarioPlan];

const STEPS: readonly Step[] = [
  ['faults', reduceFaults],
  ['concrete faults', concreteFaults],
  ['operations', reduceOperations],
  ['objects', reduceObjects],
  ['cluster', reduceCluster],
  ['replicas', reduceReplicas],
  ['parameters', reduceParameters],
];

/** Shrinks `plan`, which fails with `seed`. Deterministic: the same plan and seed give the same result. */
export function minimise(plan: ScenarioPlan, seed: number, options: MinimiseOptions = {}): Minimised | Refusal {
  const first = new Trials(seed, '', 2);
  const [one, two] = [first.run(plan), first.run(plan)];
  if (one.digest !== two.digest) return { kind: 'not-deterministic', digests: [one.digest, two.digest] };
  const signature = signatureOf(one.outcome);
  if (signature === null) return { kind: 'passes' };
  const trials = new Trials(seed, signature, options.runsMax ?? 200, plan);
  trials.runs += 2;
  const small = search(plan, one, trials, options);
  const complete = !trials.exhausted;
  const named = { ...small, expect: expectationOf(one) };
  return verify(named, trials, complete);
}

function search(plan: ScenarioPlan, result: RunResult, trials: Trials, options: MinimiseOptions): ScenarioPlan {
  const short = reduceTime(plan, result.outcome, trials);
  if (short !== plan) options.onStep?.('time', short, trials.runs);
  let current = causalSlice(short, trials);
  if (current !== short) options.onStep?.('causal slice', current, trials.runs);
  for (let round = 0; round < ROUNDS_MAX && !trials.exhausted; round++) {
    const before = JSON.stringify(current);
    for (const [name, reduce] of STEPS) {
      const next = reduce(current, trials);
      if (JSON.stringify(next) !== JSON.stringify(current)) options.onStep?.(name, next, trials.runs);
      current = next;
    }
    if (JSON.stringify(current) === before) break;
  }
  // Once, when nothing else is left to take away: it asks the most.
  const fewer = fewerMessages(current, trials);
  if (fewer !== current) options.onStep?.('messages', fewer, trials.runs);
  current = fewer;
  const triggered = stateTriggers(current, trials);
  if (triggered !== current) options.onStep?.('state triggers', triggered, trials.runs);
  // A fault that begins at another moment may do the work of another one, or of an operation.
  const small = triggered === current ? current : reduceOperations(reduceFaults(triggered, trials), trials);
  // Last: instants of reorderings hold for this very plan.
  const ordered = namedOrders(small, trials);
  if (ordered !== small) options.onStep?.('reorderings', ordered, trials.runs);
  return ordered;
}

function expectationOf({ outcome }: RunResult): ScenarioPlan['expect'] {
  return outcome.kind === 'fail' ? { fail: outcome.predicate } : 'pass';
}

function verify(plan: ScenarioPlan, trials: Trials, complete: boolean): Minimised {
  const replays = Array.from({ length: REPLAYS }, () => trials.run(plan));
  const [result] = replays as [RunResult];
  const equal = replays.every(({ digest }) => digest === result.digest);
  if (!equal || signatureOf(result.outcome) !== trials.signature) {
    throw new Error(`the minimal plan does not replay: ${replays.map(({ digest }) => digest).join(' ')}`);
  }
  return {
    plan,
    result,
    signature: trials.signature,
    runs: trials.runs,
    complete,
    unneeded: unneededItems(plan, trials),
  };
}

/** Names of the faults, operations and objects that can be taken away one by one. */
function unneededItems(plan: ScenarioPlan, trials: Trials): string[] {
  const fails = (candidate: ScenarioPlan): boolean => trials.failsAnyway(candidate);
  const without = <T>(items: readonly T[], index: number): T[] => items.filter((_, place) => place !== index);
  const found: string[] = [];
  plan.faults.forEach(({ id }, index) => {
    if (fails({ ...plan, faults: without(plan.faults, index) })) found.push(`fault ${id}`);
  });
  plan.operations.forEach(({ kind }, index) => {
    if (fails({ ...plan, operations: without(plan.operations, index) })) found.push(`operation ${index + 1} (${kind})`);
  });
  const { reorderings = [] } = plan;
  reorderings.forEach(({ atUs }, index) => {
    if (fails({ ...plan, reorderings: without(reorderings, index) })) found.push(`reordering at ${atUs} µs`);
  });
  plan.workload.forEach((object, index) => {
    const { kind, metadata } = object;
    const workload = without(plan.workload, index);
    if (withReferences(workload, plan.workload).includes(object)) return;
    if (fails({ ...plan, workload })) found.push(`${kind} ${metadata.name}`);
  });
  return found;
}

/** true if minimise found something to do. */
export function isMinimised(answer: Minimised | Refusal): answer is Minimised {
  return 'plan' in answer;
}
