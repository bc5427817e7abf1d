/**
 * Mistakes that once cost a run, looked like an answer, or were told as a failure of the tool: each is refused before any work.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callSeatrial, runSeatrial } from '../support/cli.ts';
import { CRASH_SCENARIO, NO_ROOM_SCENARIO } from '../support/scenario-text.ts';

const EVENT = '{"rv":1,"ms":1,"type":"ADDED","kind":"Pod","ns":"default","name":"a","uid":"u1","f":{}}\n';
const STEPS = '{"steps":[]}';

let home = '';
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'seatrial-refused-'));
  const put = (file: string, text: string | Uint8Array): void => {
    mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
    writeFileSync(path.join(home, file), text);
  };
  put('room.yaml', NO_ROOM_SCENARIO);
  put('crash.yaml', CRASH_SCENARIO);
  put('file', '');
  put('bin', Uint8Array.of(27, 91, 50, 74, 0, 255));
  put('control', 'log-level none\n----\n\u001b[2J x\n');
  put('none/events.jsonl', '');
  put('none/steps.json', STEPS);
  put('cut/events.jsonl', `${EVENT}${EVENT.slice(0, 30)}`);
  put('cut/steps.json', STEPS);
  put('wrong/events.jsonl', EVENT);
  put('wrong/steps.json', '{"steps":[{"ms":1,"do":"wait","until":[{"quiet":"5 s"}]}]}');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const SERVE = ['serve', 'etcd', '--listen', '127.0.0.1:0'];

test.each<readonly [number, RegExp, readonly string[]]>([
  [2, /^none\/events\.jsonl error CLI-006: .*holds no event$/m, ['conform', 'controlplane', 'none']],
  [2, /^cut\/events\.jsonl:2 error CLI-006: not a line of a recorded timeline$/m, ['conform', 'controlplane', 'cut']],
  [
    2,
    /^wrong\/steps\.json error CLI-006: "steps"\[0\]\.until\[0\]\.quiet .*expected number/m,
    ['conform', 'controlplane', 'wrong'],
  ],
  [2, /^file error CLI-006: holds no directive$/m, ['conform', 'raft', 'file']],
  [2, /^bin error CLI-006: a binary file, not text$/m, ['conform', 'raft', 'bin']],
  [2, /^bin error .*not text\nfile error .*holds no/m, ['conform', 'raft', 'bin', 'file']],
  [2, /^bin error .*not text\nfile:1:1 error /m, ['compare', '--nodes', 'bin', '--pods', 'file']],
  [2, /--pictures "file": is not a folder/, ['conform', 'raft', 'control', '--pictures', 'file']],
  [2, /--until and --story exclude each other/, ['replay', 'room.yaml', '--until', '1s', '--story', 'told']],
  [2, /--inspect and --explain exclude each other/, ['replay', 'room.yaml', '--inspect', '.', '--explain']],
  [2, /--continuations does nothing without/, ['replay', 'room.yaml', '--continuations', '5']],
  [2, /--minimise "file\/x": file is not a folder/, ['replay', 'room.yaml', '--minimise', 'file/x']],
  [2, /hint: a time such as 90s, an event such as #81234, violation, /, ['replay', 'crash.yaml', '--until', 'nope']],
  [3, /^error: crash\.yaml: no result after 0\.001 s of host time/m, ['replay', 'crash.yaml', '--timeout', '1ms']],
  [2, /--threshold and --profile exclude/, ['search', 'crash.yaml', '--threshold', 'faults[0].for', '-p', 'pattern']],
  [2, /--from does nothing without --threshold/, ['search', 'crash.yaml', '--from', '4']],
  [2, /--budget does nothing beside --profile mutation/, ['search', '-p', 'mutation', '--budget', '1m', '--shrink=3']],
  [2, /--horizon says how the steady state runs/, ['compare', '--experiment', 'fill-up', '--horizon', '2h']],
  [2, /--results "file": is not a folder/, ['run', 'crash.yaml', '--results', 'file']],
  [2, /--results "file\/x": file is not a folder\n.*no file/s, ['bench', 'run', 'nope', '--results', 'file/x']],
  [2, /--results "file": is not a folder/, ['trial', 'crash.yaml', '--results', 'file']],
  [2, /--results "file": .*\n.*--corpus "file": /, ['search', 'crash.yaml', '--results', 'file', '--corpus', 'file']],
  [2, /--results "file": /, ['search', 'crash.yaml', '--threshold', 'faults[0].for', '--results', 'file']],
  [2, /--results "file": /, ['gate', 'smoke', '--results', 'file']],
  [2, /unknown flag "--no-results"/, ['replay', 'crash.yaml', '--no-results']],
  [2, /unknown part "nope"/, ['serve', 'nope']],
  [2, /--data-dir "file": is not a folder/, [...SERVE, '--data-dir', 'file']],
  [2, /file: an empty file, no snapshot/, [...SERVE, '--restore', 'file']],
  [2, /--listen "999\.1\.1\.1:2379": /, ['serve', 'etcd', '--listen', '999.1.1.1:2379']],
])('%d %s', async (code, message, argv) => {
  const found = await callSeatrial(argv, { cwd: home });
  expect(found.err).toMatch(message);
  expect(found.code).toBe(code);
  expect(found.err).not.toMatch(/UserError|ToolFailure/);
});

test('what a difference quotes cannot reach the terminal', () => {
  const { code, out } = runSeatrial(['conform', 'raft', 'control'], { cwd: home });
  expect(code).toBe(1);
  expect(out).toContain('\\u001b[2J');
  expect(out).not.toContain('\u001b');
});

test.each(['/nope', '/bin/true'])('%s is no etcd: told once, at once', (program) => {
  const found = runSeatrial(['conform', 'etcd', '--runs', '4'], { env: { SEATRIAL_ETCD: program } });
  expect(found.code).toBe(2);
  expect(found.err.match(/is no etcd/g)).toHaveLength(1);
  expect(found.elapsedMs).toBeLessThan(8_000);
});

test('a port in use', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const found = runSeatrial(['serve', 'etcd', '--listen', `127.0.0.1:${port}`]);
  server.close();
  expect(found.err).toMatch(/--listen "127\.0\.0\.1:\d+": the port is in use/);
  expect(found.code).toBe(2);
});
