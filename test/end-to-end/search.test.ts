/**
 * `seatrial search` over the built command line: it finds a planted bug, shrinks it, and the printed line replays it.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PROFILE_CHOICES } from '../../bench/cli/search.ts';
import { SEARCH_PROFILES } from '../../core/chaos/search/case-plan.ts';
import { callSeatrial, runSeatrial } from '../support/cli.ts';
import { NO_ROOM_SCENARIO } from '../support/scenario-text.ts';

const APP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: demo}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: app, image: "app:v1", resources: {requests: {cpu: 100m, memory: 64Mi}}}
`;

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function scratchFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-search-'));
  folders.push(folder);
  return folder;
}

function folderWithApp(): string {
  const folder = scratchFolder();
  writeFileSync(path.join(folder, 'app.yaml'), APP);
  return folder;
}

describe('search', () => {
  it('finds nothing in a sound cluster, by any profile', async () => {
    const cwd = folderWithApp();
    for (const profile of ['lite', 'pattern', 'pairs']) {
      const { code, out, err } = await callSeatrial(['search', 'app.yaml', '--profile', profile, '--runs', '12'], {
        cwd,
      });
      expect(err).not.toContain('error');
      expect(out).toMatch(/^12 runs( of \d+ cases)?, 0 excused: nothing found$/m);
      expect(code).toBe(0);
    }
  });

  it('a budget of host time ends it within a batch; so many runs give the same again', async () => {
    const cwd = folderWithApp();
    const args = ['search', 'app.yaml', '--profile', 'lite', '--no-results', '-o', 'json'];
    const hasty = await callSeatrial([...args, '--budget', '1ms'], { cwd });
    const counted = await callSeatrial([...args, '--runs', '64'], { cwd });
    const digestOf = (out: string): unknown => (JSON.parse(out) as { digest: unknown }).digest;
    expect(hasty.out).toContain('--runs 64 ');
    expect(digestOf(hasty.out)).toEqual(digestOf(counted.out));
  });

  it('reads a scenario from standard input', () => {
    const argv = ['search', '-', '--runs', '1', '--shrink', '0', '--no-results'];
    const { code, out } = runSeatrial(argv, { cwd: scratchFolder(), input: NO_ROOM_SCENARIO });
    expect([code, out]).toEqual([1, expect.stringMatching(/^X1 /m)]);
  });

  it('finds a planted bug, shrinks it, keeps it, and its replay line says the same', async () => {
    const cwd = folderWithApp();
    const args = [
      'search',
      'app.yaml',
      '--profile',
      'pattern',
      '--runs',
      '40',
      '--bug',
      'api.update-ignores-resource-version',
    ];
    const { code, out } = await callSeatrial(args, { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(/^A1 \w+ {2}/m);
    expect(out).toMatch(/shrunk in \d+ runs/);
    expect(out).not.toContain('fails without');
    const line = /replay: seatrial (.*)$/m.exec(out)?.[1] ?? '';
    const file = line.split(' ')[1] ?? '';
    const page = readFileSync(path.join(cwd, file.replace(/yaml$/, 'md')), 'utf8');
    expect(page).toContain('predicate A1 did not hold');
    // The page is handed on with its folder: the line names the file as it lies there.
    expect(page).toContain(`\nseatrial ${line.replace(file, path.basename(file))}\n`);
    expect(readFileSync(path.join(cwd, file.replace(/yaml$/, 'svg')), 'utf8')).toContain('</svg>');
    const again = await callSeatrial(line.split(' '), { cwd });
    expect(again.out).toContain('expected fail A1: yes');
    expect(again.code).toBe(0);
    const [run = ''] = /results\/[^/]+/.exec(file) ?? [];
    expect(await callSeatrial(['report', run], { cwd })).toMatchObject({ code: 0 });
    const shown = readFileSync(path.join(cwd, run, 'report.html'), 'utf8');
    expect(shown).toContain('fail A1');
    expect(shown).toContain(`data-copy="seatrial ${line}"`);
    // The next search replays what was found before.
    const later = await callSeatrial(['search', 'app.yaml', '--profile', 'lite', '--runs', '2'], { cwd });
    expect(later.err).toContain('still fails');
    expect(later.out).toMatch(/^\d+ earlier findings? of the corpus still fails?$/m);
    expect(later.code).toBe(1);
    // Other inputs have nothing to do with it.
    writeFileSync(path.join(cwd, 'other.yaml'), APP.replaceAll('web', 'other'));
    const other = await callSeatrial(['search', 'other.yaml', '--profile', 'lite', '--runs', '2'], { cwd });
    expect(other.err).not.toContain('corpus');
    expect(other.code).toBe(0);
  });

  it('--no-results writes nothing, unless a corpus is named', async () => {
    const cwd = folderWithApp();
    const bug = ['--bug', 'api.update-ignores-resource-version', '--shrink', '0', '--no-results'];
    const args = ['search', 'app.yaml', '--profile', 'pattern', '--runs', '5', ...bug];
    const corpus = path.join('results', 'corpus');
    expect((await callSeatrial([...args, '--corpus', corpus], { cwd })).code).toBe(1);
    const [kept = ''] = readdirSync(path.join(cwd, corpus));
    expect(kept).toMatch(/^a1-\w+-t[0-9a-f]{8}-s1\.yaml$/);
    // What is there is replayed all the same, and stays alone.
    renameSync(path.join(cwd, corpus, kept), path.join(cwd, corpus, 'earlier-s1.yaml'));
    expect((await callSeatrial(args, { cwd })).err).toContain('still fails');
    expect(readdirSync(path.join(cwd, corpus))).toEqual(['earlier-s1.yaml']);
  });

  it('gives the same bytes for any number of workers', async () => {
    const results: string[] = [];
    for (const workers of ['1', '2']) {
      const cwd = folderWithApp();
      const args = [
        'search',
        'app.yaml',
        '--runs',
        '24',
        '--workers',
        workers,
        '-o',
        'json',
        '--no-results',
        '--no-corpus',
      ];
      results.push((await callSeatrial([...args, '--bug', 'kubelet-reuses-ip'], { cwd })).out);
    }
    expect(results[0]).toContain('"runs": 24');
    expect(results[0]).toBe(results[1]);
  });

  it('takes a scenario file as well', async () => {
    const cwd = folderWithApp();
    mkdirSync(path.join(cwd, 's'));
    writeFileSync(
      path.join(cwd, 's', 'one.yaml'),
      'apiVersion: seatrial/v1\nkind: Scenario\nmetadata: {name: one}\nabout: One.\ncluster: {nodes: {count: 3}}\nworkload: {manifests: [../app.yaml]}\n',
    );
    const { code, out } = await callSeatrial(
      ['search', 's/one.yaml', '--profile', 'lite', '--runs', '3', '--no-results'],
      {
        cwd,
      },
    );
    expect(out).toContain('3 runs');
    expect(code).toBe(0);
    expect(readdirSync(cwd)).not.toContain('results');
  });

  it('says what is wrong with its arguments, and writes nothing', async () => {
    const cwd = folderWithApp();
    const cases: [string[], RegExp][] = [
      [['search'], /search needs manifests or a scenario file/],
      [['search', 'app.yaml', '--profile', 'mutation'], /takes no target/],
      [['search', 'app.yaml', '--bug', 'kubelet-reuses-ipp'], /unknown bug switch .*did you mean "kubelet-reuses-ip"/],
      [['search', 'app.yaml', '--seed', '1..3'], /one seed/],
      [['search', 'app.yaml', '--profile', 'swam'], /swarm/],
      [['search', 'gone.yaml'], /gone\.yaml/],
      [['search', 'app.yaml', '--runs', '0'], /runs/],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await callSeatrial(args, { cwd });
      expect(err).toMatch(message);
      expect(code).toBe(2);
    }
    expect(readdirSync(cwd)).toEqual(['app.yaml']);
  });

  it('a mutation campaign finds every planted bug', async () => {
    const { code, out } = await callSeatrial(['search', '--profile', 'mutation', '--runs', '1'], {
      cwd: scratchFolder(),
    });
    expect(out).toMatch(/mutation score: (\d+)\/\1 \(100 %\)/);
    expect(Number(/(\d+) of them are invisible without faults/.exec(out)?.[1])).toBeGreaterThanOrEqual(16);
    expect(code).toBe(0);
  });

  it('has the same profiles on the command line as in core', async () => {
    expect(PROFILE_CHOICES).toEqual([...SEARCH_PROFILES, 'mutation']);
    expect(readFileSync('README.md', 'utf8')).toContain('seatrial search');
  });
});

describe('search --threshold', () => {
  const SCENARIO = `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: cut}
about: A leader is cut off and goes on leading.
cluster: {nodes: {count: 1}, controlPlane: {controllerManagers: 2}, settings: {events: false}}
faults: [{id: cut, kind: partition, target: {component: controller-manager, instance: leader}, peer: {component: apiserver}, at: 5s, for: 40s}]
phases: {warmUp: 0s, safety: 60s, liveness: {stable: 15s}}
bugs: [leader-keeps-leading]
`;

  it('names both sides, and each line replays its side', async () => {
    const cwd = scratchFolder();
    writeFileSync(path.join(cwd, 'cut.yaml'), SCENARIO);
    const found = await callSeatrial(
      ['search', 'cut.yaml', '--threshold', 'faults[cut].for', '--from', '10s', '--to', '30s'],
      { cwd },
    );
    expect(found.out).toMatch(/^threshold: between 1\ds\S* and 1\ds\S*$/m);
    expect(found.code).toBe(0);
    const lines = [...found.out.matchAll(/^ {2}replay: seatrial (.*)$/gm)].map((match) => match[1] ?? '');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(await callSeatrial(line.split(' '), { cwd })).toMatchObject({ code: 0 });
    const [run = ''] = /results\/[^/]+/.exec(lines[0] ?? '') ?? [];
    const page = (await callSeatrial(['report', run, '-o', '-'], { cwd })).out;
    expect(page).toContain(`data-copy="seatrial ${lines[1]}"`);
    const decided = await callSeatrial(
      [...(lines[1] ?? '').split(' '), '--point-of-no-return', '--continuations', '2'],
      {
        cwd,
      },
    );
    expect(decided.out).toMatch(/^point of no return of LE2.*\n +\+0\.000 s {2}[█·]{20} +\d+ %$/m);
    expect(decided.out).toMatch(/^decided /m);
  });

  it('says what is wrong, and writes nothing', async () => {
    const cwd = scratchFolder();
    writeFileSync(path.join(cwd, 'cut.yaml'), SCENARIO);
    const cases: [string[], RegExp][] = [
      [['--threshold', 'faults[cut].fr'], /unknown number of the scenario .*did you mean "faults\[cut\]\.for"/],
      [['--threshold', 'faults[cut].for', '--from', '3'], /a duration needs a unit/],
      [['--threshold', 'faults[cut].for', '--from', '9s', '--to', '3s'], /--from has to be less than --to/],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await callSeatrial(['search', 'cut.yaml', ...args], { cwd });
      expect(err).toMatch(message);
      expect(code).toBe(2);
    }
    expect(readdirSync(cwd)).toEqual(['cut.yaml']);
  });
});
