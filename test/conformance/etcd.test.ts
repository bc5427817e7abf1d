import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateScript, STEPS_MIN } from '../../bench/conform/etcd/generate.ts';
import { LanePool } from '../../bench/conform/etcd/lanes.ts';
import { RealEtcd } from '../../bench/conform/etcd/real-etcd.ts';
import { ScriptRun } from '../../bench/conform/etcd/run-script.ts';
import type { OpPlan, Step } from '../../bench/conform/etcd/step.ts';
import { EtcdClient } from '../../bench/serve/etcd/client.ts';
import { readImage } from '../../bench/serve/etcd/image-file.ts';
import { MEMORY_LOG, StoreMember } from '../../bench/serve/etcd/member.ts';
import { type RunningEtcd, serveEtcd } from '../../bench/serve/etcd/server.ts';
import { RPC } from '../../bench/serve/etcd/services.ts';
import { BytesValue } from '../../core/store/v3/bytes-value.ts';
import { isError } from '../../core/store/v3/kv.ts';
import { findProgram } from '../support/needs.ts';

const etcd = findProgram(['etcd'], 'SEATRIAL_ETCD');
const etcdctl = findProgram(['etcdctl']);
const folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-conform-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SEED = 11;
const RUNS = 6;

test.skipIf(etcd === undefined)(
  'generated scripts have the same answers, watches and hashes on a real etcd',
  async () => {
    const pool = new LanePool(etcd as string);
    const differences: string[] = [];
    try {
      const lanes = await Promise.all([pool.take(), pool.take()]);
      await Promise.all(
        lanes.map(async (lane, i) => {
          for (let run = i; run < RUNS; run += lanes.length) {
            lane.real.reset();
            lane.own.reset();
            const script = generateScript({ seed: SEED, run, isOld: lane.isOld });
            const difference = await new ScriptRun(lane.real, lane.own, !lane.isOld, pool.count).run(script);
            if (difference !== null) differences.push(`seed ${SEED}/run ${run}: ${difference}`);
          }
          await pool.give(lane, false);
        }),
      );
    } finally {
      process.stderr.write((await pool.close()).split('\n')[0] + '\n');
    }
    expect(differences).toEqual([]);
  },
  60_000,
);

test('a store that is wrong by one rule is told from a real etcd', async () => {
  if (etcd === undefined) return;
  const pool = new LanePool(etcd);
  const lane = await pool.take();
  const { own } = lane;
  const call = own.client.call.bind(own.client);
  // A range that forgets its last key.
  own.client.call = async (rpc, request) => {
    const result = await call(rpc, request);
    if (rpc === RPC.range && result.ok && (result.message['kvs'] as unknown[]).length > 1)
      (result.message['kvs'] as unknown[]).pop();
    return result;
  };
  let found = '';
  for (let run = 0; run < 4 && found === ''; run++) {
    lane.real.reset();
    own.reset();
    const script = generateScript({ seed: SEED, run, isOld: lane.isOld });
    found = (await new ScriptRun(lane.real, own, !lane.isOld, pool.count).run(script)) ?? '';
  }
  await pool.give(lane, true);
  await pool.close();
  expect(found).toContain('seatrial answers');
}, 30_000);

test('scripts are long enough, use at most eight keys and hold what is hard', () => {
  let hard = 0;
  for (let run = 0; run < 200; run++) {
    const script = generateScript({ seed: 1, run, isOld: false });
    expect(script).toEqual(generateScript({ seed: 1, run, isOld: false }));
    expect(script.length).toBeGreaterThanOrEqual(STEPS_MIN);
    const nests = (op: OpPlan): boolean => op.op === 'txn';
    const has = (holds: (step: Step) => boolean): boolean => script.some(holds);
    const nested = has((step) => step.kind === 'txn' && [...step.txn.success, ...step.txn.failure].some(nests));
    if (nested || has((step) => step.kind === 'compact')) hard++;
    const keys = new Set(
      script.flatMap((step) => (step.kind === 'put' ? [step.put.key] : [])).filter((key) => key !== ''),
    );
    expect(keys.size).toBeLessThanOrEqual(8);
  }
  expect(hard).toBeGreaterThan(200 / 3);
});

