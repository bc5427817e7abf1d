/** What becomes of a pod whose attempt ends without a verdict of some plugin on the nodes that there are. */
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../../core/types/pod.ts';
import { EVENTS } from '../../../../core/types/resource-type.ts';
import { StatusError } from '../../../../core/types/status-error.ts';
import { makeNode } from '../objects.ts';
import { podNamed, SchedulerBench, SECOND } from '../scheduler-bench.ts';

function started(): SchedulerBench {
  const bench = new SchedulerBench();
  bench.addScheduler();
  return bench;
}

/** Node affinity to nodes of a name, or, as a wish, to nodes with a label above a number. */
const nodeAffinity = (terms: object): Partial<Pod['spec']> => ({ affinity: { nodeAffinity: terms } }) as never;
const named = (name: string) =>
  nodeAffinity({
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
    },
  });
const above = (value: string) =>
  nodeAffinity({
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 1, preference: { matchExpressions: [{ key: 'size', operator: 'Gt', values: [value] }] } },
    ],
  });

/** Waits for node `other` and keeps off it what is labelled like the pod that is tried. */
const waitsApart: Pod = {
  ...podNamed('peer', '1m', {
    priority: 9,
    schedulingGates: [{ name: 'hold' }],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'p' } } },
        ],
      },
    },
  }),
  status: { nominatedNodeName: 'other' },
};

/** How often a scheduler has tried a pod. */
const attemptsOf = (bench: SchedulerBench, name: string) => {
  const queued = bench.schedulers[0]?.decider?.queue.entries() ?? [];
  return queued.find(({ pod }) => pod.metadata.name === name)?.attempts;
};

/** For how many pods a node is kept free. */
const nominated = (bench: SchedulerBench) => bench.schedulers[0]?.decider?.core.nominations.size;

/** Messages of all events. */
const notes = (bench: SchedulerBench) =>
  [...bench.state.of(EVENTS).values()].map((event) => (event as unknown as { message: string }).message);

describe('an attempt without a verdict', () => {
  test('in a cluster without nodes a pod is tried again and again, and placed soon after the first comes', () => {
    const bench = started();
    bench.putPod({ ...podNamed('p', '1'), status: { nominatedNodeName: 'gone' } });
    bench.putPod(podNamed('picky', '1', named('other')));
    bench.run(11 * SECOND);
    expect(bench.condition('p')).toMatchObject({
      reason: 'Unschedulable',
      message: 'no nodes available to schedule pods',
    });
    expect(bench.pod('p')?.status?.nominatedNodeName).toBe(null);
    expect([attemptsOf(bench, 'p'), attemptsOf(bench, 'picky')]).toEqual([4, 4]);
    bench.putNode(makeNode('n'));
    bench.run(10 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
  });

  // Where another pod waits that keeps pods off, the scheduler takes another path.
  test.each([[[]], [[waitsApart]]])(
    'a pod that names a node which is not there is placed when it comes (%#)',
    (others) => {
      const bench = started();
      bench.putNode(makeNode('other'));
      for (const other of others) bench.putPod(other);
      bench.putPod(podNamed('p', '1', named('n')));
      bench.run(10 * SECOND);
      expect([attemptsOf(bench, 'p'), bench.condition('p')?.message]).toEqual([
        1,
        "0/1 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. " +
          'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
      ]);
      bench.putNode(makeNode('n'));
      bench.run(2 * SECOND);
      expect(bench.nodeOf('p')).toBe('n');
    },
  );

  test('a plugin that fails ends the attempt: the pod says so, waits for no node and backs off', () => {
    const bench = started();
    for (const name of ['a', 'b']) bench.putNode(makeNode(name));
    bench.putPod({ ...podNamed('p', '1', above('many')), status: { nominatedNodeName: 'gone' } });
    bench.run(11 * SECOND);
    expect(bench.condition('p')).toMatchObject({
      reason: 'SchedulerError',
      message:
        'running PreScore plugin "NodeAffinity": [0].matchExpressions[0].values[0]: ' +
        "Invalid value: \"many\": for 'Gt', 'Lt' operators, the value must be an integer",
    });
    expect([bench.pod('p')?.status?.nominatedNodeName, attemptsOf(bench, 'p')]).toEqual([null, 4]);
    expect(nominated(bench)).toBe(0);
    bench.putPod({ ...podNamed('next', '999', above('many')), status: { nominatedNodeName: 'gone' } });
    bench.run(1 * SECOND);
    expect(bench.condition('next')).toMatchObject({ reason: 'Unschedulable' });
  });

  test('a failed attempt ends the nomination at once, before the API server hears of it', () => {
    const bench = started();
    bench.putNode(makeNode('a'));
    bench.putNode(makeNode('b'));
    bench.putPod({ ...podNamed('p', '1', above('many')), status: { nominatedNodeName: 'gone' } });
    while (attemptsOf(bench, 'p') !== 1) bench.run(SECOND / 1000);
    expect([nominated(bench), bench.pod('p')?.status?.nominatedNodeName]).toEqual([0, 'gone']);
  });

  test('an event tells the beginning of a long message, the condition all of it', () => {
    const bench = new SchedulerBench();
    bench.addScheduler('scheduler-0', { events: true });
    for (let i = 0; i < 30; i++) {
      bench.putNode(makeNode(`n${i}`, { taints: [{ key: `key-${i}-${'x'.repeat(30)}`, effect: 'NoSchedule' }] }));
    }
    bench.putPod(podNamed('p', '1'));
    bench.run(1 * SECOND);
    const message = bench.condition('p')?.message ?? '';
    expect(message.length).toBeGreaterThan(1024);
    expect(notes(bench)).toEqual([`${message.slice(0, 1020)} ...`]);
  });

  test('a pod that is being deleted is not tried, which an event tells', () => {
    const bench = new SchedulerBench();
    bench.addScheduler('scheduler-0', { events: true });
    bench.putNode(makeNode('n'));
    const pod = podNamed('p', '1');
    bench.putPod({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2025-01-01T00:00:00Z' } });
    bench.run(1 * SECOND);
    expect([bench.nodeOf('p'), notes(bench)]).toEqual([undefined, ['skip schedule deleting pod: default/p']]);
  });

  test('a binding that fails ends the nomination', () => {
    const bench = started();
    bench.putNode(makeNode('n'));
    bench.onBinding = (_pod, attempt) => (attempt === 1 ? new StatusError(500, 'InternalError', 'no') : undefined);
    bench.putPod({ ...podNamed('p', '1'), status: { nominatedNodeName: 'n' } });
    bench.run(1 * SECOND);
    expect(bench.pod('p')?.status?.nominatedNodeName).toBe(null);
    expect(nominated(bench)).toBe(0);
    bench.run(3 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
  });
});
