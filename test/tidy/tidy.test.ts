/**
 * Holds the rules of the house over the whole tree. The rules themselves are tested in rules.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkBanned, checkFileName, checkLeftovers } from './banned.ts';
import { type Finding, formatFinding } from './finding.ts';
import { checkImports } from './imports.ts';
import { checkMachinePaths, checkTopLevel } from './layout.ts';
import { checkFileLength, checkFunctionLength, checkHeader } from './lengths.ts';
import { checkLinks } from './links.ts';
import { checkOldGeneration } from './old-generation.ts';
import { checkPackages } from './packages.ts';
import type { SourceText } from './source-text.ts';
import { checkStartUp } from './start-up.ts';
import { PROJECT_ROOT, projectFiles, sources, textFiles, topLevelNames } from './tree.ts';

const files = projectFiles();
const all = sources(files);

function expectClean(findings: readonly Finding[]): void {
  expect(findings.map(formatFinding).join('\n')).toBe('');
}

function expectCleanSources(rule: (source: SourceText) => readonly Finding[]): void {
  expectClean(all.flatMap(rule));
}

describe('tidy', () => {
  test('the tree was found', () => {
    expect(all.some((source) => source.path.startsWith('core/'))).toBe(true);
    expect(all.some((source) => source.path === 'bench/cli/main.ts')).toBe(true);
  });

  test('import table', () => expectCleanSources(checkImports));
  test('banned calls in core', () => expectCleanSources(checkBanned));
  test('nothing of a run is old from the start', () => expectCleanSources(checkOldGeneration));
  test('leftovers', () => expectCleanSources(checkLeftovers));
  test('file length', () => expectCleanSources(checkFileLength));
  test('function length', () => expectCleanSources(checkFunctionLength));
  test('file headers', () => expectCleanSources(checkHeader));
  test('file names', () =>
    expectClean(files.filter((file) => file.includes('/') && file !== '.ci/run').flatMap(checkFileName)));
  test('top-level names', () => expectClean(checkTopLevel(topLevelNames())));
  test('start-up', () => expectClean(checkStartUp('bench/cli/main.ts', all)));
  test('package.json and lock', () => {
    const read = (name: string) => JSON.parse(readFileSync(path.join(PROJECT_ROOT, name), 'utf8'));
    expectClean(checkPackages(read('package.json'), read('package-lock.json')));
  });
  test('links of the README and of docs/', () => {
    const pages = textFiles(files).filter((file) => file.path === 'README.md' || /^docs\/.*\.md$/.test(file.path));
    expect(pages.length).toBeGreaterThan(5);
    expectClean(checkLinks(pages, files));
  });
  test('machine paths', () => expectClean(textFiles(files).flatMap((file) => checkMachinePaths(file.path, file.text))));

  test('Biome finds nothing', () =>
    expectSilent('biome', ['check', '--config-path', 'test/biome.json', '--max-diagnostics=40', '.']));
  test('sources and tests type-check', () => expectSilent('tsc', ['-p', 'test/tsconfig.json']));
  test('scripts of the report page type-check', () =>
    expectSilent('tsc', ['-p', 'bench/report/browser/tsconfig.json', '--noEmit']));
});

function expectSilent(program: string, args: readonly string[]): void {
  const binary = path.join(PROJECT_ROOT, 'node_modules', '.bin', program);
  const run = spawnSync(binary, args, { cwd: PROJECT_ROOT, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  expect(run.error).toBeUndefined();
  expect(run.status === 0 ? '' : `${run.stdout}\n${run.stderr}`).toBe('');
}
