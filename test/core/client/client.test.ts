import { describe, expect, it } from 'vitest';
import { Sfc32 } from '../../../core/base/random.ts';
import { Client, type ClientOptions } from '../../../core/client/client.ts';
import type { Dispatcher } from '../../../core/client/dispatcher.ts';
import { MARK_REDISPATCH, MARK_UNKNOWN_OUTCOME } from '../../../core/client/marks.ts';
import { type CallEnd, LOST, POINT_CALL_ENDED, POINT_RESPONSE } from '../../../core/client/points.ts';
import type { Wait } from '../../../core/sim/task.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONFIGMAPS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { VERB } from '../../../core/types/wire.ts';
import { ClientBench } from '../../support/client-bench.ts';

const object = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'demo' },
});

interface Outcome {
  readonly timeUs: number;
  readonly value?: unknown;
  readonly error?: StatusError;
}

function runTask(
  bench: ClientBench,
  body: (client: Client, library: Dispatcher) => Generator<Wait, unknown, unknown>,
  options: Partial<ClientOptions> = {},
): Outcome[] {
  const outcomes: Outcome[] = [];
  bench.add('caller', (library) => {
    const client = new Client(library, {
      servers: bench.servers,
      user: 'test',
      qps: 1000,
      burst: 1000,
      names: bench.names,
      ...options,
    });
    function* task(): Generator<Wait, void, unknown> {
      try {
        const value = yield* body(client, library);
        outcomes.push({ timeUs: bench.sim.now, value });
      } catch (error) {
        outcomes.push({ timeUs: bench.sim.now, error: error as StatusError });
      }
    }
    library.ctx.startTask('test', 'demo/x', task());
  });
  return outcomes;
}

/** What a call ends with, which must be an error. */
function* failureOf(call: Generator<Wait, unknown, unknown>): Generator<Wait, StatusError, unknown> {
  try {
    yield* call;
  } catch (error) {
    return error as StatusError;
  }
  throw new Error('the call did not fail');
}

