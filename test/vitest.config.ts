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

/** Folders of test/ that are projects of their own: name, time limit of one test in milliseconds, files at a time. */
const projects: readonly (readonly [string, number, number])[] = [
  ['tidy', 60_000, 2],
  ['core', 20_000, 2],
  ['scenarios', 20_000, 2],
  ['bench', 20_000, 2],
  ['property', 300_000, 2],
  ['conformance', 120_000, 2],
  ['end-to-end', 120_000, 2],
  // What judges host time comes last, one file at a time.
  ['timed', 120_000, 1],
];

/**
 * Projects whose files follow one another in one process and share what it has loaded: most of them are over sooner than the core is loaded and
 * compiled, which cost more than half of their CPU time (core: 219 s, now 87). They change nothing that others of the same process see.
 */
const SHARING = new Set(['core', 'scenarios', 'bench']);

export default defineConfig({
  root,
  test: {
    env: { SHARED: process.env['SHARED'] ?? path.resolve(root, '../shared/data') },
    reporters: reportFile === '' ? ['default'] : ['default', ['json', { outputFile: reportFile }]],
    allowOnly: !inCi,
    passWithNoTests: false,
    pool: 'forks',
    // The built program is tested as it is.
    server: { deps: { external: [/\/dist\//] } },
    projects: projects.map(([name, testTimeout, maxWorkers]) => ({
      extends: true as const,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        testTimeout,
        hookTimeout: testTimeout,
        // The default leaves one core of two idle.
        maxWorkers,
        isolate: !SHARING.has(name),
        sequence: { groupOrder: maxWorkers === 1 ? 1 : 0 },
      },
    })),
  },
});
