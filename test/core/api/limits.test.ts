/** Limits and time: seats, queue, time-outs, the bounded window, start-up, losing the store. */
import { describe, expect, test } from 'vitest';
import { Operation } from '../../../core/api/operation.ts';
import { Seats } from '../../../core/api/seats.ts';
import { WatchWindow } from '../../../core/api/watch/window.ts';
import { Sfc32 } from '../../../core/base/random.ts';
import { findMark } from '../../../core/sim/registry.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONFIGMAPS, PODS } from '../../../core/types/resource-type.ts';
import { ADDED, ApiRequest, ERROR, NO_OPTIONS, VERB, WatchEvent } from '../../../core/types/wire.ts';
import type { ApiHarness } from '../../support/api-harness.ts';
import { bootstrapped, configMap, pod } from './objects.ts';

function marked(h: ApiHarness, name: string): number {
  return h.sim.observation.marks[findMark(name) ?? -1] ?? 0;
}

const event = (revision: number): WatchEvent =>
  new WatchEvent(ADDED, revision, revision, { apiVersion: 'v1', kind: 'X', metadata: { name: `${revision}` } }, null);

describe('window', () => {
  test('grows while its events are young and forgets the oldest when they are not', () => {
    const window = new WatchWindow(0);
    for (let i = 1; i <= 1000; i++) window.append(event(i), i);
    expect([window.size, window.floor, window.wrapped]).toEqual([1000, 0, false]);
    for (let i = 1001; i <= 2000; i++) window.append(event(i), 200_000_000 + i);
    expect([window.size, window.wrapped]).toEqual([1024, true]);
    expect(window.floor).toBe(2000 - 1024);
    for (const revision of [window.floor, 1500, 1999, 2000]) {
      const at = window.firstAfter(revision);
      expect(at === window.size ? 2001 : window.at(at).revision).toBe(revision + 1);
    }
  });

  test('a watch from before the window gets 410; the planted bug loses an event after a wrap', () => {
    for (const bugs of [[], ['api.window-wrap-skips-event']]) {
      const h = bootstrapped({ bugs });
      const first = h.create(CONFIGMAPS, configMap('first'));
      for (let i = 0; i < 140; i++) h.send(VERB.create, CONFIGMAPS, { object: configMap(`early-${i}`) });
      h.run(90_000_000);
      for (let i = 0; i < 140; i++) h.send(VERB.create, CONFIGMAPS, { object: configMap(`late-${i}`) });
      h.run(1_000_000);
      const { window } = h.instances[0]?.core.cacheOf(CONFIGMAPS) ?? { window: new WatchWindow(0) };
      expect(window.wrapped).toBe(true);
      const gone = h.watch(CONFIGMAPS, { resourceVersion: String(Number(first.metadata.resourceVersion) - 1) });
      expect([gone.events[0]?.type, gone.events[0]?.error?.reason, gone.closed]).toEqual([ERROR, 'Expired', true]);
      expect(marked(h, 'api.watch-410')).toBe(1);
      const resumed = h.watch(CONFIGMAPS, { resourceVersion: String(window.floor) });
      expect(resumed.events.length).toBe(window.size - bugs.length);
    }
  });
});

describe('seats', () => {
  const op = () => new Operation(new ApiRequest(1, VERB.get, PODS, '', '', '', null, null, '', NO_OPTIONS, 'u'), 0, 0);

  test('a computed end frees its seat by itself', () => {
    const seats = new Seats('test', 2);
    expect([seats.take(0), seats.take(0), seats.take(0)]).toEqual([true, true, false]);
    seats.release(500, 0);
    expect([seats.take(499), seats.nextFreeUs]).toEqual([false, 500]);
    expect([seats.take(500), seats.take(500), seats.taken(500)]).toEqual([true, false, 2]);
    seats.release(500, 500);
    expect(seats.taken(500)).toBe(1);
    seats.waiting.push(op());
    expect(seats.waiting.size).toBe(1);
  });

  test('more writes than seats wait in line and all succeed', () => {
    const h = bootstrapped();
    const ids = Array.from({ length: 500 }, (_, i) => h.send(VERB.create, CONFIGMAPS, { object: configMap(`c-${i}`) }));
    h.run(2_000_000);
    expect(ids.every((id) => h.answer(id)?.code === 201)).toBe(true);
    expect(marked(h, 'api.request-queued')).toBe(300);
  });

  test('who waits too long for a seat gets 429, who waits too long for the store 504 with unknown outcome', () => {
    const h = bootstrapped();
    h.sim.pause(h.store);
    const ids = Array.from({ length: 201 }, (_, i) => h.send(VERB.create, CONFIGMAPS, { object: configMap(`c-${i}`) }));
    h.run(10_000_000);
    const next = h.send(VERB.create, CONFIGMAPS, { object: configMap('next') });
    h.run(7_000_000);
    expect([...ids.slice(-2), next].map((id) => h.answer(id)?.code)).toEqual([undefined, 429, undefined]);
    h.run(9_000_000);
    expect([ids[0] as number, next].map((id) => h.answer(id)?.code)).toEqual([undefined, 429]);
    h.run(41_000_000);
    const late = h.answer(ids[0] as number);
    expect([late?.error?.outcomeUnknown, late?.code === 504 || late?.code === 500]).toEqual([true, true]);
  });
});

