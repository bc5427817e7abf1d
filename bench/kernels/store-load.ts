/**
 * The load that `bench store` puts on a server of etcd's interface: the same client code for every server.
 *
 * All times are host ms of this process, which is the client; values are 256 bytes, keys 14.
 */

import { BytesValue } from '../../core/store/v3/bytes-value.ts';
import { EtcdClient } from '../serve/etcd/client.ts';
import { RPC } from '../serve/etcd/services.ts';
import { encode } from '../serve/protobuf/encode.ts';

const VALUE = new BytesValue(new Uint8Array(256).fill(0x76));
const KEYS = 1_000;
const WARM_UP_PUTS = 400;
const CONNECTIONS = 4;

const putBytes = (i: number): Buffer =>
  encode(RPC.put.request, { key: `key-${String(i % KEYS).padStart(10, '0')}`, value: VALUE });

async function putOnce(client: EtcdClient, i: number): Promise<void> {
  const answer = await client.callRaw(RPC.put, putBytes(i));
  if (!answer.ok) throw new Error(`put refused: ${answer.text}`);
}

/** Median latency of `count` puts, one after the other, ms. */
export async function sequentialPut(address: string, count: number): Promise<number> {
  const client = new EtcdClient(address);
  for (let i = 0; i < WARM_UP_PUTS; i++) await putOnce(client, i);
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    await putOnce(client, i);
    times[i] = performance.now() - startedAt;
  }
  client.close();
  return times.sort()[count >> 1] as number;
}

/** Puts a second, `outstanding` at a time over four connections. */
export async function concurrentPuts(address: string, count: number, outstanding: number): Promise<number> {
  const clients = Array.from({ length: CONNECTIONS }, () => new EtcdClient(address));
  let next = 0;
  const work = async (client: EtcdClient, until: number): Promise<void> => {
    while (next < until) await putOnce(client, next++);
  };
  const all = (until: number): Promise<unknown> =>
    Promise.all(Array.from({ length: outstanding }, (_, i) => work(clients[i % CONNECTIONS] as EtcdClient, until)));
  await all(count >> 2);
  const from = next;
  const startedAt = performance.now();
  await all(from + count);
  const elapsedMs = performance.now() - startedAt;
  for (const client of clients) client.close();
  return ((next - from) / elapsedMs) * 1_000;
}

/** Median time from a put to the last of `streams` × `perStream` watchers' events, ms. */
export async function watchFanOut(
  address: string,
  streams: number,
  perStream: number,
  rounds: number,
): Promise<number> {
  const clients = Array.from({ length: CONNECTIONS }, () => new EtcdClient(address));
  const key = `watched-${Math.random()}`;
  let received = 0;
  let wanted = streams * perStream;
  let done: () => void = () => {};
  const arrived = (): Promise<void> =>
    new Promise((resolve) => {
      done = resolve;
    });
  const created = arrived();
  const open = Array.from({ length: streams }, (_, i) => {
    const stream = (clients[i % CONNECTIONS] as EtcdClient).open(RPC.watch);
    stream.on('error', () => {});
    stream.on('data', () => {
      if (++received === wanted) done();
    });
    const request = encode(RPC.watch.request, { op: 'create', create: { key } });
    for (let w = 0; w < perStream; w++) stream.write(request);
    return stream;
  });
  await created;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    received = 0;
    wanted = streams * perStream;
    const last = arrived();
    const startedAt = performance.now();
    await (clients[0] as EtcdClient).callRaw(RPC.put, encode(RPC.put.request, { key, value: VALUE }));
    await last;
    times.push(performance.now() - startedAt);
  }
  for (const stream of open) stream.cancel();
  for (const client of clients) client.close();
  return times.sort((a, b) => a - b)[rounds >> 1] as number;
}
