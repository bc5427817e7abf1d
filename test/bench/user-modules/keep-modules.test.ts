/**
 * A finding that names modules of controllers is complete: they lie beside it, as they lie to each other, and it replays there alone.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keepModules } from '../../../bench/user-modules/keep-modules.ts';
import type { ScenarioPlan } from '../../../core/chaos/plan.ts';
import { findOperator, type Operator, registerOperator } from '../../../core/cluster/operators.ts';
import { loadScenarioText } from '../../../scenarios/load.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-keep-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const WEBSITE = path.join(PROJECT_ROOT, 'scenarios', 'operators', 'website.yaml');

test('modules, and what they import by relative paths, keep their places to each other', () => {
  const write = (name: string, text: string): string => {
    const file = path.join(scratch, 'mine', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const module = write(
    'a/deep/controller.ts',
    "import type { T } from '../types.ts';\nimport { helper } from '../../lib/helper.js';\nimport fs from 'node:fs';\nexport default {};\n",
  );
  write('lib/helper.ts', "export * from './index.ts';\nconst lazy = () => import('./lazy.mjs');\n");
  write('lib/index.ts', "import './helper.js';\n");
  write('lib/lazy.mjs', "// from './gone.ts'\n");
  write('a/types.ts', '');
  const { plan } = loadScenarioText(WEBSITE, readFileSync(WEBSITE, 'utf8'), new ProblemList()) as {
    plan: ScenarioPlan;
  };
  const operator = {} as Operator;
  registerOperator(module, operator);
  const folder = path.join(scratch, 'finding');
  const kept = keepModules({ ...plan, cluster: { ...plan.cluster, operators: [{ module, replicas: 1 }] } }, folder);
  const copy = path.join(folder, 'modules', 'a', 'deep', 'controller.ts');
  expect(kept.cluster.operators).toEqual([{ module: copy, replicas: 1 }]);
  expect(findOperator(copy)).toBe(operator);
  expect(readFileSync(copy, 'utf8')).toBe(readFileSync(module, 'utf8'));
  expect(readdirSync(path.join(folder, 'modules', 'lib')).sort()).toEqual(['helper.ts', 'index.ts', 'lazy.mjs']);
  expect(existsSync(path.join(folder, 'modules', 'a', 'types.ts'))).toBe(false);
});

test('a plan without modules is as it was, and nothing is written', () => {
  const folder = path.join(scratch, 'none');
  const plan = { cluster: {} } as ScenarioPlan;
  expect(keepModules(plan, folder)).toBe(plan);
  expect(existsSync(folder)).toBe(false);
});