test.skipIf(etcd === undefined)(
  'a snapshot of a real etcd restores here to the same history, also with a later revision',
  async () => {
    const real = await RealEtcd.start(etcd as string, folder);
    const { client } = real;
    await client.call(RPC.leaseGrant, { id: 77n, ttl: 600 });
    for (let i = 0; i < 120; i++) {
      const value = new BytesValue(Buffer.alloc(i * 30, i));
      await client.call(RPC.put, { key: `k${i % 30}`, value, lease: i % 5 === 0 ? 77n : 0n });
    }
    await client.call(RPC.deleteRange, { key: 'k1', rangeEnd: 'k2' });
    await client.call(RPC.compact, { revision: 60, physical: true });
    const pieces = await client.collect(RPC.snapshot, {});
    const status = await client.call(RPC.hashKv, {});
    await real.stop();
    const { backup } = readImage(Buffer.concat(pieces.slice(0, -1).map((piece) => piece['blob'] as Uint8Array)));
    const { engine } = new StoreMember({ name: 'default', clusterId: 1n, memberId: 2n, raftTerm: 2n });
    engine.restore(backup);
    const ours = engine.hashKv(0);
    expect(status.ok && status.message['hash']).toBe(isError(ours) ? -1 : ours.hash);
    expect(engine.lessor.lookup(77n)?.ttlS).toBe(600);
    const { revision } = engine;
    engine.restore(backup, 1_000, true);
    expect([engine.revision, engine.mvcc.compactRevision]).toEqual([revision + 1_000, revision + 1_000]);
    expect(engine.kv.get('k7')?.key).toBe('k7');
  },
  30_000,
);

describe.skipIf(etcdctl === undefined)('etcdctl', () => {
  let running: RunningEtcd;
  let member: StoreMember;

  beforeAll(async () => {
    member = new StoreMember({ name: 'default', clusterId: 1n, memberId: 2n, raftTerm: 2n });
    member.start(MEMORY_LOG, 0);
    running = await serveEtcd(member, { listen: '127.0.0.1:0' });
  });
  afterAll(() => running.close());

  /** Output of a command; what it says on failure comes behind. */
  const run = (argv: readonly string[], input = ''): Promise<string> =>
    new Promise((resolve) => {
      const env = { ...process.env, ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: `127.0.0.1:${running.port}` };
      const child = execFile(etcdctl as string, argv, { env, timeout: 10_000 }, (error, out, err) =>
        resolve(error === null ? out : out + err),
      );
      child.stdin?.end(input);
    });

  test('reads, writes, transacts, leases, watches', async () => {
    expect(await run(['put', 'a', '1'])).toBe('OK\n');
    expect(await run(['get', 'a'])).toBe('a\n1\n');
    expect(await run(['txn'], 'mod("a") > "0"\n\nput b 2\nget a\n\nput c 3\n\n')).toContain('SUCCESS');
    expect(await run(['lease', 'grant', '100'])).toMatch(/lease [0-9a-f]{16} granted with TTL\(100s\)/);
    expect(await run(['get', '', '--prefix', '--keys-only'])).toBe('a\n\nb\n\n');
    expect(await run(['endpoint', 'health'])).not.toContain('unhealthy');
    expect(await run(['member', 'list'])).toContain('started, default');
    expect(await run(['get', 'a', '--rev', '99'])).toContain(
      'etcdserver: mvcc: required revision is a future revision',
    );
    expect(await run(['del', 'b'])).toBe('1\n');
  });

  test.skipIf(etcd === undefined)(
    'saves a snapshot from which a real etcd starts with the same history',
    async () => {
      const { client } = { client: new EtcdClient(`127.0.0.1:${running.port}`) };
      for (let i = 0; i < 300; i++) {
        await client.call(RPC.put, { key: `k${i % 40}`, value: new BytesValue(Buffer.alloc(i * 20, i)) });
      }
      client.close();
      const file = path.join(folder, 'saved.db');
      expect(await run(['snapshot', 'save', file])).toContain('saved');
      const restored = await RealEtcd.start(etcd as string, folder, async (dataDir) => {
        const peer = 'http://127.0.0.1:2380';
        const argv = ['snapshot', 'restore', file, '--data-dir', dataDir, '--name', 'default'];
        await run([...argv, '--initial-cluster', `default=${peer}`, '--initial-advertise-peer-urls', peer]);
      });
      const { revision } = member.engine;
      const theirs = await restored.client.call(RPC.hashKv, { revision });
      await restored.stop();
      const ours = member.engine.hashKv(revision);
      expect(theirs.ok && theirs.message['hash']).toBe(isError(ours) ? -1 : ours.hash);
    },
    30_000,
  );
});
