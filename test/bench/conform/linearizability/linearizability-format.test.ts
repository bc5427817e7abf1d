import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readEdnHistory } from '../../../../bench/conform/linearizability/edn-history.ts';
import { readJepsenLog } from '../../../../bench/conform/linearizability/jepsen-log.ts';
import { format } from '../../../../bench/conform/linearizability/linearizability-format.ts';
import { runCases } from '../../../../bench/conform/run-cases.ts';
import { lacksData, SHARED_DIR } from '../../../support/needs.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-histories-'));
afterAll(() => rmSync(folder, { recursive: true }));

const STALE = [
  '0\t:invoke\t:write\t1',
  '0\t:ok\t:write\t1',
  '1\t:invoke\t:read\tnil',
  '1\t:ok\t:read\tnil',
  '2\t:invoke\t:cas\t[1 2]',
  '2\t:info\t:cas\t:timed-out',
]
  .map((line) => `INFO  jepsen.util - ${line}\n`)
  .join('');

test.skipIf(lacksData('porcupine'))('every recorded verdict is found, all within the time of a test', async () => {
  const cases = format.cases(path.join(SHARED_DIR, 'porcupine'));
  expect(cases.length).toBeGreaterThan(50);
  const run = await runCases(cases);
  expect(run.reports.filter(({ outcome }) => !outcome.passed)).toEqual([]);
});

test('a history without a verdict must be linearizable; an illegal one is named and drawn', async () => {
  writeFileSync(path.join(folder, 'mine.log'), STALE);
  const pictures = path.join(folder, 'pictures');
  const run = await runCases(format.cases(path.join(folder, 'mine.log'), { picturesDir: pictures }));
  const outcome = run.reports[0]?.outcome;
  expect(outcome?.passed === false && outcome.difference).toContain("client 1's read → absent fits no order");
  expect(readdirSync(pictures)).toEqual(['mine.html']);
  const page = readFileSync(path.join(pictures, 'mine.html'), 'utf8');
  expect(page).toContain('class="last"');
  expect(page).toContain('cas 1→2 ?');
  expect(page).not.toMatch(/<script|https?:/);
});

test('a wrong verdict in the table fails the case', async () => {
  writeFileSync(path.join(folder, 'etcd_007.log'), STALE);
  writeFileSync(path.join(folder, 'verdicts.csv'), 'log,linearizable\n7,true\n');
  const run = await runCases(format.cases(path.join(folder, 'etcd_007.log')));
  expect(run.failed).toBe(1);
});

test('texts of a history cannot leave the drawing', async () => {
  const evil = '</text><script>alert(1)</script>';
  const lines = [
    `{:process 0, :type :invoke, :f :put, :key "k", :value "${evil}"}`,
    `{:process 0, :type :ok, :f :put, :key "k", :value "${evil}"}`,
    '{:process 1, :type :invoke, :f :get, :key "k", :value nil}',
    '{:process 1, :type :ok, :f :get, :key "k", :value ""}',
  ];
  writeFileSync(path.join(folder, 'evil-bad.txt'), lines.join('\n'));
  const run = await runCases(format.cases(path.join(folder, 'evil-bad.txt'), { picturesDir: folder }));
  expect(run.failed).toBe(0);
  expect(readFileSync(path.join(folder, 'evil-bad.html'), 'utf8')).not.toContain('<script');
});

describe('unreadable histories name their line', () => {
  test.each([
    ['INFO  jepsen.util - 0\t:ok\t:read\t1\n', /:1:1.*returns from nothing/s],
    [`${STALE}what is this\n`, /:7:1.*not a line/s],
    ['INFO  jepsen.util - 0\t:invoke\t:cas\t[1]\n', /:1:1.*FROM TO/s],
    ['INFO  jepsen.util - 0\t:invoke\t:write\t1e9\n', /not a number/],
    ['INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:invoke\t:read\tnil\n', /:2:1.*calls again/s],
  ])('%s', (text, message) => {
    expect(() => readJepsenLog(text, 'a.log')).toThrow(message);
  });

  test.each([
    ['{:process 0}', /:1:1.*not a line/s],
    ['{:process 0, :type :ok, :f :get, :key "1", :value "x"}', /did not make/],
  ])('%s', (text, message) => {
    expect(() => readEdnHistory(text, 'a.txt')).toThrow(message);
  });
});
