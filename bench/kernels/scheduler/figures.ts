/** The kernels of `bench scheduler` that are no race between two paths: the whole loop, a published experiment, memory. */

import { NAMED_POLICIES, namedProfile, type Profile } from '../../../core/cluster/placement.ts';
import { prepareRun } from '../../compare/experiment-input.ts';
import { runFillUp } from '../../compare/fill-up.ts';
import { kindFacts } from '../../compare/kind-facts.ts';
import { DEFAULT_FILL_PERCENT, DEFAULT_RULES } from '../../compare/run-compare.ts';
import { openbWorkload } from '../../compare/trace-workload.ts';
import { direct, type Kernel } from '../kernel.ts';
import { boundPerSecond, type LoopShape } from './in-loop.ts';
import { tableMegabytes } from './memory.ts';

const LOOP = { nodes: 5000, pods: 20_000 };

function loop(storeMembers: number, target: number): Kernel {
  const shape: LoopShape = { ...LOOP, storeMembers };
  return {
    name: `create to bound, ${storeMembers === 1 ? 'one member' : `${storeMembers} members`}`,
    about: `${shape.nodes} nodes, ${shape.pods} pods through API server, store, informer and queue, after one warm-up run; kube-default`,
    unit: '1/s',
    better: 'higher',
    target,
    work: direct(
      3,
      (now) => {
        boundPerSecond(shape, now);
        return boundPerSecond(shape, now);
      },
      true,
    ),
  };
}

/** Policies that gather pods before they place them: a solver's work, not a choice a pod. */
const BATCH_POLICIES: readonly string[] = ['min-cost-flow'];
/** The last of these seeds is timed. */
const FILL_UP_SEEDS = [1, 2, 3];

/** Host seconds of the slowest policy's fill-up with one seed. */
function slowestFillUp(policies: readonly string[], now: () => number): number {
  const workload = openbWorkload();
  const facts = kindFacts(workload);
  let slowestMs = 0;
  for (const name of policies) {
    const profileOf = (): Profile => namedProfile(name, { typicalPods: facts.typical }) as Profile;
    const policy = { name, profileOf, module: undefined, queue: 'fifo', gangs: false } as const;
    let lastMs = 0;
    for (const seed of FILL_UP_SEEDS) {
      const startMs = now();
      runFillUp(prepareRun(workload, facts, policy, DEFAULT_RULES, seed), DEFAULT_FILL_PERCENT, seed);
      lastMs = now() - startMs;
    }
    slowestMs = Math.max(slowestMs, lastMs);
  }
  return slowestMs / 1000;
}

function fillUp(name: string, includes: (policy: string) => boolean): Kernel {
  const policies = NAMED_POLICIES.map((policy) => policy.name).filter(includes);
  return {
    name: `openb fill-up, ${name}`,
    about: `1,523 nodes until ${DEFAULT_FILL_PERCENT} % are asked for, one policy and seed, after two runs of it`,
    unit: 's',
    better: 'lower',
    target: 0.25,
    work: direct(3, (now) => slowestFillUp(policies, now)),
  };
}

/** In the order they are shown. */
export const SCHEDULER_FIGURES: readonly Kernel[] = [
  loop(1, 50_000),
  loop(3, 35_000),
  fillUp('slowest policy', (policy) => !BATCH_POLICIES.includes(policy)),
  fillUp('slowest batch policy', (policy) => BATCH_POLICIES.includes(policy)),
  {
    name: 'table and caches of 15,000 nodes',
    about: '50,000 pods of 100 shapes and 30 apps with spread and pod terms; API objects not counted',
    unit: 'MB',
    better: 'lower',
    target: 100,
    work: direct(1, tableMegabytes),
  },
];
