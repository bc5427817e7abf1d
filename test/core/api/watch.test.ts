/** Watches: order, completeness, selectors, positions, bookmarks, ends, several servers. */
import { describe, expect, test } from 'vitest';
import { findPoint } from '../../../core/sim/registry.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONFIGMAPS, NODES, PODS } from '../../../core/types/resource-type.ts';
import { ADDED, BOOKMARK, DELETED, ERROR, MODIFIED, VERB } from '../../../core/types/wire.ts';
import type { ApiHarness, Stream } from '../../support/api-harness.ts';
import { bootstrapped, configMap, pod } from './objects.ts';

function seen(stream: Stream): [number, string][] {
  return stream.events.map((event) => [event.type, event.object.metadata.name]);
}

function relabel(h: ApiHarness, name: string, app: string): KubeObject {
  return h.object(VERB.patch, PODS, { name, patch: { metadata: { labels: { app } } }, patchType: 'merge' });
}

function bind(h: ApiHarness, name: string, node: string): number {
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: node } };
  return h.call(VERB.create, PODS, { name, subresource: 'binding', object: binding }).code;
}

test('unset position: the state first, then what follows, in order of revision', () => {
  const h = bootstrapped();
  h.create(CONFIGMAPS, configMap('b'));
  h.create(CONFIGMAPS, configMap('a'));
  const stream = h.watch(CONFIGMAPS);
  h.create(CONFIGMAPS, configMap('c'));
  h.object(VERB.delete, CONFIGMAPS, { name: 'a' });
  h.run(50_000);
  expect(seen(stream)).toEqual([
    [ADDED, 'a'],
    [ADDED, 'b'],
    [ADDED, 'c'],
    [DELETED, 'a'],
  ]);
  const live = stream.events.slice(2).map((event) => event.revision);
  expect(live).toEqual([...live].sort((x, y) => x - y));
  expect(stream.events[3]?.object.metadata.resourceVersion).toBe(String(stream.events[3]?.revision));
});

test('a position resumes exactly after it, also on another server and when that one lags behind', () => {
  const h = bootstrapped({ servers: 2 });
  const first = h.create(CONFIGMAPS, configMap('a'));
  h.create(CONFIGMAPS, configMap('b'));
  const later = h.create(CONFIGMAPS, configMap('c'));
  const resumed = h.watch(CONFIGMAPS, { resourceVersion: first.metadata.resourceVersion }, { server: 1 });
  expect(seen(resumed)).toEqual([
    [ADDED, 'b'],
    [ADDED, 'c'],
  ]);
  const ahead = h.watch(
    CONFIGMAPS,
    { resourceVersion: String(Number(later.metadata.resourceVersion) + 1) },
    { server: 1 },
  );
  h.create(CONFIGMAPS, configMap('d'));
  h.create(CONFIGMAPS, configMap('e'));
  h.run(50_000);
  expect(seen(ahead)).toEqual([[ADDED, 'e']]);
});

