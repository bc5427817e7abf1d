/**
 * The load that `bench store` puts on a server of etcd's interface: the same client code for every server.
 *
 * All times are host ms of this process, which is the client; values are 256 bytes, keys 14, unless they fill the memory.
 */

import { BytesValue } from '../../core/store/v3/bytes-value.ts';
import { EtcdClient } from '../serve/etcd/client.ts';
import { RPC } from '../serve/etcd/services.ts';
import { encode } from '../serve/protobuf/encode.ts';
import { keyPut, MEMORY_KEYS } from './store-memory-kernel.ts';

const VALUE = new BytesValue(new Uint8Array(256).fill(0x76));
const KEYS = 1_000;
const WARM_UP_PUTS = 400;
const CONNECTIONS = 4;
const FILL_OUTSTANDING = 64;

const putBytes = (i: number): Buffer =>
  encode(RPC.put.request, { key: `key-${String(i % KEYS).padStart(10, '0')}`, value: VALUE });

async function putOnce(client: EtcdClient, i: number, bytes = putBytes): Promise<void> {
  const answer = await client.callRaw(RPC.put, bytes(i));
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

/** Puts from `from` to before `until`, `outstanding` at a time over all clients. */
async function putAll(
  clients: readonly EtcdClient[],
  from: number,
  until: number,
  outstanding: number,
  bytes = putBytes,
): Promise<void> {
  let next = from;
  const work = async (client: EtcdClient): Promise<void> => {
    while (next < until) await putOnce(client, next++, bytes);
  };
  await Promise.all(Array.from({ length: outstanding }, (_, i) => work(clients[i % CONNECTIONS] as EtcdClient)));
}

const connect = (address: string): EtcdClient[] => Array.from({ length: CONNECTIONS }, () => new EtcdClient(address));

/** Puts a second, `outstanding` at a time over four connections. */
export async function concurrentPuts(address: string, count: number, outstanding: number): Promise<number> {
  const clients = connect(address);
  const from = count >> 2;
  await putAll(clients, 0, from, outstanding);
  const startedAt = performance.now();
  await putAll(clients, from, from + count, outstanding);
  const elapsedMs = performance.now() - startedAt;
  for (const client of clients) client.close();
  return (count / elapsedMs) * 1_000;
}

/** Puts the keys of the memory kernel. */
export async function fill(address: string): Promise<void> {
  const clients = connect(address);
  await putAll(clients, 0, MEMORY_KEYS, FILL_OUTSTANDING, keyPut);
  for (const client of clients) client.close();
}

/** Median time from a put to the last of `streams` × `perStream` watchers' events, ms. */
export async function watchFanOut(
  address: string,
  streams: number,
  perStream: number,
  rounds: number,
): Promise<number> {
  const clients = connect(address);
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
