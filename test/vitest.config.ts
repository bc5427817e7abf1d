/**
 * Settings of the test runner.
 *
 * Projects follow the folders below test/; `npx vitest run --config test/vitest.config.ts --project tidy` runs one.
 * SHARED is the folder of recorded data (default: ../shared/data beside the project). SEATRIAL_TEST_REPORT, when set,
 * names a file that gets the JSON report as well. Tests that need something outside the project go through
 * test/support/needs.ts: they skip where it is missing and fail in CI.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const inCi = (process.env['CI'] ?? '') !== '' && process.env['CI'] !== 'false';
const reportFile = process.env['SEATRIAL_TEST_REPORT'] ?? '';

/** Folders of test/ that are projects of their own: name, time limit of one test in milliseconds. */
const projects: readonly (readonly [string, number])[] = [
  ['tidy', 60_000],
  ['core', 20_000],
  ['scenarios', 20_000],
  ['bench', 20_000],
  ['property', 300_000],
  ['conformance', 120_000],
  ['end-to-end', 120_000],
];

export default defineConfig({
  root,
  test: {
    env: { SHARED: process.env['SHARED'] ?? path.resolve(root, '../shared/data') },
    reporters: reportFile === '' ? ['default'] : ['default', ['json', { outputFile: reportFile }]],
    allowOnly: !inCi,
    passWithNoTests: false,
    pool: 'forks',
    projects: projects.map(([name, testTimeout]) => ({
      extends: true as const,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        testTimeout,
        hookTimeout: testTimeout,
        // The default leaves one core of two idle. Tests that start the program come last, one by one: it uses all cores itself, and they time it.
        ...(name === 'end-to-end'
          ? { maxWorkers: 1, sequence: { groupOrder: 1 } }
          : { maxWorkers: 2, sequence: { groupOrder: 0 } }),
      },
    })),
  },
});
