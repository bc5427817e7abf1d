/** The published tables of the FGD experiment: one seed of each policy and table here, all of them with `seatrial conform`. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { format } from '../../bench/conform/openb.ts';
import { runCases, selectCases } from '../../bench/conform/run-cases.ts';
import { lacksData, SHARED_DIR } from '../support/needs.ts';

test.skipIf(lacksData('openb/expected_allo.csv')).each([
  ['default/*/42/*', 15],
  ['gpuspec10/{02-DotProd,06-FGD}/51/*', 6],
  ['multigpu20/{03-GpuClustering,04-GpuPacking,05-BestFit}/47/alloc', 3],
])('%s: every cell within 0.01', async (glob, count) => {
  const cases = format.cases(path.join(SHARED_DIR, 'openb'));
  expect(cases).toHaveLength(750);
  const run = await runCases(selectCases(cases, glob));
  expect(run.reports.filter(({ outcome }) => !outcome.passed)).toEqual([]);
  expect(run.passed).toBe(count);
});