test.each([
  [{ sendInitialEvents: true }, 422, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
  [{ sendInitialEvents: true, resourceVersionMatch: 'Exact' }, 422, 'supported values: "NotOlderThan"'],
  [{ resourceVersionMatch: 'NotOlderThan' }, 422, 'is forbidden for watch unless sendInitialEvents is provided'],
  [{ resourceVersion: '-1' }, 400, 'invalid syntax'],
] as const)('is refused with %j', (options, code, why) => {
  const answer = bootstrapped().call(VERB.watch, CONFIGMAPS, { options });
  expect([answer.code, answer.error?.message]).toEqual([code, expect.stringContaining(why)]);
});

test('initial events: what is selected, then a bookmark that says so; a stream without a limit stays', () => {
  const h = bootstrapped();
  for (const app of ['web', 'other']) h.create(PODS, pod(app, { labels: { app } }));
  const options = { labelSelector: 'app=web', allowWatchBookmarks: true, timeoutUs: 0 };
  const all = { ...options, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } as const;
  const stream = h.watch(PODS, all);
  expect(stream.events.map(({ type }) => type)).toEqual([ADDED, BOOKMARK]);
  expect(stream.events[0]?.object.metadata.name).toBe('web');
  const plain = h.watch(PODS, { ...options, resourceVersion: '0' });
  h.run(70_000_000);
  expect(seen(plain)[0]).toEqual([ADDED, 'web']);
  expect(plain.events.filter(({ type }) => type === ADDED)).toHaveLength(1);
  expect([stream.closed, plain.closed]).toEqual([false, false]);
});

test('without initial events a stream begins now', () => {
  const h = bootstrapped();
  h.create(CONFIGMAPS, configMap('a'));
  const match = { resourceVersionMatch: 'NotOlderThan' } as const;
  const streams = ['', '0'].map((resourceVersion) =>
    h.watch(CONFIGMAPS, { sendInitialEvents: false, resourceVersion, ...match }),
  );
  h.run(50_000);
  h.create(CONFIGMAPS, configMap('b'));
  h.run(50_000);
  expect(streams.map(seen)).toEqual([[[ADDED, 'b']], [[ADDED, 'b']]]);
  const unmarked = h.watch(CONFIGMAPS, { sendInitialEvents: true, ...match });
  h.run(50_000);
  expect(unmarked.events.map(({ type }) => type)).toEqual([ADDED, ADDED]);
});

test('one name is watched in all namespaces at once', () => {
  const h = bootstrapped();
  const stream = h.watch(CONFIGMAPS, { fieldSelector: 'metadata.name=x' });
  for (const namespace of ['default', 'kube-system']) h.create(CONFIGMAPS, configMap('x', namespace));
  h.create(CONFIGMAPS, configMap('y'));
  h.run(50_000);
  expect(seen(stream)).toEqual([
    [ADDED, 'x'],
    [ADDED, 'x'],
  ]);
});

test('both servers share one event object', () => {
  const h = bootstrapped({ servers: 2 });
  const one = h.watch(CONFIGMAPS, {}, { server: 0 });
  const two = h.watch(CONFIGMAPS, {}, { server: 1 });
  h.create(CONFIGMAPS, configMap('a'));
  h.run(50_000);
  expect(one.events[0]).toBe(two.events[0]);
});

describe('selectors', () => {
  test('what enters is ADDED, what leaves DELETED', () => {
    const h = bootstrapped();
    const stream = h.watch(PODS, { labelSelector: 'app=web' });
    h.create(PODS, pod('p', { labels: { app: 'other' } }));
    relabel(h, 'p', 'web');
    relabel(h, 'p', 'other');
    h.run(50_000);
    expect(seen(stream)).toEqual([
      [ADDED, 'p'],
      [DELETED, 'p'],
    ]);
    expect(stream.events[1]?.object.metadata.labels).toEqual({ app: 'web' });
  });

  test('watchers by node are found by index', () => {
    const h = bootstrapped();
    const streams = Array.from({ length: 50 }, (_, i) => h.watch(PODS, { fieldSelector: `spec.nodeName=n${i}` }));
    const server = h.instances[0];
    const before = server?.core.cacheOf(PODS).watchers.evaluations ?? 0;
    h.create(PODS, pod('p'));
    expect(bind(h, 'p', 'n7')).toBe(201);
    h.run(50_000);
    expect(seen(streams[7] as Stream)).toEqual([[ADDED, 'p']]);
    expect(streams.filter((stream) => stream.events.length > 0).length).toBe(1);
    expect((server?.core.cacheOf(PODS).watchers.evaluations ?? 0) - before).toBe(1);
  });

  test('one object by name, before it exists', () => {
    const h = bootstrapped();
    const stream = h.watch(CONFIGMAPS, { fieldSelector: 'metadata.name=x' }, { namespace: 'default' });
    h.create(CONFIGMAPS, configMap('y'));
    const x = h.create(CONFIGMAPS, configMap('x'));
    h.object(VERB.update, CONFIGMAPS, { name: 'x', object: { ...x, data: { a: '2' } } });
    h.run(50_000);
    expect(seen(stream)).toEqual([
      [ADDED, 'x'],
      [MODIFIED, 'x'],
    ]);
  });
});

describe('positions and ends', () => {
  test('a position before a restart is gone', () => {
    const h = bootstrapped();
    h.create(CONFIGMAPS, configMap('a'));
    h.sim.crash(h.servers[0] as number);
    h.sim.restart(h.servers[0] as number);
    h.run(2_000_000);
    expect(h.client.lost).toBe(1);
    const stream = h.watch(CONFIGMAPS, { resourceVersion: '1' });
    expect([stream.events[0]?.type, stream.events[0]?.error?.code, stream.closed]).toEqual([ERROR, 410, true]);
    expect(h.call(VERB.list, CONFIGMAPS, { options: { resourceVersion: '0' } }).items?.length).toBe(1);
  });

  test('bookmarks come about every minute and at the end of the stream', () => {
    const h = bootstrapped();
    const stream = h.watch(NODES, { resourceVersion: '0', allowWatchBookmarks: true, timeoutUs: 100_000_000 });
    h.run(110_000_000);
    const bookmarks = stream.events.filter((event) => event.type === BOOKMARK);
    expect(bookmarks.length).toBe(2);
    expect(bookmarks[0]?.object.kind).toBe('Node');
    expect(stream.closed).toBe(true);
  });

  test('a client ends a watch and hears nothing more', () => {
    const h = bootstrapped();
    const stream = h.watch(CONFIGMAPS);
    expect(h.instances[0]?.core.hub.count).toBe(1);
    h.client.ctx.sendOn(h.client.connection(h.servers[0] as number), 35, h.lastId, 0, null);
    h.run(50_000);
    expect(h.instances[0]?.core.hub.count).toBe(0);
    h.create(CONFIGMAPS, configMap('a'));
    h.run(50_000);
    expect(stream.events).toEqual([]);
  });

  test('a store that comes back goes on feeding the same streams', () => {
    const h = bootstrapped();
    const stream = h.watch(CONFIGMAPS);
    h.sim.crash(h.store);
    h.run(2_000_000);
    const failed = h.call(VERB.create, CONFIGMAPS, { object: configMap('a') });
    expect([failed.code, failed.error?.message]).toEqual([500, 'etcdserver: request timed out']);
    h.sim.restart(h.store);
    h.run(5_000_000);
    h.create(CONFIGMAPS, configMap('b'));
    h.run(50_000);
    expect(seen(stream)).toEqual([[ADDED, 'b']]);
  });
});

test('whether a writer sees its own change before or after the answer is a toss-up', () => {
  const h = bootstrapped();
  h.watch(CONFIGMAPS);
  const order: string[] = [];
  h.sim.observation.listen(findPoint('api.watch-delivery') as number, () => order.push('event'));
  h.sim.observation.listen(findPoint('api.response') as number, () => order.push('answer'));
  for (let i = 0; i < 40; i++) h.create(CONFIGMAPS, configMap(`c${i}`));
  h.run(50_000);
  const eventsFirst = order.filter((what, i) => i % 2 === 0 && what === 'event').length;
  expect(order).toHaveLength(80);
  expect(eventsFirst).toBeGreaterThan(10);
  expect(eventsFirst).toBeLessThan(30);
});
