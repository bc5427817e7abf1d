/** What a reflector does next. Expected: client-go 0.34.1, tools/cache/reflector.go watch, list; rest/request.go Watch. */
import { describe, expect, it } from 'vitest';
import { Client } from '../../../core/client/client.ts';
import { OP_REFLECTOR_BACKOFF } from '../../../core/client/ops.ts';
import { Reflector } from '../../../core/client/reflector.ts';
import { PODS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { ERROR, VERB, type WatchEvent } from '../../../core/types/wire.ts';
import { ClientBench } from '../../support/client-bench.ts';

const RESET = StatusError.connectionLost('read: connection reset by peer', false);
const LOST = StatusError.connectionLost('http2: client connection lost', false);
const REFUSED = StatusError.connectionLost('connect: connection refused', false);
const error = (code: number): StatusError => new StatusError(code, '', 'no');

/** Requests of a reflector, each as verb and resourceVersion, whose first watch `end` ends after `lastsUs`. */
function requestsAfter(lastsUs: number, end: (reflector: Reflector, tag: number) => void): string {
  const bench = new ClientBench(0);
  const requests: string[] = [];
  let reflector: Reflector | null = null;
  let tagOfWatch = -1;
  bench.add('watcher', (library) => {
    const { ctx } = library;
    const client = {
      ctx,
      request: (verb: number, _type: unknown, _namespace: string, _name: string, options: object) => ({
        verb,
        options,
      }),
      send(request: { options: { resourceVersion?: string } }, tag: number, target: Reflector) {
        requests.push(`list ${request.options.resourceVersion}`);
        target.onResponse(tag, { items: [], ids: [], resourceVersion: '7' } as never, null);
      },
      watch(request: { options: { resourceVersion: string } }, tag: number) {
        requests.push(`watch ${request.options.resourceVersion}`);
        if (tagOfWatch < 0) tagOfWatch = tag;
        return 1;
      },
      stopWatch() {},
    };
    const index = library.register({
      receive(op: number, _from: number, a: number) {
        if (op === OP_REFLECTOR_BACKOFF) reflector?.onBackoffOver(a);
      },
    } as never);
    const nowhere = { onReplace() {}, onEvent() {} };
    reflector = new Reflector(client as never, { type: PODS, namespace: '' }, nowhere, index);
    reflector.start();
  });
  bench.run(lastsUs);
  expect(requests.splice(0)).toEqual(['list 0', 'watch 7']);
  end(reflector as unknown as Reflector, tagOfWatch);
  const atOnce = requests.join(', ');
  bench.run(2_000_000);
  return atOnce === '' ? `later ${requests.join(', ')}` : atOnce;
}

describe('Reflector', () => {
  it.each([
    ['the server ends it', 5_000_000, null, 'watch 7'],
    ['the server ends it within a second', 500_000, null, 'later list 7, watch 7'],
    ['its connection is reset', 5_000_000, RESET, 'watch 7'],
    ['its connection is lost', 50_000_000, LOST, 'later list 7, watch 7'],
    ['the dial is refused', 5_000_000, REFUSED, 'later watch 7'],
    ['the server has too much to do', 5_000_000, error(429), 'later watch 7'],
    ['it is too old', 5_000_000, error(410), 'later list 7, watch 7'],
    ['the server fails late', 5_000_000, error(500), 'later list 7, watch 7'],
    ['the server is not available', 100_000, error(503), 'later list 7, watch 7'],
  ])('after its watch: %s', (_why, lastsUs, outcome, next) => {
    expect(requestsAfter(lastsUs, (reflector, tag) => reflector.onWatchClosed(tag, outcome))).toBe(next);
  });

  it.each([
    [410, 'later list 7, watch 7'],
    [429, 'later watch 7'],
    [500, 'later list 7, watch 7'],
  ])('after an error %i within the watch', (code, next) => {
    const event = { type: ERROR, error: error(code) } as WatchEvent;
    expect(requestsAfter(5_000_000, (reflector, tag) => reflector.onWatchEvents(tag, [event]))).toBe(next);
  });
});

describe('a watch that is refused', () => {
  it.each([
    ['with Retry-After', new StatusError(429, '', 'no', { retryAfterSeconds: 1 }), [0, 1, 2, 3]],
    ['without', error(429), [0]],
  ])('%s', (_how, refusal, seconds) => {
    const bench = new ClientBench();
    const ended: (StatusError | null)[] = [];
    let client: Client | null = null;
    let id = 0;
    bench.add('watcher', (library) => {
      client = new Client(library, { servers: bench.servers, user: 'w', qps: 0, burst: 1, names: bench.names });
      const request = client.connection.request(VERB.watch, PODS, '', '', { resourceVersion: '0' });
      id = client.connection.watch(request, 1, { onWatchEvents() {}, onWatchClosed: (_tag, why) => ended.push(why) });
    });
    bench.state.script = () => refusal;
    bench.run(3_500_000);
    const firstUs = bench.state.log[0]?.timeUs as number;
    expect(bench.state.log.map(({ timeUs }) => Math.round((timeUs - firstUs) / 1e6))).toEqual(seconds);
    expect(ended.length).toBe(seconds.length === 1 ? 1 : 0);
    (client as unknown as Client).connection.stopWatch(id);
    bench.run(20_000_000);
    expect(bench.state.log.length).toBe(seconds.length);
    expect(ended.length).toBe(seconds.length === 1 ? 1 : 0);
  });
});
