import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EtcdClient } from '../../../bench/serve/etcd/client.ts';
import { readImage } from '../../../bench/serve/etcd/image-file.ts';
import { MEMORY_LOG, StoreMember } from '../../../bench/serve/etcd/member.ts';
import { type RunningEtcd, serveEtcd } from '../../../bench/serve/etcd/server.ts';
import { RPC } from '../../../bench/serve/etcd/services.ts';
import { decode, type Message } from '../../../bench/serve/protobuf/decode.ts';
import { encode } from '../../../bench/serve/protobuf/encode.ts';
import { BytesValue } from '../../../core/store/v3/bytes-value.ts';

const value = (text: string): BytesValue => new BytesValue(Buffer.from(text));

let running: RunningEtcd;
let client: EtcdClient;
let member: StoreMember;

beforeAll(async () => {
  member = new StoreMember({ name: 'default', clusterId: 1n, memberId: 2n, raftTerm: 2n, syncPeriodMs: 1 });
  member.start(MEMORY_LOG, 0);
  running = await serveEtcd(member, { listen: '127.0.0.1:0' });
  client = new EtcdClient(`127.0.0.1:${running.port}`);
});

afterAll(async () => {
  client.close();
  await running.close();
});

test('a put is read back with its revisions, and HashKV is the CRC that etcd computes', async () => {
  const put = await client.call(RPC.put, { key: 'a', value: value('1') });
  expect(put.ok && (put.message['header'] as Message)['revision']).toBe(2);
  const range = await client.call(RPC.range, { key: 'a' });
  const [kv] = range.ok ? (range.message['kvs'] as Message[]) : [];
  expect([kv?.['key'], kv?.['createRevision'], kv?.['version']]).toEqual(['a', 2, 1]);
  // Recorded from etcd 3.6.16 after one put of a=1 into an empty store.
  const hash = await client.call(RPC.hashKv, { revision: 2 });
  expect(hash.ok && hash.message['hash']).toBe(RECORDED_HASH);
});
const RECORDED_HASH = 2_587_454_935;

describe('refusals have etcd code and text, and the connection stays usable', () => {
  test.each([
    ['an empty key', RPC.range, Buffer.alloc(0), 3, 'etcdserver: key is not provided'],
    ['a cut message', RPC.put, Buffer.from([0x0a, 0x05, 0x61]), 13, 'unexpected EOF'],
    ['a wrong wire type', RPC.put, Buffer.from([0x08, 0x01]), 13, 'proto: wrong wireType = 0 for field Key'],
    ['an illegal tag', RPC.put, Buffer.from([0x00, 0x01]), 13, 'proto: PutRequest: illegal tag 0 (wire type 0)'],
    ['an endless varint', RPC.range, Buffer.alloc(20, 0xff), 13, 'proto: integer overflow'],
    ['too much', RPC.put, Buffer.alloc(2_200_000, 0x0a), 8, 'received message larger than max (2200000 vs. 2097152)'],
    [
      'a future revision',
      RPC.range,
      encode(RPC.range.request, { key: 'a', revision: 1e9 }),
      11,
      'is a future revision',
    ],
    ['an unknown lease', RPC.leaseRevoke, encode(RPC.leaseRevoke.request, { id: 77n }), 5, 'requested lease not found'],
    [
      'an unknown sort order',
      RPC.range,
      encode(RPC.range.request, { key: 'a', sortOrder: 9 }),
      3,
      'invalid sort option',
    ],
  ])('%s', async (_, rpc, bytes, code, text) => {
    const refused = await client.callRaw(rpc, bytes);
    expect(refused).toEqual({ ok: false, code, text: expect.stringContaining(text) });
    expect((await client.call(RPC.range, { key: 'a' })).ok).toBe(true);
  });

  test('a proposal above 1.5 MiB', async () => {
    const large = { key: 'big', value: new BytesValue(new Uint8Array(1_572_864)) };
    expect(await client.call(RPC.put, large)).toMatchObject({ code: 3, text: 'etcdserver: request is too large' });
    const fits = { key: 'big', value: new BytesValue(new Uint8Array(1_572_664)) };
    expect((await client.call(RPC.put, fits)).ok).toBe(true);
  });
});

