/**
 * What a run leaves behind: nothing that a collection of young objects has to copy. A campaign's thread spent a fifth of its time on that
 * while a weak table outside of the runs had values that led back to each of them.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { interception } from '../../../core/chaos/faults/interceptors.ts';
import { Jury } from '../../../core/chaos/jury.ts';
import type { Cluster } from '../../../core/cluster/cluster.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import { POINT_STORE_COMMIT } from '../../../core/store/member-names.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;

/** Bytes of young objects that survive a collection now. */
function survivingBytes(): number {
  collect({ type: 'minor' });
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_used_size ?? 0;
}

const BALLAST = 20_000;
const RUNS = 5;
/** What one object of the ballast takes, with its place in the array and its share of the run. */
const BYTES_PER_OBJECT = 36;

/** A run that holds {@link BALLAST} objects. */
function burdenedRun(seed: number): Simulation {
  const sim = new Simulation({ seed });
  const ballast = Array.from({ length: BALLAST }, (_, place) => ({ place }));
  sim.observation.listen(POINT_STORE_COMMIT, () => ballast.length);
  return sim;
}

it.each([
  ['was judged', (sim: Simulation) => void new Jury(sim, [])],
  [
    'had a fault that answers for components',
    (sim: Simulation) => {
      const cluster = { sim } as unknown as Cluster;
      interception('store.commit', 'writes', () => (sim.now < 0 ? sim : undefined)).begin(cluster);
    },
  ],
])('a run that is over and %s goes with the next collection of young objects', (_, use) => {
  collect();
  for (let seed = 1; seed <= RUNS; seed++) use(burdenedRun(seed));
  const alive = burdenedRun(0);
  const bytes = survivingBytes();
  expect(alive.now).toBe(0);
  // One is alive; of the others those may be that code is being compiled for, on a busy machine two.
  expect(bytes).toBeLessThan(4 * BYTES_PER_OBJECT * BALLAST);
});