describe('sweeps', () => {
  test.each([1, 2, 3, 4, 5])(
    'what has no answer runs out on the next second, whatever is answered meanwhile (%d)',
    (seed) => {
      const h = bootstrapped();
      h.create(CONFIGMAPS, configMap('c'));
      h.run(100_000);
      h.sim.pause(h.store);
      const random = new Sfc32(seed, 2, 3);
      const lost: { readonly id: number; readonly dueUs: number; endUs: number }[] = [];
      for (let step = 0; step < 300; step++) {
        if (step % 13 === 0) h.get(CONFIGMAPS, 'c', { options: { resourceVersion: '0', timeoutUs: 5_000_000 } });
        if (random.below(50) === 0) {
          const timeoutUs = 500_000 + random.below(8_000_000);
          const id = h.send(VERB.create, CONFIGMAPS, { object: configMap(`c-${step}`), options: { timeoutUs } });
          lost.push({ id, dueUs: h.sim.now + timeoutUs, endUs: 0 });
        }
        h.run(100_000);
        for (const one of lost) if (one.endUs === 0 && h.answer(one.id)?.code === 504) one.endUs = h.sim.now;
      }
      const over = lost.filter(({ dueUs }) => dueUs < h.sim.now - 1_200_000);
      expect(over.length).toBeGreaterThan(1);
      for (const { dueUs, endUs } of over) expect([endUs >= dueUs, endUs - dueUs < 1_200_000]).toEqual([true, true]);
    },
  );

  test('a server that is asked every two seconds and answers sweeps for its watches alone', () => {
    const eventsOf = (timeoutUs: number): number => {
      const h = bootstrapped();
      h.create(CONFIGMAPS, configMap('c'));
      const before = h.sim.eventCount;
      for (let i = 0; i < 25; i++) {
        h.get(CONFIGMAPS, 'c', { options: { resourceVersion: '0', timeoutUs } });
        h.run(2_000_000);
      }
      return h.sim.eventCount - before;
    };
    expect(eventsOf(5_000_000)).toBe(eventsOf(60_000_000));
  });
});

describe('start and store', () => {
  test('before its caches are complete a server asks to come back', () => {
    const h = bootstrapped();
    const server = h.servers[0] as number;
    h.sim.crash(h.store);
    h.sim.crash(server);
    h.sim.restart(server);
    h.run(500_000);
    const answer = h.call(VERB.get, CONFIGMAPS, { name: 'c' });
    expect([answer.code, answer.error?.retryAfterSeconds]).toEqual([429, 1]);
    h.sim.restart(h.store);
    h.run(6_000_000);
    expect(h.call(VERB.get, CONFIGMAPS, { name: 'c' }).code).toBe(404);
    expect(h.instances[0]?.ready).toBe(true);
  });

  test('who waits for an answer when the store goes hears so at once', () => {
    const h = bootstrapped();
    const id = h.send(VERB.create, CONFIGMAPS, { object: configMap('c') });
    h.run(1_000);
    h.sim.crash(h.store);
    h.run(1_000_000);
    expect([h.answer(id)?.code, h.answer(id)?.error?.outcomeUnknown]).toEqual([500, true]);
  });

  test('reads at version 0 go on without the store; fresh reads fail', () => {
    const h = bootstrapped();
    h.create(CONFIGMAPS, configMap('c'));
    h.run(50_000);
    h.sim.crash(h.store);
    h.run(100_000);
    expect(h.get(CONFIGMAPS, 'c', { options: { resourceVersion: '0' } }).code).toBe(200);
    expect(h.call(VERB.list, CONFIGMAPS, { options: { resourceVersion: '0' } }).items?.length).toBe(1);
    expect(h.get(CONFIGMAPS, 'c').code).toBe(500);
    expect(h.call(VERB.list, CONFIGMAPS).code).toBe(500);
  });

  test('the same program gives the same digest, another seed another one', () => {
    const digest = (seed: number): string => {
      const h = bootstrapped({ seed, servers: 2 });
      h.watch(PODS);
      for (let i = 0; i < 30; i++) {
        h.send(VERB.create, PODS, {
          object: { ...pod(''), metadata: { name: '', generateName: 'p-' } },
          server: i % 2,
        });
      }
      h.run(2_000_000);
      const pods = h.call(VERB.list, PODS).items as readonly KubeObject[];
      expect(new Set(pods.map((object) => object.metadata.uid)).size).toBe(30);
      return h.sim.digestHex();
    };
    expect(digest(3)).toBe(digest(3));
    expect(digest(4)).not.toBe(digest(3));
  });
});
