/**
 * The point of no return of a failing run: its beginning is replayed up to an instant, what follows is drawn anew, several times; the share that
 * fails in the same way all the same says how much was decided by then.
 */
import { reseed } from '../../sim/reseed.ts';
import { signatureOf } from '../minimise/signature.ts';
import type { ScenarioPlan } from '../plan.ts';
import { runPlan } from '../run-plan.ts';

/** Seed of the first continuation; the others follow. */
const FIRST_SEED = 0x5eed_0001;
/** Instants of the first look over the whole run. */
const LOOKS = 9;
/** Halvings of the interval in which it was decided. */
const HALVINGS = 8;
/** Shorter intervals are not halved, µs. */
const RESOLUTION_US = 1_000;

/** How the continuations after one instant came out. Times are µs since the cluster was up. */
export interface Continuations {
  readonly timeUs: number;
  readonly runs: number;
  /** Those that failed in the same way. */
  readonly failures: number;
}

export interface NoReturn {
  readonly signature: string;
  /** When the predicate broke in the run itself. */
  readonly violationUs: number;
  /** By time. */
  readonly points: readonly Continuations[];
  /** Last instant looked at from which some continuation still came out otherwise; −1 = there was none. */
  readonly openUs: number;
  /** First instant looked at from which all failed, then and later. */
  readonly noReturnUs: number;
}

export interface NoReturnOptions {
  /** Continuations of each instant. */
  readonly continuations: number;
  /** Called before each instant. */
  readonly onLook?: (timeUs: number, looked: number) => void;
}

/** Looks for the point of no return of `plan` with `seed`; null when that run does not fail. */
export function pointOfNoReturn(plan: ScenarioPlan, seed: number, options: NoReturnOptions): NoReturn | null {
  const { outcome } = runPlan(plan, seed);
  const signature = signatureOf(outcome);
  if (outcome.kind !== 'fail' || signature === null) return null;
  const violationUs = outcome.timeUs;
  const points: Continuations[] = [];
  const look = (timeUs: number): Continuations => {
    options.onLook?.(timeUs, points.length);
    const point = continuationsFrom(plan, seed, timeUs, signature, options.continuations);
    points.push(point);
    return point;
  };
  for (let i = 0; i < LOOKS; i++) look(Math.round((violationUs * i) / (LOOKS - 1)));
  let [openUs, noReturnUs] = bounds(points, violationUs);
  for (let i = 0; i < HALVINGS && openUs >= 0 && noReturnUs - openUs > RESOLUTION_US; i++) {
    look(Math.round((openUs + noReturnUs) / 2));
    [openUs, noReturnUs] = bounds(points, violationUs);
  }
  points.sort((left, right) => left.timeUs - right.timeUs);
  return { signature, violationUs, points, openUs, noReturnUs };
}

/** The last instant with another outcome, and the first one after it. */
function bounds(points: readonly Continuations[], violationUs: number): [openUs: number, noReturnUs: number] {
  const open = points.filter(({ runs, failures }) => failures < runs).map(({ timeUs }) => timeUs);
  const openUs = Math.max(-1, ...open);
  const closed = points.filter(({ timeUs }) => timeUs > openUs).map(({ timeUs }) => timeUs);
  return [openUs, Math.min(violationUs, ...closed)];
}

function continuationsFrom(
  plan: ScenarioPlan,
  seed: number,
  timeUs: number,
  signature: string,
  runs: number,
): Continuations {
  let failures = 0;
  for (let i = 0; i < runs; i++) {
    const { outcome } = runPlan(plan, seed, {
      begin: ({ sim }) => {
        sim.at(sim.now + timeUs, 'another seed', () => reseed(sim, FIRST_SEED + i));
      },
    });
    if (signatureOf(outcome) === signature) failures++;
  }
  return { timeUs, runs, failures };
}
