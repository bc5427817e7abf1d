/**
 * The kernels of `bench chaos`: small runs with all predicates on, and how long it takes to be back at the end of a large run.
 */
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { runPrefix } from '../../../core/chaos/prefix.ts';
import { compileEarly } from '../../campaign/early-compilation.ts';
import { SMALL_BATCH, SMALL_SCENARIO, SMALL_WARM_BATCHES, smallRunsPerSecond } from '../end-to-end-kernel.ts';
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
    about: `runs a second after ${SMALL_BATCH * SMALL_WARM_BATCHES}: 5 nodes, 5 virtual minutes, 3 faults, all predicates, ${members}`,
    unit: '1/s',
    better: 'higher',
    target,
    work: direct(1, (now) => smallRunsPerSecond(fiveMinutes(storeMembers), now), true),
  };
}

/** The kernels, in the order they are shown. */
export const CHAOS_FIGURES: readonly Kernel[] = [
  small(1, 250),
  small(3, 100),
  {
    name: 'replay to the last event',
    about: 'of a run with 1,000 pods on 100 nodes, in a process that has just started, as `replay` does it',
    unit: 's',
    better: 'lower',
    target: 0.5,
    work: direct(3, (now) => {
      compileEarly();
      const plan = thousandPods();
      const start = now();
      runPrefix(plan, 1, { kind: 'event', event: plan.eventsMax });
      return (now() - start) / 1000;
    }),
  },
];