test('a watch replays history, then follows, and ends with the compact revision when its start is gone', async () => {
  const stream = client.open(RPC.watch);
  const responses: Message[] = [];
  stream.on('data', (bytes: Buffer) => responses.push(decode(RPC.watch.response, bytes)));
  stream.on('error', () => {});
  await client.call(RPC.put, { key: 'w', value: value('1') });
  const start = member.engine.revision;
  stream.write(encode(RPC.watch.request, { op: 'create', create: { key: 'w', startRevision: start, prevKv: true } }));
  await expect.poll(() => responses.length).toBe(2);
  await client.call(RPC.put, { key: 'w', value: value('2') });
  await expect.poll(() => responses.length).toBe(3);
  const events = responses.flatMap((response) => response['events'] as Message[]);
  expect(events.map((event) => (event['kv'] as Message)['modRevision'])).toEqual([start, start + 1]);
  expect(events.map((event) => event['prevKv'] !== null)).toEqual([false, true]);
  await client.call(RPC.compact, { revision: start + 1, physical: true });
  stream.write(encode(RPC.watch.request, { op: 'create', create: { key: 'w', startRevision: start } }));
  await expect.poll(() => responses.at(-1)?.['compactRevision']).toBe(start + 1);
  stream.cancel();
});

test('a client that does not read holds nobody up, and gets everything once and in order when it does', async () => {
  const stream = client.open(RPC.watch);
  stream.on('error', () => {});
  stream.write(encode(RPC.watch.request, { op: 'create', create: { key: 'slow' } }));
  await new Promise((resolve) => stream.once('data', resolve));
  stream.pause();
  const large = new BytesValue(new Uint8Array(20_000));
  const first = member.engine.revision + 1;
  for (let i = 0; i < 250; i++) await client.call(RPC.put, { key: 'slow', value: large });
  expect(member.engine.watches.victimCount).toBe(1);
  const revisions: unknown[] = [];
  stream.on('data', (bytes: Buffer) => {
    for (const event of decode(RPC.watch.response, bytes)['events'] as Message[]) {
      revisions.push((event['kv'] as Message)['modRevision']);
    }
  });
  stream.resume();
  await expect.poll(() => revisions.length, { timeout: 5_000 }).toBe(250);
  expect(revisions).toEqual(Array.from({ length: 250 }, (_, i) => first + i));
  stream.cancel();
  await client.call(RPC.compact, { revision: member.engine.revision, physical: true });
});

test('watchers of one stream and of several get the same change, with the value before where they asked', async () => {
  const streams = [client.open(RPC.watch), client.open(RPC.watch)];
  const got: string[] = [];
  streams.forEach((stream, s) => {
    stream.on('error', () => {});
    stream.on('data', (bytes: Buffer) => {
      const response = decode(RPC.watch.response, bytes);
      for (const { kv, prevKv } of response['events'] as unknown as { kv: Message; prevKv: Message | null }[]) {
        got.push(`${s}/${response['watchId']} v${kv['version']} before ${prevKv?.['version'] ?? '–'}`);
      }
    });
    for (const prevKv of [false, true]) {
      stream.write(encode(RPC.watch.request, { op: 'create', create: { key: 'shared', prevKv } }));
    }
  });
  await expect.poll(() => member.engine.watches.syncedCount).toBeGreaterThanOrEqual(4);
  await client.call(RPC.put, { key: 'shared', value: value('1') });
  await client.call(RPC.put, { key: 'shared', value: value('2') });
  await expect.poll(() => got.length).toBe(8);
  const seen = (s: number): string[] => got.filter((line) => line.startsWith(`${s}/`)).sort();
  for (const s of [0, 1]) {
    expect(seen(s)).toEqual([`${s}/0 v1 before –`, `${s}/0 v2 before –`, `${s}/1 v1 before –`, `${s}/1 v2 before 1`]);
  }
  for (const stream of streams) stream.cancel();
});

test('a snapshot is a backend file that holds what the store holds', async () => {
  // The hash at a compaction is remembered from the compaction itself, so compare at a revision after it.
  await client.call(RPC.put, { key: 's', value: value('1') });
  const pieces = await client.collect(RPC.snapshot, {});
  const file = Buffer.concat(pieces.slice(0, -1).map((piece) => piece['blob'] as Uint8Array));
  const { backup } = readImage(file);
  expect(backup.revision).toBe(member.engine.revision);
  expect(backup.records.length).toBe(member.engine.mvcc.history.count);
  const other = new StoreMember({ name: 'b', clusterId: 1n, memberId: 3n, raftTerm: 2n });
  other.engine.restore(backup);
  const revision = member.engine.revision;
  expect(other.engine.hashKv(revision)).toEqual(member.engine.hashKv(revision));
  file.writeUInt8(file.readUInt8(30) ^ 1, 30);
  file.writeUInt8(file.readUInt8(4096 + 30) ^ 1, 4096 + 30);
  expect(() => readImage(file)).toThrow('meta pages are damaged');
});
