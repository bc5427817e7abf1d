import { describe, expect, it } from 'vitest';
import { L4Balancer } from '../../../core/client/balancer.ts';
import type { RequestListener } from '../../../core/client/call.ts';
import { type ClientSettings, ConnectionClient } from '../../../core/client/connection-client.ts';
import { OP_REFLECTOR_BACKOFF } from '../../../core/client/ops.ts';
import { Reflector } from '../../../core/client/reflector.ts';
import { BucketRate } from '../../../core/client/token-bucket.ts';
import { Transport, type TransportSettings } from '../../../core/client/transport.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../../core/sim/process.ts';
import { CONFIGMAPS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { type ApiResponse, VERB, type WatchEvent } from '../../../core/types/wire.ts';
import { ClientBench } from '../../support/client-bench.ts';

/** One instance for many pids, as the node fleet is: columns of clients, events routed by pid. */
class Fleet implements Behaviour, RequestListener {
  readonly clients = new Map<Pid, ConnectionClient>();
  readonly reflectors = new Map<Pid, Reflector>();
  readonly answers: [number, number | undefined][] = [];
  readonly seen = new Map<Pid, string[]>();
  readonly #bench: ClientBench;
  readonly #transport: TransportSettings;
  readonly #client: ClientSettings = { rate: new BucketRate(50, 100), timeoutUs: 60_000_000 };

  constructor(bench: ClientBench, sweeps: boolean) {
    this.#bench = bench;
    this.#transport = { balancer: new L4Balancer(bench.servers), sweeps };
  }

  start(pid: Pid): void {
    const ctx = this.#bench.sim.contextOf(pid);
    const client = new ConnectionClient(
      ctx,
      new Transport(ctx, this.#transport, null),
      'system:node',
      this.#client,
      null,
    );
    this.clients.set(pid, client);
    const seen: string[] = [];
    this.seen.set(pid, seen);
    const source = { type: CONFIGMAPS, namespace: '' };
    const target = {
      onReplace: (items: readonly unknown[]) => seen.push(`list ${items.length}`),
      onEvent: (event: WatchEvent) => seen.push(event.object.metadata.name),
    };
    const reflector = new Reflector(client, source, target, 0);
    this.reflectors.set(pid, reflector);
    reflector.start();
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn, pid: Pid): void {
    if (this.clients.get(pid)?.receive(op, from, a, b, payload, conn) === true) return;
    if (op === OP_REFLECTOR_BACKOFF) this.reflectors.get(pid)?.onBackoffOver(a);
  }

  onResponse(tag: number, _response: ApiResponse | null, error: StatusError | null): void {
    this.answers.push([tag, error?.code]);
  }
}

function fleetOf(count: number, sweeps = true): { bench: ClientBench; fleet: Fleet; pids: Pid[] } {
  const bench = new ClientBench(2);
  const fleet = new Fleet(bench, sweeps);
  const pids = Array.from({ length: count }, (_, i) => bench.sim.addProcess(`node-${i}`, `machine-${i}`, () => fleet));
  return { bench, fleet, pids };
}

describe('ConnectionClient', () => {
  it('serves many processes from one instance, each with its own connection and reflector', () => {
    const { bench, fleet, pids } = fleetOf(20);
    bench.run(1_000_000);
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'demo' } };
    bench.state.put(CONFIGMAPS, object);
    for (const pid of pids) {
      const client = fleet.clients.get(pid) as ConnectionClient;
      client.send(client.request(VERB.get, CONFIGMAPS, 'demo', 'a'), pid, fleet);
    }
    bench.run(1_000_000);
    expect(fleet.answers.map(([tag]) => tag).sort((l, r) => l - r)).toEqual(pids);
    expect(fleet.answers.every(([, code]) => code === undefined)).toBe(true);
    for (const pid of pids) expect(fleet.seen.get(pid)).toEqual(['list 0', 'a']);
    expect(new Set(bench.state.log.map(({ server }) => server)).size).toBe(2);
  });

  it('spreads over the servers that are left after a crash, and everybody resumes', () => {
    const { bench, fleet, pids } = fleetOf(20);
    bench.run(2_000_000);
    bench.sim.crash(bench.servers[0] as Pid);
    bench.run(10_000_000);
    bench.state.put(CONFIGMAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace: 'demo' } });
    bench.run(1_000_000);
    for (const pid of pids) expect(fleet.seen.get(pid)?.at(-1)).toBe('late');
  });

  it('without a sweep timer of its own times out when its owner sweeps', () => {
    const { bench, fleet, pids } = fleetOf(1, false);
    bench.run(1_000_000);
    bench.state.script = () => 'drop';
    const client = fleet.clients.get(pids[0] as Pid) as ConnectionClient;
    const options = { timeoutUs: 5_000_000 };
    client.send(client.request(VERB.get, CONFIGMAPS, 'demo', 'a', options), 1, fleet);
    bench.run(20_000_000);
    expect(fleet.answers).toEqual([]);
    client.transport.sweep();
    expect(fleet.answers).toEqual([[1, 504]]);
  });

  it('sends nothing that was given up while it was held back', () => {
    const { bench, fleet, pids } = fleetOf(1);
    bench.run(1_000_000);
    const client = fleet.clients.get(pids[0] as Pid) as ConnectionClient;
    const calls = Array.from({ length: 102 }, (_, tag) =>
      client.send(client.request(VERB.get, CONFIGMAPS, 'demo', 'a'), tag, fleet),
    );
    calls[100]?.abandon();
    bench.run(1_000_000);
    const tags = fleet.answers.map(([tag]) => tag);
    expect([tags.includes(100), tags.includes(101), tags.length]).toEqual([false, true, 101]);
    expect(bench.state.log.filter(({ request }) => request.verb === VERB.get)).toHaveLength(101);
  });

  it('a reflector that waits heeds no timer but its last one', () => {
    const { bench, fleet, pids } = fleetOf(1);
    bench.state.script = () => StatusError.tooManyRequests('busy', -1);
    bench.run(500_000);
    const asked = bench.state.log.length;
    fleet.reflectors.get(pids[0] as Pid)?.onBackoffOver(-1);
    bench.run(10_000);
    expect(bench.state.log.length).toBe(asked);
  });
});
