import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { format, runRaftFile } from '../../../../bench/conform/raft/raft-format.ts';
import { runCases } from '../../../../bench/conform/run-cases.ts';
import { lacksData, SHARED_DIR } from '../../../support/needs.ts';

const OWN_FILES = fileURLToPath(new URL('../../../data/raft', import.meta.url));

const failures = async (folder: string): Promise<{ readonly count: number; readonly failed: readonly unknown[] }> => {
  const run = await runCases(format.cases(folder));
  return { count: run.reports.length, failed: run.reports.filter(({ outcome }) => !outcome.passed) };
};

test.skipIf(lacksData('raft'))('the files of etcd-io/raft come out byte for byte', async () => {
  const { count, failed } = await failures(path.join(SHARED_DIR, 'raft'));
  expect(failed).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(25);
});

test('drawn scripts come out as etcd-io/raft wrote them', async () => {
  const { count, failed } = await failures(OWN_FILES);
  expect(failed).toEqual([]);
  expect(count).toBe(20);
});

const difference = (text: string): string => {
  const outcome = runRaftFile('t.txt', text);
  return outcome.passed ? '' : outcome.difference;
};

test('an unknown directive fails the file with its line', () => {
  expect(difference('# a comment\nadd-nodes 1\n----\nok\n\nfrobnicate 1\n----\nok\n')).toContain(
    't.txt:2: add-nodes 1',
  );
  expect(difference('log-level none\n----\nok\n\nfrobnicate 1\n----\nok\n')).toBe(
    't.txt:5: unknown directive "frobnicate"',
  );
  expect(difference('vote cfg=(1) votes=(y)\n----\nVoteWon\n\ncampaign 1\n----\n')).toBe(
    't.txt:5: unknown directive "campaign"',
  );
  expect(difference('simple\nv1\n----\nvoters=(1)\n1: StateProbe match=0 next=1\n\nvote\n----\n')).toBe(
    't.txt:7: unknown directive "vote"',
  );
});

test('the first difference of a file is shown as a diff, with its directive', () => {
  const text =
    'simple\nv1 l2\n----\nvoters=(1) learners=(2)\n1: StateProbe match=0 next=1\n2: StateProbe match=0 next=2 learner\n';
  expect(difference(text)).toBe(
    [
      't.txt:1: simple',
      'v1 l2',
      ' voters=(1) learners=(2)',
      ' 1: StateProbe match=0 next=1',
      '-2: StateProbe match=0 next=2 learner',
      '+2: StateProbe match=0 next=1 learner',
    ].join('\n'),
  );
});

test.each([
  ['campaign 1\n----\n', 't.txt:1: there is no node 1'],
  ['campaign\n----\n', 't.txt:1: campaign needs 1 arguments'],
  ['campaign x\n----\n', 't.txt:1: not a number: "x"'],
  ['add-nodes 1 prevote=maybe\n----\n', 't.txt:1: not a boolean: "maybe"'],
  ['committed cfg=(1) idx=(0)\n----\n', 't.txt:1: cannot use 0 as idx'],
  ['add-nodes 99999999999999999999\n----\n', 't.txt:1: not a number: "99999999999999999999"'],
])('hostile file %j is told with its line', (text, message) => {
  expect(difference(text)).toBe(message);
});

test.each([
  ['', 't.txt error CLI-006: holds no directive'],
  ['{"a": 1}\n', 't.txt:1 error CLI-006: unknown directive "{"a":"'],
  ['null', 't.txt:1 error CLI-006: unknown directive "null"'],
  ['\n\nfrobnicate 1\n----\nok\n', 't.txt:3 error CLI-006: unknown directive "frobnicate"'],
  ['add-nodes 1 voters=(1\n----\n', 't.txt:1 error CLI-006: cannot parse directive: add-nodes 1 voters=(1'],
  ['subtest a\n\nlog-level none\n----\nok\n', 't.txt:5 error CLI-006: subtest a has no end'],
])('the text %j is no data', (text, message) => {
  expect(() => runRaftFile('t.txt', text)).toThrow(message);
});
