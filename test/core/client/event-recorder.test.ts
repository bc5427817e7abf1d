import { describe, expect, it } from 'vitest';
import { hashJson } from '../../../core/base/content-hash.ts';
import { Client } from '../../../core/client/client.ts';
import { EventRecorder } from '../../../core/client/event-recorder.ts';
import type { Event } from '../../../core/types/event.ts';
import { objectHash } from '../../../core/types/object-hash.ts';
import { EVENTS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { VERB } from '../../../core/types/wire.ts';
import { ClientBench } from '../../support/client-bench.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-0', namespace: 'demo', uid: 'u-1', resourceVersion: '4' },
};

function recording(enabled = true): { bench: ClientBench; recorder: EventRecorder; events: () => Event[] } {
  const bench = new ClientBench();
  let recorder: EventRecorder | undefined;
  bench.add('reporter', (library) => {
    const client = new Client(library, { servers: bench.servers, user: 'r', qps: 0, burst: 1, names: bench.names });
    recorder = new EventRecorder(client.connection, { component: 'test-controller', enabled }, library);
  });
  bench.run(1);
  return { bench, recorder: recorder as EventRecorder, events: () => [...bench.state.of(EVENTS).values()] as Event[] };
}

describe('EventRecorder', () => {
  it('creates an Event and counts repetitions on it', () => {
    const { bench, recorder, events } = recording();
    for (let i = 0; i < 3; i++) {
      recorder.event(pod, 'Warning', 'BackOff', 'restarting');
      bench.run(2_000_000);
    }
    expect(events().length).toBe(1);
    expect(events()[0]).toMatchObject({
      involvedObject: { kind: 'Pod', namespace: 'demo', name: 'web-0', uid: 'u-1' },
      reason: 'BackOff',
      message: 'restarting',
      type: 'Warning',
      count: 3,
      source: { component: 'test-controller' },
      firstTimestamp: '2025-01-01T00:00:00Z',
      lastTimestamp: '2025-01-01T00:00:04Z',
    });
    expect(events()[0]?.metadata.name).toMatch(/^web-0\.[0-9a-f]{16}$/);
    expect(bench.state.log.map(({ request }) => request.verb)).toEqual([VERB.create, VERB.patch, VERB.patch]);
  });

  it('events keep the reference to the version that they were reported about', () => {
    const { bench, recorder, events } = recording();
    const next = { ...pod, metadata: { ...pod.metadata, resourceVersion: '5' } };
    const versions = [pod, pod, next, pod, next, next];
    versions.forEach((version, i) => {
      recorder.event(version, 'Normal', `Reason${i}`, 'text');
    });
    bench.run(2_000_000);
    const kept = events().map(({ reason, involvedObject }) => [reason, involvedObject.resourceVersion]);
    expect(kept).toEqual(versions.map(({ metadata }, i) => [`Reason${i}`, metadata.resourceVersion]));
    expect(objectHash(events()[1] as Event)).toBe(hashJson(events()[1]));
  });

  it('combines from the tenth different message on', () => {
    const { bench, recorder, events } = recording();
    for (let i = 1; i <= 12; i++) recorder.event(pod, 'Normal', 'Scaling', `to ${i}`);
    bench.run(2_000_000);
    const names = new Set(events().map(({ metadata }) => metadata.name));
    expect(names.size).toBe(10);
    const combined = events().filter(({ message }) => message?.startsWith('(combined from similar events): '));
    expect(combined).toMatchObject([
      { count: 3, message: '(combined from similar events): to 12', reportingComponent: '' },
    ]);
  });

  it('lets 25 events of an object pass and then one every 300 s', () => {
    const { bench, recorder } = recording();
    for (let i = 0; i < 60; i++) recorder.event(pod, 'Normal', 'Again', 'same');
    bench.run(2_000_000);
    expect(bench.state.log.length).toBe(25);
    bench.run(301_000_000);
    recorder.event(pod, 'Normal', 'Again', 'same');
    recorder.event(pod, 'Normal', 'Again', 'same');
    bench.run(2_000_000);
    expect(bench.state.log.length).toBe(26);
  });

  it('queues at most 1,000 and sends one at a time', () => {
    const { bench, recorder } = recording();
    for (let i = 0; i < 1_500; i++) {
      recorder.event({ ...pod, metadata: { name: `p${i}`, namespace: 'demo' } }, 'Normal', 'Created', 'x');
    }
    expect(recorder.depth).toBe(1_001);
    bench.run(10_000_000);
    expect(bench.state.log.length).toBe(1_001);
    const times = bench.state.log.map(({ timeUs }) => timeUs);
    for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThan(times[i - 1] as number);
  });

  it('creates again what somebody deleted, drops what is refused, repeats what got no answer', () => {
    const { bench, recorder, events } = recording();
    recorder.event(pod, 'Normal', 'A', 'a');
    bench.run(1_000_000);
    bench.state.remove(EVENTS, 'demo', events()[0]?.metadata.name ?? '');
    recorder.event(pod, 'Normal', 'A', 'a');
    bench.run(1_000_000);
    expect(events()).toMatchObject([{ count: 2 }]);
    bench.state.script = () => StatusError.forbidden(EVENTS, 'x', 'namespace is terminating');
    recorder.event(pod, 'Normal', 'B', 'b');
    bench.run(1_000_000);
    bench.state.script = () => undefined;
    bench.run(60_000_000);
    expect(events().length).toBe(1);
    bench.sim.crash(bench.servers[0] as number);
    bench.run(1_000_000);
    recorder.event(pod, 'Normal', 'C', 'c');
    bench.run(5_000_000);
    bench.sim.restart(bench.servers[0] as number);
    bench.run(20_000_000);
    expect(events().map(({ reason }) => reason)).toEqual(['A', 'C']);
  });

  it('waits a drawn part of 10 s at first and 10 s from then on (client-go 0.34.1, tools/record/event.go recordToSink)', () => {
    const { bench, recorder } = recording();
    bench.run(1_000_000);
    const sentAfter = (downUs: number, reason: string): number => {
      const fromUs = bench.sim.now;
      bench.sim.crash(bench.servers[0] as number);
      recorder.event(pod, 'Normal', reason, 'x');
      bench.run(downUs);
      bench.sim.restart(bench.servers[0] as number);
      bench.run(40_000_000);
      return ((bench.state.log.at(-1)?.timeUs as number) - fromUs) / 1e6;
    };
    const firsts = ['A', 'B', 'C'].map((reason) => sentAfter(1_000, reason));
    expect(firsts.every((seconds) => seconds < 10)).toBe(true);
    expect(new Set(firsts.map(Math.round)).size).toBeGreaterThan(1);
    const later = sentAfter(11_000_000, 'D');
    expect([later > 11, later < 20.1]).toEqual([true, true]);
  });

  it('does nothing when switched off', () => {
    const { bench, recorder } = recording(false);
    recorder.event(pod, 'Normal', 'A', 'a');
    bench.run(1_000_000);
    expect(bench.state.log).toEqual([]);
  });
});
