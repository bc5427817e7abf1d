/** Events have no watch cache: reads and watches of them are served by the store, and other kinds' caches are told how far they are. */
import { expect, test } from 'vitest';
import { findMark } from '../../../core/sim/registry.ts';
import { OP_STORE_REQUEST, StoreRequest } from '../../../core/store/client-interface.ts';
import { CONFIGMAPS, EVENTS, NAMESPACES } from '../../../core/types/resource-type.ts';
import { ADDED, BOOKMARK, DELETED, ERROR, MODIFIED, VERB } from '../../../core/types/wire.ts';
import { ApiHarness, type Stream } from '../../support/api-harness.ts';
import { configMap } from './objects.ts';

const S = 1_000_000;

/** A server with two namespaces. */
function started(): ApiHarness {
  const api = new ApiHarness();
  for (const name of ['default', 'other'])
    api.call(VERB.create, NAMESPACES, { object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } });
  return api;
}

function report(api: ApiHarness, name: string, namespace = 'default', reason = 'Started'): number {
  const involvedObject = { kind: 'Pod', name: 'web', namespace };
  const object = { apiVersion: 'v1', kind: 'Event', metadata: { name, namespace }, involvedObject, reason };
  return Number(api.create(EVENTS, object).metadata.resourceVersion);
}

const seen = (stream: Stream) => stream.events.map(({ type, object }) => [type, object.metadata.name]);
const names = (api: ApiHarness, resourceVersion?: string) =>
  api.call(VERB.list, EVENTS, { options: { resourceVersion } }).items?.map(({ metadata }) => metadata.name);

test('every read sees what is in the store, and the server keeps none of it', () => {
  const api = started();
  report(api, 'b');
  report(api, 'a');
  report(api, 'c', 'other');
  expect(api.get(EVENTS, 'a', { options: { resourceVersion: '0' } }).code).toBe(200);
  expect([names(api), names(api, '0')]).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(api.call(VERB.deletecollection, EVENTS).items).toHaveLength(2);
  expect(names(api)).toEqual([]);
  expect(api.call(VERB.list, EVENTS, { namespace: '' }).items).toHaveLength(1);
  expect(api.instances[0]?.core.cacheOf(EVENTS).count).toBe(0);
});

test('a watch gives what there is or what came after its position, then what follows, as it selects', () => {
  const api = started();
  const first = report(api, 'a');
  report(api, 'b');
  const all = api.watch(EVENTS);
  const resumed = api.watch(EVENTS, { resourceVersion: String(first) }, { namespace: 'default' });
  const streamed = api.watch(EVENTS, {
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: true,
  });
  const later = api.watch(EVENTS, { sendInitialEvents: false, resourceVersionMatch: 'NotOlderThan' });
  const failed = api.watch(EVENTS, { resourceVersion: String(first), fieldSelector: 'reason=Failed' });
  report(api, 'c', 'other', 'Failed');
  api.object(VERB.patch, EVENTS, { name: 'b', patch: { count: 2 }, patchType: 'merge' });
  api.object(VERB.delete, EVENTS, { name: 'b' });
  api.run(50_000);
  const changes = [
    [MODIFIED, 'b'],
    [DELETED, 'b'],
  ];
  expect(seen(all)).toEqual([[ADDED, 'a'], [ADDED, 'b'], [ADDED, 'c'], ...changes]);
  expect(seen(resumed)).toEqual([[ADDED, 'b'], ...changes]);
  expect(seen(later)).toEqual([[ADDED, 'c'], ...changes]);
  expect(streamed.events.slice(0, 3).map(({ type }) => type)).toEqual([ADDED, ADDED, BOOKMARK]);
  expect(seen(failed)).toEqual([[ADDED, 'c']]);
  expect(all.events.at(-1)?.object.metadata.resourceVersion).toBe(String(all.events.at(-1)?.revision));
});

test('a watch ends with its connection to the store and goes on from its position; what is compacted is gone', () => {
  const api = started();
  report(api, 'a');
  const stream = api.watch(EVENTS);
  api.sim.crash(api.store);
  api.run(S);
  expect([seen(stream), stream.closed]).toEqual([[[ADDED, 'a']], true]);
  api.sim.restart(api.store);
  api.run(5 * S);
  report(api, 'b');
  const resumed = api.watch(EVENTS, { resourceVersion: String(stream.events[0]?.revision) });
  expect(seen(resumed)).toEqual([[ADDED, 'b']]);

  const { ctx } = api.client;
  ctx.sendOn(ctx.connect(api.store), OP_STORE_REQUEST, 1, 0, StoreRequest.compaction(report(api, 'c')));
  api.run(S);
  const gone = api.watch(EVENTS, { resourceVersion: '2' });
  api.run(S);
  expect([gone.events[0]?.type, gone.events[0]?.error?.reason, gone.closed]).toEqual([ERROR, 'Expired', true]);
});

test('a read that asks for a revision gets none from before it', () => {
  const api = started();
  const revision = report(api, 'a');
  const newest = report(api, 'b', 'other');
  const list = (resourceVersion: number, resourceVersionMatch?: 'NotOlderThan') =>
    api.call(VERB.list, EVENTS, { options: { resourceVersion: String(resourceVersion), resourceVersionMatch } });
  expect(list(revision).items).toHaveLength(1);
  expect(Number(list(newest, 'NotOlderThan').resourceVersion)).toBe(newest);
  const before = api.sim.now;
  for (const answer of [
    list(newest + 1),
    list(newest + 1, 'NotOlderThan'),
    api.get(EVENTS, 'a', { options: { resourceVersion: String(newest + 1) } }),
    api.get(EVENTS, 'never-seen', { options: { resourceVersion: String(newest + 1) } }),
  ])
    expect([answer.code, answer.error?.message]).toEqual([
      504,
      `Timeout: Too large resource version: ${newest + 1}, current: ${newest}`,
    ]);
  expect(api.get(EVENTS, 'never-seen', { options: { resourceVersion: String(newest) } }).code).toBe(404);
  // The store is as new as can be: nobody waits.
  expect(api.sim.now - before).toBeLessThan(S);
});

test('a list of the newest state asks for progress where the last revision was an Event', () => {
  const api = started();
  api.create(CONFIGMAPS, configMap('a'));
  const revision = report(api, 'b');
  const before = api.sim.now;
  const list = api.call(VERB.list, CONFIGMAPS);
  expect([list.items?.length, Number(list.resourceVersion) >= revision]).toEqual([1, true]);
  expect(api.sim.now - before).toBeLessThan(S / 4);
  expect(api.sim.observation.marks[findMark('api.waited-for-cache') as number]).toBe(1);
});
