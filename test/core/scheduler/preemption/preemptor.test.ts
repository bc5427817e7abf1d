/** How a scheduler makes room for a pod: marked, deleted, waited for; and what it does when that fails. */
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../../core/types/pod.ts';
import { PODS } from '../../../../core/types/resource-type.ts';
import { StatusError } from '../../../../core/types/status-error.ts';
import { type ApiRequest, ApiResponse, VERB } from '../../../../core/types/wire.ts';
import type { Scripted } from '../../../support/scripted-api-server.ts';
import { makeNode } from '../objects.ts';
import { podNamed, SchedulerBench, SECOND } from '../scheduler-bench.ts';

/** One core, taken by `low`; requests pass `script` first. `p` wants its place. */
function contested(script: (request: ApiRequest) => Scripted = () => undefined): SchedulerBench {
  const bench = new SchedulerBench();
  const served = bench.state.script;
  bench.state.script = (request, server) => script(request) ?? served(request, server);
  bench.addScheduler();
  bench.putNode(makeNode('n', { cpu: '1' }));
  bench.putPod(podNamed('low', '600m', { nodeName: 'n' }));
  bench.run(1 * SECOND);
  bench.putPod(podNamed('p', '600m', { priority: 9 }));
  return bench;
}

/** Writes to a pod, as verbs in their order. */
const writesTo = (bench: SchedulerBench, name: string) =>
  bench.state.log.flatMap(({ request }) => (request.name === name && request.type === PODS ? [request.verb] : []));

describe('preemption by a running scheduler', () => {
  test('the victim is marked, then deleted, and its place goes to the pod that wanted it', () => {
    const bench = contested();
    bench.run(5 * SECOND);
    expect(writesTo(bench, 'low')).toEqual([VERB.patch, VERB.delete]);
    expect([bench.pod('low'), bench.nodeOf('p')]).toEqual([undefined, 'n']);
  });

  test('a victim that is marked is not marked again, one that ends already is only waited for', () => {
    const bench = contested();
    const low = bench.pod('low') as Pod;
    const conditions = [{ type: 'DisruptionTarget', status: 'True' as const }];
    bench.state.put(PODS, { ...low, status: { conditions } } as Pod);
    bench.run(2 * SECOND);
    expect(writesTo(bench, 'low')).toEqual([VERB.delete]);
    const ending = contested();
    ending.state.put(PODS, { ...low, metadata: { ...low.metadata, deletionTimestamp: '2025-01-01T00:00:00Z' } });
    ending.run(5 * SECOND);
    expect([writesTo(ending, 'low'), ending.nodeOf('p')]).toEqual([[], undefined]);
    ending.state.remove(PODS, 'default', 'low');
    ending.run(5 * SECOND);
    expect(ending.nodeOf('p')).toBe('n');
  });

  test('only the end of the last victim wakes the pod, not that of the others', () => {
    // The more important victim is the first, the last one takes its time.
    const bench = contested(({ id, verb, name }) => {
      if (verb !== VERB.delete || name !== 'last') return undefined;
      const last = bench.pod('last') as Pod;
      const metadata = { ...last.metadata, deletionTimestamp: '2025-01-01T00:00:00Z' };
      return ApiResponse.ofObject(id, 200, bench.state.put(PODS, { ...last, metadata } as Pod));
    });
    bench.state.remove(PODS, 'default', 'p');
    bench.putPod(podNamed('last', '300m', { nodeName: 'n', priority: -1 }));
    bench.run(1 * SECOND);
    bench.putPod(podNamed('p', '1', { priority: 9 }));
    bench.run(20 * SECOND);
    expect([writesTo(bench, 'low'), bench.pod('low')]).toEqual([[VERB.patch, VERB.delete], undefined]);
    expect(writesTo(bench, 'last')).toEqual([VERB.patch, VERB.delete]);
    expect(bench.schedulers[0]?.decider?.queue.entries().map(({ attempts }) => attempts)).toEqual([1]);
    bench.state.remove(PODS, 'default', 'last');
    bench.run(1 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
  });

  test('a last victim that is gone before its turn, while nothing could wake the pod, does not leave it asleep', () => {
    const bench = contested(({ verb, name }) => {
      if (verb === VERB.patch && name === 'low') bench.state.remove(PODS, 'default', 'last');
      if (verb === VERB.patch && name === 'low') bench.state.remove(PODS, 'default', 'low');
      return undefined;
    });
    bench.state.remove(PODS, 'default', 'p');
    bench.putPod(podNamed('last', '300m', { nodeName: 'n', priority: -1 }));
    bench.run(1 * SECOND);
    bench.putPod(podNamed('p', '1', { priority: 9 }));
    bench.run(5 * SECOND);
    expect([writesTo(bench, 'low'), bench.nodeOf('p')]).toEqual([[VERB.patch], 'n']);
  });

  test('a deletion that fails is tried again, one of a pod that is gone is as good as done', () => {
    let deletions = 0;
    const refused = contested(({ verb, name }) =>
      verb === VERB.delete && name === 'low' && ++deletions < 3
        ? new StatusError(500, 'InternalError', 'no')
        : undefined,
    );
    refused.run(20 * SECOND);
    expect([deletions, refused.nodeOf('p')]).toEqual([3, 'n']);
    const gone = contested(({ verb, name }) => {
      if (verb !== VERB.delete || name !== 'low') return undefined;
      gone.state.remove(PODS, 'default', 'low');
      return StatusError.notFound(PODS, 'low');
    });
    gone.run(5 * SECOND);
    expect(gone.nodeOf('p')).toBe('n');
  });

  test('a pod that got its node waits for it no more, bound or not', () => {
    const bench = new SchedulerBench();
    bench.addScheduler();
    bench.putNode(makeNode('n', { cpu: '1' }));
    bench.onBinding = () => 'drop';
    bench.putPod({ ...podNamed('p', '500m'), status: { nominatedNodeName: 'n' } });
    bench.run(1 * SECOND);
    const decider = bench.schedulers[0]?.decider;
    expect([decider?.placed.assumedCount, decider?.core.nominations.size]).toEqual([1, 0]);
  });

  test('less important pods that waited for the node wait for it no more', () => {
    const bench = contested();
    const status = { nominatedNodeName: 'n' };
    bench.putPod({ ...podNamed('mid', '1m', { priority: 5, schedulingGates: [{ name: 'hold' }] }), status });
    bench.putPod({ ...podNamed('peer', '1m', { priority: 9, schedulingGates: [{ name: 'hold' }] }), status });
    bench.run(5 * SECOND);
    const written = bench.state.log.filter(
      ({ request: { name, verb } }) => verb !== VERB.list && /^(mid|low)$/.test(name),
    );
    expect(written.map(({ request }) => request.name)).toEqual(['mid', 'low', 'low']);
    expect(bench.nodeOf('p')).toBe('n');
    expect(['mid', 'peer'].map((name) => bench.pod(name)?.status?.nominatedNodeName)).toEqual([null, 'n']);
    expect(bench.schedulers[0]?.decider?.core.nominations.size).toBe(1);
  });
});
