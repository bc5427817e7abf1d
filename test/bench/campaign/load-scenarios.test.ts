/** Scenarios by the paths of a command line: a name that comes twice is told at its second file. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadScenarios } from '../../../bench/campaign/load-scenarios.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';

test('one name from two files is warned of once, a twin of the same name never', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  const source = path.join(PROJECT_ROOT, 'scenarios', 'first-deployment.yaml');
  const copy = path.join(folder, 'copy.yaml');
  copyFileSync(source, copy);
  const problems = new ProblemList();
  const scenarios = loadScenarios([source, copy], problems);
  rmSync(folder, { recursive: true });
  const warning = `${copy} warning SCN-038: a scenario "first-deployment" comes from ${source}, too: both run under that name`;
  expect(scenarios.flatMap(({ warnings }) => warnings)).toEqual([warning]);
  expect(scenarios.map(({ twin }) => twin)).toEqual([false, true, false, true]);
  expect(problems.warnings).toHaveLength(1);
  expect(loadScenarios([source, source], new ProblemList())).toHaveLength(2);
});
