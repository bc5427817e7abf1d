/**
 * Shell completion beyond commands and flags: values, names and scenario files.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareCommand } from '../../../bench/cli/compare.ts';
import { completeValue } from '../../../bench/cli/complete-values.ts';
import { configCommand } from '../../../bench/cli/config.ts';
import { gateCommand } from '../../../bench/cli/gate.ts';
import { helpCommand } from '../../../bench/cli/help.ts';
import type { Io } from '../../../bench/cli/io.ts';
import { listCommand } from '../../../bench/cli/list.ts';
import { mainJobCommand } from '../../../bench/cli/main-job.ts';
import { runCommand } from '../../../bench/cli/run.ts';
import { searchCommand } from '../../../bench/cli/search.ts';
import { trialCommand } from '../../../bench/cli/trial.ts';
import { validateCommand } from '../../../bench/cli/validate.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  mkdirSync(path.join(cwd, 'chaos'));
  writeFileSync(path.join(cwd, 'chaos', 'zone.yaml'), 'kind: Scenario\n');
  writeFileSync(path.join(cwd, 'chaos', 'suite.yaml'), 'kind: Suite\n');
  writeFileSync(path.join(cwd, 'chaos', 'app.yaml'), 'kind: Deployment\n');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function complete(...words: readonly string[]): Promise<readonly string[] | null> {
  const io: Io = {
    out: () => {},
    err: () => {},
    outIsTty: false,
    errIsTty: false,
    errColumns: 80,
    env: {},
    cwd,
  };
  const commands = [
    ...[trialCommand, runCommand, listCommand, configCommand, validateCommand, mainJobCommand],
    ...[compareCommand, gateCommand, searchCommand, helpCommand],
  ];
  return await completeValue(commands, ['--get-yargs-completions', 'seatrial', ...words], io);
}

test.each<[string, readonly string[], readonly string[] | null]>([
  ['a word of a comma list', ['trial', 'app.yaml', '--only', 'dr'], ['drain']],
  ['the next word, not the one before', ['trial', '--only', 'drain,d'], []],
  ['the next word', ['trial', '--only', 'drain,zo'], ['drain,zone-loss']],
  ['kinds that may be harmless', ['trial', '--assume', 'hostPath,Cron'], ['hostPath,CronJob']],
  ['scenario files, no others', ['run', 'ch'], ['chaos/zone.yaml']],
  ['scenario files and suites', ['validate', 'ch'], ['chaos/suite.yaml', 'chaos/zone.yaml']],
  ['files for manifests: the shell’s own', ['trial', 'ap'], []],
  ['names of lists', ['list', 'fa'], ['faults']],
  [
    'commands, not hidden ones',
    ['config', ''],
    ['trial', 'run', 'list', 'config', 'validate', 'compare', 'gate', 'search', 'help'],
  ],
  ['commands: yargs', ['tri'], null],
  ['flags', ['trial', '--on'], ['--only']],
  ['flags that are not there yet', ['list', '--output', 'json', '--'], ['--color', '--quiet', '--config', '--help']],
  ['a flag nobody is shown', ['gate', '--pla'], []],
  ['choices', ['trial', '--fail-on', 'd'], ['degraded']],
  ['choices behind a letter', ['list', '-o', 'm'], ['markdown']],
  ['a switch has no value', ['run', '--strict', 'ch'], ['chaos/zone.yaml']],
  ['names of policies', ['compare', '--policy', 'best-fit,fg'], ['best-fit,fgd']],
  ['gates of devices', ['compare', '--device-gates', 'DRADeviceTaints,DRAE'], ['DRADeviceTaints,DRAExtendedResource']],
  ['bugs', ['search', 'app.yaml', '--bug', 'api.update-ignores'], ['api.update-ignores-resource-version']],
  ['a value of its own: the shell’s files', ['trial', '--cluster', ''], []],
  ['topics and commands', ['help', 'c'], ['card', 'config', 'compare']],
  ['what is judged', ['gate', 'sm'], ['smoke']],
  ['an unknown command: yargs', ['nothing', 'x'], null],
])('%s', async (_what, words, expected) => {
  expect(await complete(...words)).toEqual(expected);
});
