/**
 * Top levels of users' modules that would end, stop or break the command.
 */
import { expect, test } from 'vitest';
import { trialLoad } from '../../../bench/user-modules/trial-load.ts';

const moduleOf = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;

test('a sound module has no cause', async () => {
  expect(await trialLoad(moduleOf('export default {}'), null)).toBeUndefined();
});

test('what throws is left to the import itself', async () => {
  expect(await trialLoad(moduleOf('throw new Error("boom")'), null)).toBeUndefined();
});

test.each([
  ['process.exit(0)', 'ends the process (exit code 0)'],
  ['await new Promise(() => {})', 'waits for something that never comes'],
])('%s', async (source, cause) => {
  expect((await trialLoad(moduleOf(source), null))?.text).toContain(cause);
});

test('a rejection nobody handles is what was rejected', async () => {
  const source = 'Promise.reject(new Error("later")); export default {}';
  expect(await trialLoad(moduleOf(source), null)).toEqual({ text: 'Error: later' });
});

test('a loop without an end is told soon and meets the limit', async () => {
  const told: string[] = [];
  const patience = { limitMs: 300, slowMs: 100, onSlow: (text: string) => told.push(text) };
  expect(await trialLoad(moduleOf('for (;;);'), null, patience)).toEqual({
    text: 'its top level did not end within 0.3 s',
  });
  expect(told).toEqual(['its top level runs for 0.1 s, the limit is 0.3 s']);
});
