import { describe, expect, it } from 'vitest';
import { Client } from '../../../core/client/client.ts';
import { SeriesRecorder } from '../../../core/client/series-recorder.ts';
import type { Event } from '../../../core/types/event.ts';
import { EVENTS } from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { ClientBench } from '../../support/client-bench.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-0', namespace: 'demo', uid: 'u-1', resourceVersion: '4' },
};
const other = { ...pod, metadata: { ...pod.metadata, name: 'high', uid: 'u-2' } };
const note = (message: string) => ({ reason: 'FailedScheduling', action: 'Scheduling', message });

function recording(): { bench: ClientBench; recorder: SeriesRecorder; events: () => Event[] } {
  const bench = new ClientBench();
  let recorder: SeriesRecorder | undefined;
  bench.add('scheduler-0', (library) => {
    const client = new Client(library, { servers: bench.servers, user: 's', qps: 0, burst: 1, names: bench.names });
    recorder = new SeriesRecorder(client.connection, { component: 'default-scheduler', enabled: true }, library);
  });
  bench.run(1);
  return { bench, recorder: recorder as SeriesRecorder, events: () => [...bench.state.of(EVENTS).values()] as Event[] };
}

describe('SeriesRecorder', () => {
  it('creates an Event as the newer API has it', () => {
    const { bench, recorder, events } = recording();
    const said = { reason: 'Preempted', action: 'Preempting', message: 'by another', related: other };
    recorder.event(pod, 'Normal', said);
    bench.run(1_000_000);
    expect(events()).toMatchObject([
      {
        involvedObject: { kind: 'Pod', namespace: 'demo', name: 'web-0', uid: 'u-1', resourceVersion: '4' },
        related: { kind: 'Pod', name: 'high', uid: 'u-2' },
        ...{ reason: 'Preempted', action: 'Preempting', message: 'by another', type: 'Normal', source: {} },
        ...{ firstTimestamp: null, lastTimestamp: null, reportingComponent: 'default-scheduler' },
        reportingInstance: 'default-scheduler-scheduler-0',
      },
    ]);
    expect(events()[0]?.eventTime).toMatch(/\.\d{6}Z$/);
    expect(events()[0]).not.toHaveProperty('count');
    expect(events()[0]).not.toHaveProperty('series');
  });

  it('a second one about the same version begins the series, whatever it says; the third is counted in memory', () => {
    const { bench, recorder, events } = recording();
    for (const message of ['no node', 'no other node', 'still no node']) {
      recorder.event(pod, 'Warning', note(message));
      bench.run(1_000_000);
    }
    expect(events()).toMatchObject([{ message: 'no node', series: { count: 2 } }]);
    expect(bench.state.log.map(({ request }) => request.verb)).toEqual([VERB.create, VERB.patch]);
  });

  it('one about another version is another Event', () => {
    const { bench, recorder, events } = recording();
    const next = { ...pod, metadata: { ...pod.metadata, resourceVersion: '5' } };
    for (const version of [pod, next, next]) recorder.event(version, 'Warning', note('no node'));
    bench.run(1_000_000);
    expect(events().map(({ series }) => series?.count)).toEqual([undefined, 2]);
  });

  it('writes the count of a series that was silent for six minutes, and begins anew', () => {
    const { bench, recorder, events } = recording();
    for (let i = 0; i < 5; i++) recorder.event(pod, 'Warning', note('no node'));
    bench.run(359_000_000);
    expect(events()[0]?.series?.count).toBe(2);
    bench.run(400_000_000);
    expect(events()[0]?.series?.count).toBe(5);
    const writes = bench.state.log.length;
    bench.run(2_000_000_000);
    expect(bench.state.log.length).toBe(writes);
    recorder.event(pod, 'Warning', note('no node'));
    bench.run(1_000_000);
    expect(events()).toHaveLength(2);
  });
});
