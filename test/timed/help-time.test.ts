/**
 * Help and version come at once.
 */
import { expect, test } from 'vitest';
import { runSeatrial } from '../support/cli.ts';

const HELP_MS_MAX = 150;

test.each([[['--help']], [['-h']], [['help']], [['--version']]])('%j comes within 150 ms', (argv) => {
  const runs = Array.from({ length: 5 }, () => runSeatrial(argv));
  expect(runs[0]).toMatchObject({ code: 0, err: '' });
  expect(runs[0]?.out).toMatch(argv[0] === '--version' ? /^\d+\.\d+\.\d+\n$/ : /^seatrial <command>/);
  expect(Math.min(...runs.map((run) => run.elapsedMs))).toBeLessThan(HELP_MS_MAX);
});
