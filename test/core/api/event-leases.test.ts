/** Events lie under leases of the store: they go by themselves, many share a lease, and a store that is away is told as for any write. */
import { expect, test } from 'vitest';
import { findPoint } from '../../../core/sim/registry.ts';
import { EVENTS, NAMESPACES } from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { ApiHarness } from '../../support/api-harness.ts';

const S = 1_000_000;
const event = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name, namespace: 'default' },
  involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
  reason: 'Started',
});

/** Leases granted so far. */
function granted(api: ApiHarness): { readonly count: number } {
  const seen = { count: 0 };
  api.sim.observation.listen(findPoint('store.lease') as number, (_pid, subject) => {
    if ((subject as { readonly change: string }).change === 'granted') seen.count++;
  });
  return seen;
}

/** A server with a namespace. */
function started(eventTtlS: number): ApiHarness {
  const api = new ApiHarness({ eventTtlS });
  api.call(VERB.create, NAMESPACES, { object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } } });
  return api;
}

const create = (api: ApiHarness, name: string) => api.call(VERB.create, EVENTS, { object: event(name) }).code;
const find = (api: ApiHarness, name: string) => api.call(VERB.get, EVENTS, { name }).code;

test('an Event goes when its time to live is over, and a change gives it all of it again', () => {
  const api = started(100);
  const leases = granted(api);
  expect([create(api, 'first'), create(api, 'second')]).toEqual([201, 201]);
  expect(leases.count).toBe(1);
  api.run(60 * S);
  const patch = { count: 2 };
  expect(api.call(VERB.patch, EVENTS, { name: 'second', patch, patchType: 'merge' }).code).toBe(200);
  expect(leases.count).toBe(2);
  api.run(38 * S);
  expect(find(api, 'first')).toBe(200);
  api.run(10 * S);
  expect([find(api, 'first'), find(api, 'second')]).toEqual([404, 200]);
  api.run(60 * S);
  expect(find(api, 'second')).toBe(404);
});

test('who comes while a lease is being granted waits for it; when the store goes, each hears of it', () => {
  const api = started(1_200);
  const leases = granted(api);
  const send = (name: string) => api.send(VERB.create, EVENTS, { object: event(name) });
  const ids = ['a', 'b', 'c'].map(send);
  expect(ids.map((id) => api.wait(id).code)).toEqual([201, 201, 201]);
  expect(leases.count).toBe(1);
  api.run(61 * S);
  const late = ['d', 'e'].map(send);
  api.run(600);
  api.sim.crash(api.store);
  expect(late.map((id) => api.wait(id).code >= 500)).toEqual([true, true]);
});

test('an Event from outside has the types that it should, one of a component is stored as it is', () => {
  const api = started(100);
  const object = { ...event('odd'), firstTimestamp: 'x' };
  const codeOf = (user: string) => api.call(VERB.create, EVENTS, { object, user }).code;
  expect([codeOf('somebody'), codeOf('system:kube-scheduler')]).toEqual([400, 201]);
});
