/**
 * Earlier findings: what a replay says of each, and how many still fail.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { replayCorpus } from '../../../bench/search/corpus.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a finding that uses up its events still fails; one that cannot be read is left out with its cause', () => {
  const tolerable = readFileSync('scenarios/tolerable.yaml', 'utf8');
  writeFileSync(path.join(folder, 'a-hungry.yaml'), `${tolerable}budget: {events: 1000}\n`);
  writeFileSync(path.join(folder, 'b-sound.yaml'), tolerable);
  writeFileSync(path.join(folder, 'c-broken.yaml'), 'kind: Scenario\nfaults: [\n');
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  expect(replayCorpus({ folder, target: '00000000', caseTimeoutUs: 0, onLine })).toBe(1);
  expect(lines.map((line) => line.replaceAll(`${folder}/`, ''))).toEqual([
    'corpus: a-hungry.yaml still fails',
    'corpus: b-sound.yaml passes now',
    expect.stringMatching(
      /^warning: c-broken\.yaml cannot be read any more and is left out: c-broken\.yaml:\d+:\d+ error SCN-003: /,
    ),
  ]);
});
