/**
 * What a run leaves on disk: whole files, new folders, bytes that depend on the content only.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ToolFailure } from '../../../bench/cli/tool-failure.ts';
import { createFolder, writeFileAtomic } from '../../../bench/report/atomic-file.ts';
import { metricsCsv } from '../../../bench/report/metrics-csv.ts';
import { RunFolder, runBaseName } from '../../../bench/report/run-folder.ts';
import { stableJson } from '../../../bench/report/stable-json.ts';

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

describe('atomic write', () => {
  test('replaces and leaves nothing else', () => {
    const file = path.join(scratch, 'a.json');
    writeFileAtomic(file, 'one');
    writeFileAtomic(file, 'two');
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(readdirSync(scratch)).toEqual(['a.json']);
  });

  test('a failure names the path and leaves no temporary file', () => {
    const missing = path.join(scratch, 'missing', 'a.json');
    expect(() => writeFileAtomic(missing, 'x')).toThrow(`cannot write ${missing}: no such file or folder (ENOENT)`);
    const folder = path.join(scratch, 'folder');
    mkdirSync(folder);
    expect(() => writeFileAtomic(folder, 'x')).toThrow(ToolFailure);
    expect(readdirSync(scratch)).toEqual(['folder']);
  });

  test.skipIf(!existsSync('/dev/full'))('a device is written, never replaced', () => {
    expect(() => writeFileAtomic('/dev/full', 'x')).toThrow('cannot write /dev/full: no space left on device (ENOSPC)');
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  test('a folder and its parents; one that cannot be ends with its path, at once', () => {
    const deep = path.join(scratch, 'a', 'b');
    createFolder(deep);
    createFolder(deep);
    expect(readdirSync(deep)).toEqual([]);
    const file = path.join(scratch, 'file');
    writeFileAtomic(file, 'x');
    expect(() => createFolder(file)).toThrow(`cannot create ${file}: a file is in the way (EEXIST)`);
    expect(() => createFolder(path.join(file, 'sub'))).toThrow(/a part of the path is not a folder \(ENOTDIR\)/);
    if (process.platform === 'linux') expect(() => createFolder('/proc/nope/x')).toThrow('cannot create /proc/nope/x');
  });
});

describe('run folder', () => {
  const name = { command: 'trial', subject: 'apps/My Shop.yaml', seeds: [1, 2, 3] };

  test('names', () => {
    expect(runBaseName(name)).toBe('trial-my-shop-s1..3');
    expect(runBaseName({ ...name, seeds: [1, 2] })).toBe('trial-my-shop-s1..2');
    expect(runBaseName({ ...name, subject: '', seeds: [] })).toBe('trial');
    expect(runBaseName({ ...name, subject: '../../etc', seeds: [1, 3, 5] })).toBe('trial-etc-s1_3_5');
    const many = Array.from({ length: 40 }, (_, index) => index * 2);
    expect(runBaseName({ ...name, subject: '日本', seeds: many })).toBe('trial-40-seeds');
    expect(runBaseName({ ...name, subject: 'x'.repeat(300) }).length).toBeLessThan(80);
  });

  test('a new folder each time, numbered, nothing overwritten', () => {
    const results = path.join(scratch, 'results');
    const first = RunFolder.create(results, name);
    const second = RunFolder.create(results, name);
    expect([first.path, second.path].map((folder) => path.basename(folder))).toEqual([
      'trial-my-shop-s1..3-001',
      'trial-my-shop-s1..3-002',
    ]);
    rmSync(first.path, { recursive: true });
    expect(path.basename(RunFolder.create(results, name).path)).toBe('trial-my-shop-s1..3-003');
  });

  test('a results folder that cannot be is a broken tool and names the path', () => {
    const file = path.join(scratch, 'results');
    writeFileSync(file, '');
    expect(() => RunFolder.create(file, name)).toThrow(/cannot create .*results: .*\(EEXIST\)/);
    expect(() => RunFolder.create(path.join(file, 'below'), name)).toThrow(/cannot create .*below: .*\(ENOTDIR\)/);
  });

  test('a first file that cannot be written leaves no empty folder; a later one leaves what is there', () => {
    const empty = RunFolder.create(scratch, name);
    expect(() => empty.write('no/such/folder', 'x')).toThrow(/cannot write/);
    expect(readdirSync(scratch)).toEqual([]);
    const begun = RunFolder.create(scratch, name);
    begun.writeResult({});
    expect(() => begun.write('no/such/folder', 'x')).toThrow(/cannot write/);
    expect(readdirSync(begun.path)).toEqual(['result.json']);
  });

  test('files of a run', () => {
    const folder = RunFolder.create(scratch, name);
    folder.writeResult({ b: 1, a: [true, null] });
    const startedAt = new Date(1000);
    const finishedAt = new Date(3500);
    folder.writeRun({ argv: ['trial'], startedAt, finishedAt, workers: 2, exitCode: 0, complete: true });
    folder.writeMetrics([]);
    expect(readdirSync(folder.path).sort()).toEqual(['metrics.csv', 'result.json', 'run.json']);
    expect(readFileSync(path.join(folder.path, 'result.json'), 'utf8')).toBe(
      '{\n  "a": [\n    true,\n    null\n  ],\n  "b": 1\n}\n',
    );
    const run = JSON.parse(readFileSync(path.join(folder.path, 'run.json'), 'utf8'));
    expect(run).toMatchObject({ durationMs: 2500, complete: true, host: { node: process.versions.node } });
  });
});

describe('stable JSON', () => {
  test('key order of the input does not matter', () => {
    expect(stableJson({ b: { d: 1, c: -0 }, a: undefined })).toBe(stableJson({ b: { c: 0, d: 1 } }));
  });

  test.each([
    [{ a: [1, Number.NaN] }, 'NaN at $.a[1]'],
    [{ a: Number.POSITIVE_INFINITY }, 'Infinity at $.a'],
    [{ a: new Map() }, 'not plain data at $.a'],
    [[undefined], 'undefined at $[0]'],
    [{ a: 1n }, 'bigint at $.a'],
  ])('%o is refused', (value, message) => {
    expect(() => stableJson(value)).toThrow(message);
  });

  test('a cycle is refused', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => stableJson(cycle)).toThrow('nested deeper');
  });
});

describe('metrics.csv', () => {
  test('header, kinds, empty cells, and no formulas from user names', () => {
    const text = metricsCsv([
      { subject: '=cmd()', seed: 1, name: 'pod-startup-p99', kind: 'virtual', unit: 'us', value: 1_234_000 },
      { subject: 'a,"b"', seed: '', name: 'heap', kind: 'host', unit: 'bytes', value: Number.NaN },
      { subject: '', seed: 2, name: 'events', kind: 'count', unit: '', value: null },
    ]);
    expect(text).toBe(
      [
        'subject,seed,name,kind,unit,value',
        "'=cmd(),1,pod-startup-p99,virtual,us,1234000",
        '"a,""b""",,heap,host,bytes,',
        ',2,events,count,,',
        '',
      ].join('\n'),
    );
  });
});
