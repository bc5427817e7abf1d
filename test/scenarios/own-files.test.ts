/**
 * One function tells scenarios and suites from other files, in whatever style they are written; commands that take either rely on it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isScenarioFile, listOwnFiles } from '../../scenarios/own-files.ts';
import { formatProblems, ProblemList } from '../../scenarios/problem.ts';

const SCENARIOS = {
  block: 'apiVersion: seatrial/v1\nkind: Scenario\nmetadata: {name: a}\n',
  'first-line': 'kind: Scenario\r\napiVersion: seatrial/v1\r\n',
  commented: 'apiVersion: seatrial/v1\nkind: Scenario # of the pause\n',
  quoted: 'apiVersion: seatrial/v1\n"kind": \'Scenario\'\n',
  indented: '---\n  apiVersion: seatrial/v1\n  kind:   Scenario\n',
  flow: '# mine\n{apiVersion: seatrial/v1, kind: Scenario, metadata: {name: a}}\n',
  json: '{"apiVersion":"seatrial/v1","kind":"Scenario","metadata":{"name":"a"}}',
  'json-lines': '{\n  "apiVersion": "seatrial/v1",\n  "kind": "Scenario"\n}\n',
  broken: 'apiVersion: seatrial/v1\nkind: Scenario # and then\nfaults: [\n',
};
const OTHERS = {
  configmap: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  text: |\n    kind: Scenario\n',
  definition: 'kind: CustomResourceDefinition\nspec:\n  names:\n    kind: Scenario\n    plural: scenarios\n',
  suite: 'apiVersion: seatrial/v1\nkind: Suite\n',
  longer: 'kind: ScenarioRun\n',
  prose: '# a file about kind: Scenario and others\napiVersion: v1\nkind: Pod\n',
  text: '"kind: Scenario"\n',
  empty: '',
};
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-own-files-'));
  mkdirSync(join(folder, 'deep', 'folder.yaml'), { recursive: true });
  for (const [name, text] of Object.entries({ ...SCENARIOS, ...OTHERS })) {
    writeFileSync(join(folder, 'deep', name.startsWith('json') ? `${name}.json` : `${name}.yaml`), text);
  }
  writeFileSync(join(folder, 'deep', '.hidden.yaml'), SCENARIOS.block);
});
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string): string =>
  join(folder, 'deep', name.startsWith('json') ? `${name}.json` : `${name}.yaml`);

describe('isScenarioFile', () => {
  it.each(Object.keys(SCENARIOS))('knows a scenario, %s', (name) => {
    expect(isScenarioFile(fileOf(name))).toBe(true);
  });
  it.each(Object.keys(OTHERS))('knows that it is none, %s', (name) => {
    expect(isScenarioFile(fileOf(name))).toBe(false);
  });
  it('is no for what is no file or not there', () => {
    expect([folder, fileOf('folder'), fileOf('absent'), '-', '/dev/null', 'a\0b'].map(isScenarioFile)).not.toContain(
      true,
    );
  });
});

describe('listOwnFiles', () => {
  it('finds those of a folder, and takes a file at its word', () => {
    const problems = new ProblemList();
    const found = listOwnFiles('Scenario', folder, problems, 'SCN-000');
    expect([...found].sort()).toEqual(Object.keys(SCENARIOS).map(fileOf).sort());
    expect(listOwnFiles('Suite', folder, problems, 'SUI-000')).toEqual([fileOf('suite')]);
    expect(listOwnFiles('Scenario', fileOf('configmap'), problems, 'SCN-000')).toEqual([fileOf('configmap')]);
    expect(problems.problems).toEqual([]);
  });
  it('says what cannot be read', () => {
    const problems = new ProblemList();
    expect(listOwnFiles('Scenario', fileOf('absent'), problems, 'SCN-000')).toEqual([]);
    expect(formatProblems(problems.problems)).toMatch(/absent.yaml error SCN-000: cannot read: no such file or folder/);
  });
});
