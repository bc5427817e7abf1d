/**
 * Shrinks findings of planted bugs, and sums up what it took and what was left: the figures of `bench chaos` about the minimiser.
 */
import { isMinimised, minimise } from '../../../core/chaos/minimise/minimise.ts';
import { PLANTED_BUGS, type PlantedBug } from '../../../core/chaos/mutation/index.ts';
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { swarmPlan } from '../../../core/chaos/search/swarm-plan.ts';
import { median } from '../../stats/quantile.ts';
import type { Kernel } from '../kernel.ts';

/** Swarm cases in which a bug may show itself; one that does not is shrunk from its own situation. */
const SWARM_CASES = 6;

/** How one finding was shrunk. */
export interface Shrunk {
  /** Simulations. */
  readonly runs: number;
  /** Host time. */
  readonly seconds: number;
  /** Faults that were left. */
  readonly faults: number;
  /** Faults, operations and objects without which it fails all the same: 0 is 1-minimal. */
  readonly unneeded: number;
}

/** Shrinks a finding of each of the planted bugs. `now` gives host ms. */
export function shrinkPlantedBugs(now: () => number): Shrunk[] {
  const shrunk: Shrunk[] = [];
  PLANTED_BUGS.forEach((planted) => {
    for (const { plan, seed } of findingsOf(planted)) {
      const start = now();
      const small = minimise({ ...plan, expect: 'pass' }, seed);
      if (!isMinimised(small)) continue;
      const { runs, unneeded } = small;
      const seconds = (now() - start) / 1000;
      shrunk.push({ runs, seconds, faults: small.plan.faults.length, unneeded: unneeded.length });
      return;
    }
  });
  return shrunk;
}

/** Where a bug may show: drawn plans over its workload, which have many faults, then its own situation. */
function* findingsOf({ plan, seeds }: PlantedBug): Generator<{ readonly plan: ScenarioPlan; readonly seed: number }> {
  for (let number = 1; number <= SWARM_CASES; number++) {
    const drawn = swarmPlan({ ...plan, faults: [], expect: 'pass' }, number, { seed: 1, lite: false });
    if (runPlan(drawn, 1).outcome.kind === 'fail') yield { plan: drawn, seed: 1 };
  }
  for (let seed = 1; seed <= seeds; seed++) yield { plan, seed };
}

/** A row of `bench chaos` about shrinking, and how its value comes from what was shrunk. */
export interface ShrinkingFigure extends Omit<Kernel, 'work'> {
  readonly of: (shrunk: readonly Shrunk[]) => number;
}

/** The rows, in the order they are shown. */
export const SHRINKING_FIGURES: readonly ShrinkingFigure[] = [
  {
    name: 'runs to shrink a finding',
    about: 'median over all planted bugs, found by a swarm where it finds them; the verification included',
    unit: '1',
    better: 'lower',
    target: 200,
    of: (shrunk) => median(shrunk.map(({ runs }) => runs)),
  },
  {
    name: 'time to shrink a finding',
    about: 'the same, host time',
    unit: 's',
    better: 'lower',
    target: 10,
    of: (shrunk) => median(shrunk.map(({ seconds }) => seconds)),
  },
  {
    name: 'faults of a shrunk finding',
    about: 'median of the same',
    unit: '1',
    better: 'lower',
    target: 3,
    of: (shrunk) => median(shrunk.map(({ faults }) => faults)),
  },
  {
    name: 'shrunk findings with something to spare',
    about: 'of the same: those in which a fault, operation or object is not needed',
    unit: '1',
    better: 'lower',
    target: 0,
    of: (shrunk) => shrunk.filter(({ unneeded }) => unneeded > 0).length,
  },
];
