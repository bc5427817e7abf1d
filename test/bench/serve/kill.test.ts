import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EtcdClient } from '../../../bench/serve/etcd/client.ts';
import { RPC } from '../../../bench/serve/etcd/services.ts';
import type { Message } from '../../../bench/serve/protobuf/decode.ts';
import { BytesValue } from '../../../core/store/v3/bytes-value.ts';
import type { StoreValue } from '../../../core/store/value.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-kill-'));
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts `serve etcd` on any port; resolves when it says where it listens. */
function start(): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const main = path.join(PROJECT_ROOT, 'bench', 'cli', 'main.ts');
  const argv = [
    '--import',
    'tsx',
    main,
    'serve',
    'etcd',
    '--listen',
    '127.0.0.1:0',
    '--data-dir',
    path.join(folder, 'd'),
  ];
  const child = spawn(process.execPath, argv, { cwd: PROJECT_ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return new Promise((resolve, reject) => {
    let err = '';
    child.stderr?.on('data', (text) => {
      err += text;
    });
    child.stdout?.on('data', (text: Buffer) => {
      const found = /on (127\.0\.0\.1:\d+)/.exec(text.toString());
      if (found !== null) resolve({ child, address: found[1] as string });
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${err}`)));
  });
}

test('killed again and again amid writes, it loses no answered write and answers no write twice', async () => {
  const acknowledged = new Map<string, string>();
  let revision = 0;
  for (let round = 0; round < 4; round++) {
    const { child, address } = await start();
    const client = new EtcdClient(address);
    const all = await client.call(RPC.range, { key: '\0', rangeEnd: '\0' });
    if (!all.ok) throw new Error(all.text);
    const found = new Map(
      (all.message['kvs'] as Message[]).map((kv) => [kv['key'] as string, kv['value'] as StoreValue]),
    );
    for (const [key, text] of acknowledged)
      expect([key, Buffer.from(found.get(key)?.bytes() ?? []).toString()]).toEqual([key, text]);
    expect((all.message['header'] as Message)['revision']).toBeGreaterThanOrEqual(revision);
    let isDead = false;
    setTimeout(
      () => {
        isDead = true;
        child.kill('SIGKILL');
      },
      120 + 90 * round,
    );
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let i = 0; !isDead; i++) {
          const [key, text] = [`r${round}-w${writer}-${i}`, 'x'.repeat(i % 300)];
          const answer = await client.call(RPC.put, { key, value: new BytesValue(Buffer.from(text)) });
          if (!answer.ok) break;
          acknowledged.set(key, text);
          revision = Math.max(revision, (answer.message['header'] as Message)['revision'] as number);
        }
      }),
    );
    client.close();
  }
  expect(acknowledged.size).toBeGreaterThan(50);
}, 30_000);

test('asked to end, it ends well and speaks of no partial results', async () => {
  const { child } = await start();
  let err = '';
  child.stderr?.on('data', (text) => {
    err += text;
  });
  const code = await new Promise((resolve) => {
    child.once('close', resolve);
    child.kill('SIGTERM');
  });
  expect([code, err]).toEqual([0, '\nstopping (once more to kill)\n']);
}, 20_000);
