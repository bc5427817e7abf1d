/**
 * The kernels of `bench chaos`: small runs with all predicates on, shrinking, and how long it takes to be back at the end of a large run.
 */
import { isMinimised, minimise } from '../../../core/chaos/minimise/minimise.ts';
import { PLANTED_BUGS } from '../../../core/chaos/mutation/index.ts';
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { SMALL_SCENARIO, smallRunsPerSecond } from '../end-to-end-kernel.ts';
import { direct, type Kernel } from '../kernel.ts';
import { thousandPods } from './plans.ts';

const S = 1_000_000;
/** Virtual time of a small run, µs, from the workload to the end of the stability window. */
const SMALL_US = 300 * S;

/** The small scenario over five virtual minutes. */
function fiveMinutes(storeMembers: number): ScenarioPlan {
  const { cluster, phases } = SMALL_SCENARIO;
  const stableUs = SMALL_US - phases.warmUpUs - phases.safetyUs;
  return {
    ...SMALL_SCENARIO,
    cluster: { ...cluster, controlPlane: { ...cluster.controlPlane, storeMembers } },
    phases: { ...phases, stableUs },
  };
}

function small(storeMembers: number, target: number): Kernel {
  const members = storeMembers === 1 ? '1 store member' : `${storeMembers} store members`;
  return {
    name: `small runs, ${members}`,
    about: `runs a second of one thread: 5 nodes, 5 virtual minutes, 3 faults, all predicates, ${members}`,
    unit: '1/s',
    better: 'higher',
    target,
    work: direct(2, (now) => smallRunsPerSecond(fiveMinutes(storeMembers), now), true),
  };
}

/** One planted bug in so many is shrunk: each costs some dozen runs. */
const SHRUNK_EVERY = 3;

interface Shrunk {
  readonly runs: number;
  readonly seconds: number;
}

/** Shrinks a third of the planted bugs, each as its situation shows it. */
function shrinkPlantedBugs(now: () => number): readonly Shrunk[] {
  const shrunk: Shrunk[] = [];
  PLANTED_BUGS.forEach(({ plan, seeds }, index) => {
    if (index % SHRUNK_EVERY !== 0) return;
    for (let seed = 1; seed <= seeds; seed++) {
      const start = now();
      const small = minimise({ ...plan, expect: 'pass' }, seed);
      if (!isMinimised(small)) continue;
      shrunk.push({ runs: small.runs, seconds: (now() - start) / 1000 });
      return;
    }
  });
  return shrunk;
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

/** The kernels, in the order they are shown. */
export const CHAOS_FIGURES: readonly Kernel[] = [
  small(1, 250),
  small(3, 100),
  {
    name: 'runs to shrink a finding',
    about: 'median over planted bugs, the verification included',
    unit: '1',
    better: 'lower',
    target: 200,
    work: direct(1, (now) => medianOf(shrinkPlantedBugs(now).map(({ runs }) => runs)), true),
  },
  {
    name: 'time to shrink a finding',
    about: 'the same, host time',
    unit: 's',
    better: 'lower',
    target: 10,
    work: direct(1, (now) => medianOf(shrinkPlantedBugs(now).map(({ seconds }) => seconds)), true),
  },
  {
    name: 'replay to the last event',
    about: 'of a run with 1,000 pods on 100 nodes, in a process that has just started',
    unit: 's',
    better: 'lower',
    target: 0.5,
    work: direct(3, (now) => {
      const plan = thousandPods();
      const start = now();
      runPlan(plan, 1);
      return (now() - start) / 1000;
    }),
  },
];