describe('Client', () => {
  it('creates, reads, updates and deletes', () => {
    const bench = new ClientBench();
    const outcomes = runTask(bench, function* (client) {
      const created = yield* client.create(CONFIGMAPS, object('a'));
      const read = yield* client.get(CONFIGMAPS, 'demo', 'a');
      const updated = yield* client.update(CONFIGMAPS, { ...read, status: { seen: true } });
      const list = yield* client.list(CONFIGMAPS, 'demo');
      yield* client.delete(CONFIGMAPS, 'demo', 'a');
      return [created.metadata.resourceVersion, updated.metadata.resourceVersion, list.items.length, list.ids.length];
    });
    bench.run(1_000_000);
    expect(outcomes).toMatchObject([{ value: ['11', '12', 1, 1] }]);
    expect(bench.state.of(CONFIGMAPS).size).toBe(0);
  });

  it('throws the server’s StatusError', () => {
    const bench = new ClientBench();
    const outcomes = runTask(bench, (client) => client.get(CONFIGMAPS, 'demo', 'missing'));
    bench.run(1_000_000);
    expect(outcomes[0]?.error).toMatchObject({ code: 404, message: 'configmaps "missing" not found' });
  });

  it('holds requests over the rate back', () => {
    const bench = new ClientBench();
    runTask(
      bench,
      function* (client) {
        for (let i = 0; i < 6; i++) yield* client.create(CONFIGMAPS, object(`a${i}`));
      },
      { qps: 2, burst: 2 },
    );
    bench.run(10_000_000);
    const times = bench.state.log.map(({ timeUs }) => Math.round(timeUs / 100_000));
    expect(times).toEqual([0, 0, 5, 10, 15, 20]);
  });

  it('times out with an unknown outcome for a write, a known one for a read', () => {
    for (const verb of ['create', 'get'] as const) {
      const bench = new ClientBench();
      bench.state.script = () => 'drop';
      const outcomes = runTask(
        bench,
        (client) => (verb === 'create' ? client.create(CONFIGMAPS, object('a')) : client.get(CONFIGMAPS, 'demo', 'a')),
        { timeoutUs: 5_000_000 },
      );
      bench.run(10_000_000);
      expect(outcomes[0]?.error).toMatchObject({ code: 504, outcomeUnknown: verb === 'create' });
      expect(outcomes[0]?.timeUs).toBeGreaterThanOrEqual(5_000_000);
      expect(outcomes[0]?.timeUs).toBeLessThanOrEqual(6_100_000);
    }
  });

  it('each of many requests times out to the microsecond, whenever sweeps are put off', () => {
    const bench = new ClientBench();
    bench.state.script = ({ name }) => (name.startsWith('lost') ? 'drop' : undefined);
    const ends: string[] = [];
    const expected: string[] = [];
    const random = new Sfc32(1, 2, 3);
    bench.add('caller', (library) => {
      const client = new Client(library, { servers: bench.servers, user: 't', qps: 0, burst: 1, names: bench.names });
      function* ask(name: string, atUs: number, timeoutUs: number): Generator<Wait, void, unknown> {
        yield* library.ctx.sleep(atUs);
        const error = yield* failureOf(client.get(CONFIGMAPS, 'demo', name, { timeoutUs }));
        if (error.code === 504) ends.push(`${name} ${bench.sim.now}`);
      }
      for (let i = 0; i < 300; i++) {
        const name = `${random.below(4) === 0 ? 'lost' : 'kept'}-${i}`;
        const atUs = 1 + random.below(200_000_000);
        const timeoutUs = [500_000, 2_000_000, 5_000_000, 20_000_000][random.below(4)] as number;
        library.ctx.startTask('test', name, ask(name, atUs, timeoutUs));
        if (name.startsWith('lost')) expected.push(`${name} ${atUs + timeoutUs}`);
      }
    });
    bench.run(300_000_000);
    expect(expected.length).toBeGreaterThan(50);
    expect(ends.sort()).toEqual(expected.sort());
  });

  it('a client that asks every two seconds and is answered has no sweeps', () => {
    const eventsOf = (timeoutUs: number): number => {
      const bench = new ClientBench();
      runTask(bench, function* (client, { ctx }) {
        for (let i = 0; i < 20; i++) {
          yield* failureOf(client.get(CONFIGMAPS, 'demo', 'a', { timeoutUs }));
          yield* ctx.sleep(2_000_000);
        }
      });
      bench.run(39_000_000);
      return bench.sim.eventCount;
    };
    expect(eventsOf(5_000_000)).toBe(eventsOf(60_000_000));
  });

  it('repeats what the server asks to repeat, ten times, each for a token', () => {
    const bench = new ClientBench();
    bench.state.script = () => StatusError.tooManyRequests('slow down', 1);
    const outcomes = runTask(bench, (client) => client.create(CONFIGMAPS, object('a')));
    bench.run(60_000_000);
    expect(bench.state.log.length).toBe(11);
    expect(outcomes[0]?.error).toMatchObject({ code: 429 });
    expect(outcomes[0]?.timeUs).toBeGreaterThan(10_000_000);
  });

  it.each([
    // [what the server says, time-out, attempts, how it ends]
    ['refuses', 2_500_000, 3, false],
    ['then falls silent', 2_500_000, 2, true],
    ['asks for more than is left', 500_000, 1, false],
  ])('one time-out bounds all repetitions: the server %s', (how, timeoutUs, attempts, outcomeUnknown) => {
    const bench = new ClientBench();
    bench.state.script = () =>
      how === 'then falls silent' && bench.state.log.length > 1 ? 'drop' : StatusError.tooManyRequests('slow down', 1);
    const outcomes = runTask(bench, (client) => client.create(CONFIGMAPS, object('a')), { timeoutUs });
    bench.run(60_000_000);
    expect(bench.state.log.length).toBe(attempts);
    expect(outcomes[0]?.error).toMatchObject({ code: 504, outcomeUnknown });
    expect(outcomes[0]?.timeUs).toBe(timeoutUs);
  });

  it('does not repeat a 429 without Retry-After (a refused eviction)', () => {
    const bench = new ClientBench();
    bench.state.script = () => StatusError.tooManyRequests('budget', 0);
    const outcomes = runTask(bench, (client) => client.evict('demo', 'p'));
    bench.run(60_000_000);
    expect(bench.state.log.length).toBe(1);
    expect(outcomes[0]?.error).toMatchObject({ code: 429 });
  });

  it('a write on a connection that breaks has an unknown outcome and is not repeated', () => {
    const bench = new ClientBench();
    bench.state.script = (request) => (request.verb === VERB.create ? 'apply-and-drop' : undefined);
    const outcomes = runTask(bench, function* (client) {
      try {
        yield* client.get(CONFIGMAPS, 'demo', 'none');
      } catch {}
      yield* client.create(CONFIGMAPS, object('a'));
    });
    bench.sim.at(1_000_000, 'crash', () => bench.sim.crash(bench.servers[0] as number));
    bench.run(3_000_000);
    expect(outcomes[0]?.error).toMatchObject({ code: 503, outcomeUnknown: true });
    expect(bench.state.log.filter(({ request }) => request.verb === VERB.create).length).toBe(1);
    expect(bench.sim.observation.marks[MARK_UNKNOWN_OUTCOME]).toBe(1);
  });

  it('the planted bug reports an unknown outcome as a plain failure', () => {
    const bench = new ClientBench(1, { bugs: ['client-unknown-is-failure'] });
    bench.state.script = () => 'apply-and-drop';
    const outcomes = runTask(bench, (client) => client.create(CONFIGMAPS, object('a')));
    bench.sim.at(1_000_000, 'crash', () => bench.sim.crash(bench.servers[0] as number));
    bench.run(3_000_000);
    expect(outcomes[0]?.error).toMatchObject({ outcomeUnknown: false });
  });

  it('repeats a read on a connection that breaks, on the restarted server', () => {
    const bench = new ClientBench();
    bench.state.put(CONFIGMAPS, object('a'));
    let drop = false;
    bench.state.script = () => (drop ? 'drop' : undefined);
    const outcomes = runTask(bench, function* (client) {
      yield* client.get(CONFIGMAPS, 'demo', 'a');
      drop = true;
      return yield* client.get(CONFIGMAPS, 'demo', 'a');
    });
    bench.sim.at(500_000, 'crash', () => {
      bench.sim.crash(bench.servers[0] as number);
      drop = false;
    });
    bench.sim.at(600_000, 'restart', () => bench.sim.restart(bench.servers[0] as number));
    bench.run(5_000_000);
    expect(outcomes[0]?.value).toMatchObject({ metadata: { name: 'a' } });
    expect(outcomes[0]?.timeUs).toBeGreaterThan(1_500_000);
  });

  it('a write that the server gave up waiting for is unknown, also when its repetition fails for certain', () => {
    const bench = new ClientBench();
    let answers = 0;
    bench.state.script = () =>
      answers++ === 0
        ? StatusError.timeout('request did not complete', false, 1)
        : StatusError.forbidden(CONFIGMAPS, 'a', 'no');
    const outcomes = runTask(bench, (client) => client.create(CONFIGMAPS, object('a')));
    bench.run(5_000_000);
    expect(bench.state.log.length).toBe(2);
    expect(outcomes[0]?.error).toMatchObject({ code: 403, outcomeUnknown: true });
  });

  it.each([
    // [the answer, the verb, attempts, whether the outcome is unknown]
    ['504', VERB.create, new StatusError(504, 'Timeout', 'no'), 1, true],
    ['504', VERB.get, new StatusError(504, 'Timeout', 'no'), 1, false],
    ['503 with Retry-After', VERB.get, new StatusError(503, '', 'no', { retryAfterSeconds: 1 }), 11, false],
    ['409 with Retry-After', VERB.create, new StatusError(409, 'Conflict', 'no', { retryAfterSeconds: 1 }), 1, false],
  ] as const)('%s to verb %s', (_name, verb, answer, attempts, outcomeUnknown) => {
    const bench = new ClientBench();
    bench.state.script = () => answer;
    const outcomes = runTask(bench, (client) =>
      verb === VERB.create ? client.create(CONFIGMAPS, object('a')) : client.get(CONFIGMAPS, 'demo', 'a'),
    );
    bench.run(60_000_000);
    expect([bench.state.log.length, outcomes[0]?.error?.outcomeUnknown]).toEqual([attempts, outcomeUnknown]);
  });

  it('a write on a new connection that is reset goes to no other server', () => {
    const bench = new ClientBench(2);
    bench.state.script = () => 'apply-and-drop';
    const outcomes = runTask(bench, (client) => client.create(CONFIGMAPS, object('a')));
    bench.sim.at(1_000_000, 'crash', () => {
      for (const server of bench.servers) bench.sim.crash(server);
      bench.sim.restart(bench.servers[0] as number);
      bench.sim.restart(bench.servers[1] as number);
    });
    bench.run(5_000_000);
    expect(outcomes[0]?.error).toMatchObject({ code: 503, outcomeUnknown: true });
    expect(bench.state.log.length).toBe(1);
  });

  it('a fault can lose an answer on its way; observers see every outcome', () => {
    const bench = new ClientBench();
    let lost = 0;
    const ends: CallEnd[] = [];
    bench.sim.observation.setInterceptor(POINT_RESPONSE, () => (lost++ === 0 ? LOST : undefined));
    bench.sim.observation.listen(POINT_CALL_ENDED, (_pid, end) => ends.push(end as CallEnd));
    const outcomes = runTask(bench, function* (client) {
      try {
        yield* client.create(CONFIGMAPS, object('a'), { timeoutUs: 2_000_000 });
      } catch {}
      return yield* client.get(CONFIGMAPS, 'demo', 'a');
    });
    bench.run(10_000_000);
    expect(outcomes[0]?.value).toMatchObject({ metadata: { name: 'a' } });
    expect(ends.map(({ request, error }) => [request.verb, error?.outcomeUnknown ?? null])).toEqual([
      [VERB.create, true],
      [VERB.get, null],
    ]);
  });

  it('a refused connection fails at once and surely', () => {
    const bench = new ClientBench();
    bench.run(1);
    bench.sim.crash(bench.servers[0] as number);
    const outcomes = runTask(bench, (client) => client.create(CONFIGMAPS, object('a')));
    bench.run(3_000_000);
    expect(outcomes[0]?.error).toMatchObject({
      code: 503,
      outcomeUnknown: false,
      message: 'connect: connection refused',
    });
    expect(outcomes[0]?.timeUs).toBeLessThan(100_000);
  });

  it('the balancer turns a refused connection to a living server and spares the dead one', () => {
    const bench = new ClientBench(2);
    bench.run(1);
    bench.sim.crash(bench.servers[0] as number);
    const outcomes = runTask(bench, function* (client) {
      for (let i = 0; i < 3; i++) yield* client.create(CONFIGMAPS, object(`a${i}`));
    });
    bench.run(3_000_000);
    expect(outcomes[0]?.error).toBeUndefined();
    expect(bench.state.log.map(({ server }) => server)).toEqual(['apiserver-1', 'apiserver-1', 'apiserver-1']);
  });

  it('whoever is refused by the dead server goes on to the living one within the same call', () => {
    const bench = new ClientBench(2, { seed: 3 });
    bench.run(1);
    bench.sim.crash(bench.servers[0] as number);
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const failed: unknown[] = [];
    for (const name of names)
      bench.add(name, (library) => {
        const client = new Client(library, { servers: bench.servers, user: 't', qps: 0, burst: 1, names: bench.names });
        const listener = {
          onResponse: (_tag: number, _answer: unknown, error: unknown) => error && failed.push(error),
        };
        client.send(
          client.connection.writeRequest(VERB.create, CONFIGMAPS, 'demo', name, '', object(name)),
          0,
          listener,
        );
      });
    bench.run(1_000_000);
    expect([failed, bench.state.of(CONFIGMAPS).size]).toEqual([[], names.length]);
    expect(bench.sim.observation.marks[MARK_REDISPATCH]).toBeGreaterThan(0);
  });

  it('notices a silently dead server after 45 s', () => {
    const bench = new ClientBench();
    const outcomes = runTask(bench, function* (client) {
      yield* client.create(CONFIGMAPS, object('a'));
      yield* client.ctx.sleep(1_000_000);
      yield* client.create(CONFIGMAPS, object('b'));
    });
    bench.sim.at(500_000, 'power loss', () => bench.sim.pause(bench.servers[0] as number));
    bench.run(100_000_000);
    expect(outcomes[0]?.error).toMatchObject({ outcomeUnknown: true, message: 'http2: client connection lost' });
    expect(outcomes[0]?.timeUs).toBeGreaterThan(40_000_000);
    expect(outcomes[0]?.timeUs).toBeLessThan(47_000_000);
  });

  it('an injected failure at a point leaves the late answer unused', () => {
    const bench = new ClientBench();
    const outcomes = runTask(bench, function* (client) {
      try {
        yield* client.create(CONFIGMAPS, object('a'));
      } catch (error) {
        const read = yield* client.get(CONFIGMAPS, 'demo', 'a');
        return [(error as StatusError).message, read.metadata.name];
      }
      return [];
    });
    bench.sim.tasks.hook = (task, phase) =>
      phase === 'resuming' && task.point === 1 ? { kind: 'fail', error: StatusError.internalError('injected') } : null;
    bench.run(3_000_000);
    expect(outcomes[0]?.value).toEqual(['Internal error occurred: injected', 'a']);
  });

  it('answers listeners without tasks, in order', () => {
    const bench = new ClientBench();
    const seen: [number, number | undefined][] = [];
    bench.add('columns', (library) => {
      const client = new Client(library, { servers: bench.servers, user: 't', qps: 2, burst: 1, names: bench.names });
      const listener = {
        onResponse: (tag: number, response: unknown, error: StatusError | null) => seen.push([tag, error?.code]),
      };
      for (let tag = 0; tag < 3; tag++) {
        client.send(
          client.connection.writeRequest(VERB.create, CONFIGMAPS, 'demo', 'a', '', object('a')),
          tag,
          listener,
        );
      }
    });
    bench.run(5_000_000);
    expect(seen).toEqual([
      [0, undefined],
      [1, 409],
      [2, 409],
    ]);
  });

  it('clients of one process may share a connection, not a bucket', () => {
    const bench = new ClientBench(3);
    bench.add('manager', (library) => {
      const options = { servers: bench.servers, user: 'm', qps: 1, burst: 1, names: bench.names };
      const first = new Client(library, options);
      const second = new Client(library, { ...options, shareConnectionOf: first });
      function* create(client: Client, name: string): Generator<Wait, void, unknown> {
        yield* client.create(CONFIGMAPS, object(name));
      }
      library.ctx.startTask('t', '', create(first, 'a'));
      library.ctx.startTask('t', '', create(second, 'b'));
    });
    bench.run(1_000_000);
    expect(bench.state.log.length).toBe(2);
    expect(new Set(bench.state.log.map(({ server }) => server)).size).toBe(1);
    expect(bench.state.log[1]?.timeUs).toBeLessThan(10_000);
  });

  it('the same seed gives the same digest, another one another', () => {
    const digest = (seed: number): string => {
      const bench = new ClientBench(2, { seed });
      runTask(bench, function* (client) {
        for (let i = 0; i < 20; i++) yield* client.create(CONFIGMAPS, object(`a${i}`));
      });
      bench.sim.at(5_000, 'crash', () => bench.sim.crash(bench.servers[1] as number));
      bench.run(5_000_000);
      return bench.sim.digestHex();
    };
    expect(digest(1)).toBe(digest(1));
    expect(digest(1)).not.toBe(digest(2));
  });
});
