/** What a scheduler makes of what its informers tell: who counts on which node, and who is tried again. */
import { describe, expect, test } from 'vitest';
import { configurationOf, DEFAULT_PROFILE } from '../../../../core/scheduler/configuration/profile.ts';
import type { Pod, PodPhase, PodSpec, PodStatus } from '../../../../core/types/pod.ts';
import { NODES, PODS } from '../../../../core/types/resource-type.ts';
import { VERB } from '../../../../core/types/wire.ts';
import { makeNode } from '../objects.ts';
import { podNamed, SchedulerBench, SECOND } from '../scheduler-bench.ts';

/** A scheduler over one node of one core. */
function small(): SchedulerBench {
  const bench = new SchedulerBench();
  bench.addScheduler();
  bench.putNode(makeNode('n', { cpu: '1' }));
  return bench;
}

/** A pod with a status. */
function podWith(name: string, cpu: string, spec: Partial<PodSpec>, status: PodStatus): Pod {
  return { ...podNamed(name, cpu, spec), status };
}

/** Where the pod named `p` is, one look after the other. */
const queuedP = (bench: SchedulerBench) =>
  bench.schedulers[0]?.decider?.queue.get(bench.names.keys(PODS).find('default', 'p'));

describe('a pod that another of its name replaces', () => {
  test('its place is free, and the new one gets it', () => {
    const bench = small();
    bench.putPod(podNamed('p', '600m', { nodeName: 'n' }));
    bench.run(1 * SECOND);
    bench.putPod(podNamed('p', '700m'));
    bench.run(1 * SECOND);
    expect(bench.boundOrder).toEqual(['p']);
  });

  test('a binding under way was the old one’s: the new one does not wait for its end', () => {
    const bench = small();
    bench.onBinding = (_pod, attempt) => (attempt === 1 ? 'drop' : undefined);
    bench.putPod(podNamed('p', '600m'));
    bench.run(1 * SECOND);
    bench.putPod(podNamed('p', '700m'));
    bench.run(1 * SECOND);
    expect(bench.boundOrder).toEqual(['p']);
    bench.run(100 * SECOND);
    expect(bench.schedulers[0]?.decider?.core.pods.count).toBe(1);
  });

  test('the end of the old binding frees nothing that the new one holds', () => {
    const bench = small();
    bench.onBinding = () => 'drop';
    bench.putPod(podNamed('p', '600m'));
    bench.run(20 * SECOND);
    bench.putPod(podNamed('p', '700m'));
    bench.run(1 * SECOND);
    bench.onBinding = () => undefined;
    bench.run(50 * SECOND);
    expect([bench.attempts.get('p'), bench.schedulers[0]?.decider?.placed.assumedCount]).toEqual([2, 1]);
  });

  test('a nomination of the old one holds no place', () => {
    const bench = small();
    const gates = { schedulingGates: [{ name: 'hold' }] };
    bench.putPod(podWith('p', '600m', { priority: 9, ...gates }, { nominatedNodeName: 'n' }));
    bench.run(1 * SECOND);
    bench.putPod(podNamed('p', '600m', gates));
    bench.putPod(podNamed('q', '600m'));
    bench.run(1 * SECOND);
    expect(bench.nodeOf('q')).toBe('n');
  });

  test('its failures do not count against the new one', () => {
    const bench = small();
    bench.putPod(podNamed('p', '2'));
    bench.run(1 * SECOND);
    expect(queuedP(bench)?.attempts).toBe(1);
    bench.putPod(podNamed('p', '3'));
    bench.run(100_000);
    expect([queuedP(bench)?.attempts, queuedP(bench)?.unschedulableCount]).toEqual([1, 1]);
  });
});

describe('room', () => {
  test('a pod whose node is taken back counts on none and gets one again', () => {
    const bench = small();
    bench.putPod(podNamed('p', '600m', { nodeName: 'n' }));
    bench.run(1 * SECOND);
    const pod = bench.pod('p') as Pod;
    bench.state.put(PODS, { ...pod, spec: podNamed('p', '600m').spec } as Pod);
    bench.run(1 * SECOND);
    expect(bench.boundOrder).toEqual(['p']);
  });

  test.each<PodPhase>(['Succeeded', 'Failed'])(
    'a pod that has %s takes none, and one that has ended unplaced gets none',
    (phase) => {
      const bench = small();
      bench.putPod(podWith('done', '600m', { nodeName: 'n' }, { phase }));
      bench.putPod(podNamed('p', '600m', { nodeName: 'n' }));
      bench.putPod(podWith('never', '1m', {}, { phase }));
      bench.run(1 * SECOND);
      bench.putPod(podNamed('q', '600m'));
      bench.run(1 * SECOND);
      expect(bench.nodeOf('q')).toBe(undefined);
      bench.state.put(PODS, { ...(bench.pod('p') as Pod), status: { phase } } as Pod);
      bench.run(5 * SECOND);
      expect([bench.nodeOf('q'), bench.nodeOf('never')]).toEqual(['n', undefined]);
    },
  );

  test('a node that is gone has none', () => {
    const bench = small();
    bench.run(1 * SECOND);
    bench.state.remove(NODES, '', 'n');
    bench.putPod(podNamed('p', '100m'));
    bench.run(5 * SECOND);
    expect(bench.nodeOf('p')).toBe(undefined);
  });

  test('a node that goes takes the least loaded domain of a spread along', () => {
    const bench = new SchedulerBench();
    bench.addScheduler();
    bench.putNode(makeNode('full', { cpu: '0' }));
    bench.putNode(makeNode('n', { cpu: '4' }));
    const labelSelector = { matchLabels: { app: 'p' } };
    const spread = {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector,
    };
    const other = podNamed('other', '1', { nodeName: 'n' });
    bench.putPod({ ...other, metadata: { ...other.metadata, labels: { app: 'p' } } });
    bench.run(1 * SECOND);
    bench.putPod(podNamed('p', '1', { topologySpreadConstraints: [spread] }));
    bench.run(5 * SECOND);
    expect(bench.nodeOf('p')).toBe(undefined);
    bench.state.remove(NODES, '', 'full');
    bench.run(5 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
  });
});

describe('a pod that changes while its binding is under way', () => {
  test.each(['by its new labels', 'no longer by its old ones'])('counts %s once it is bound', (how) => {
    const bench = small();
    const apart = (app: string): Partial<PodSpec> => ({
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } },
          ],
        },
      },
    });
    bench.putPod(podNamed('asks-for-app', '100m', { ...apart('none'), nodeName: 'n' }));
    bench.onBinding = (name) => {
      const pod = bench.pod(name) as Pod;
      if (name === 'p') bench.state.put(PODS, { ...pod, metadata: { ...pod.metadata, labels: { app: 'new' } } } as Pod);
      return undefined;
    };
    bench.putPod(podNamed('p', '100m'));
    bench.run(1 * SECOND);
    bench.putPod(podNamed('q', '100m', apart(how === 'by its new labels' ? 'new' : 'p')));
    bench.run(1 * SECOND);
    expect(bench.boundOrder).toEqual(how === 'by its new labels' ? ['p'] : ['p', 'q']);
  });
});

describe('a nomination', () => {
  /** One that waits for `n` and for its gate, and one that would fit but for it. */
  function waiting(): SchedulerBench {
    const bench = small();
    bench.putPod(
      podWith('high', '600m', { priority: 9, schedulingGates: [{ name: 'hold' }] }, { nominatedNodeName: 'n' }),
    );
    bench.run(1 * SECOND);
    bench.putPod(podNamed('p', '600m'));
    bench.run(5 * SECOND);
    expect(bench.nodeOf('p')).toBe(undefined);
    return bench;
  }

  test.each(['is taken back', 'moves', 'ends with its pod', 'ends with a node for its pod'])(
    'that %s leaves room for others',
    (how) => {
      const bench = waiting();
      const high = bench.pod('high') as Pod;
      if (how === 'is taken back') bench.state.put(PODS, { ...high, status: {} } as Pod);
      if (how === 'moves') bench.state.put(PODS, { ...high, status: { nominatedNodeName: 'other' } } as Pod);
      if (how === 'ends with its pod') bench.state.remove(PODS, 'default', 'high');
      if (how === 'ends with a node for its pod')
        bench.state.put(PODS, { ...high, spec: { ...high.spec, nodeName: 'other' } } as Pod);
      bench.run(5 * SECOND);
      expect(bench.nodeOf('p')).toBe('n');
    },
  );

  test('that is not written yet outlives other changes of its pod', () => {
    const bench = small();
    bench.putPod(podNamed('low', '600m', { nodeName: 'n' }));
    bench.run(1 * SECOND);
    const { script } = bench.state;
    bench.state.script = (request) => (request.verb === VERB.patch ? 'drop' : script(request, ''));
    bench.putPod(podNamed('p', '600m', { priority: 9 }));
    bench.run(1 * SECOND);
    const { nominations } = bench.schedulers[0]?.prepare().core ?? {};
    expect(nominations?.on('n').length).toBe(1);
    const pod = bench.pod('p') as Pod;
    bench.state.put(PODS, { ...pod, metadata: { ...pod.metadata, annotations: { a: 'b' } } } as Pod);
    bench.run(1 * SECOND);
    expect(nominations?.on('n').length).toBe(1);
  });
});

describe('a pod that waits', () => {
  /** How often the pod named `p` was tried. */
  const triesOf = (bench: SchedulerBench) => queuedP(bench)?.attempts;

  test('is not tried again for what cannot help it: health and labels of a node, its own annotations and conditions', () => {
    const bench = small();
    bench.putPod(podNamed('p', '2'));
    bench.run(1 * SECOND);
    const node = makeNode('n', { cpu: '1' });
    const conditions = [{ type: 'Ready', status: 'True' as const }];
    bench.putNode({ ...node, status: { ...node.status, conditions } });
    bench.putNode(makeNode('n', { cpu: '1', disk: 'ssd' }));
    const pod = bench.pod('p') as Pod;
    bench.state.put(PODS, {
      ...pod,
      metadata: { ...pod.metadata, annotations: { a: 'b' }, labels: { c: 'd' } },
    } as Pod);
    bench.run(20 * SECOND);
    expect(triesOf(bench)).toBe(1);
    bench.putNode(makeNode('n', { cpu: '1500m' }));
    bench.run(20 * SECOND);
    expect(triesOf(bench)).toBe(1);
    bench.putNode(makeNode('n', { cpu: '2' }));
    bench.run(1 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
  });

  test('is tried again when it tolerates what kept it off', () => {
    const bench = new SchedulerBench();
    bench.addScheduler();
    bench.putNode(makeNode('n', { taints: [{ key: 'k', effect: 'NoSchedule' }] }));
    bench.putPod(podNamed('p', '1'));
    bench.run(5 * SECOND);
    const pod = bench.pod('p') as Pod;
    const tolerations = [{ key: 'k', operator: 'Exists' as const }];
    bench.state.put(PODS, { ...pod, spec: { ...pod.spec, tolerations } } as Pod);
    bench.run(1 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
  });

  test('hears of what its own profile’s plugins listen to, however other profiles number theirs', () => {
    const base = configurationOf(DEFAULT_PROFILE);
    const filter = base.plugins.filter.filter((name) => name !== 'NodeUnschedulable' && name !== 'NodeName');
    const lean = { ...DEFAULT_PROFILE, schedulerName: 'lean', base: { ...base, plugins: { ...base.plugins, filter } } };
    const bench = new SchedulerBench();
    bench.addScheduler('scheduler-0', { profiles: [DEFAULT_PROFILE, lean] });
    bench.putNode(makeNode('n', { cpu: '1' }));
    bench.putPod(podNamed('other', '1', { nodeName: 'n' }));
    bench.run(1 * SECOND);
    bench.putPod(podNamed('p', '1', { schedulerName: 'lean' }));
    bench.run(5 * SECOND);
    expect(bench.nodeOf('p')).toBe(undefined);
    bench.state.remove(PODS, 'default', 'other');
    bench.run(1 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
  });

  test('hears nothing of the end of a less important pod’s nomination', () => {
    const bench = small();
    const gates = { schedulingGates: [{ name: 'hold' }] };
    bench.putPod(podWith('low', '600m', { priority: 1, ...gates }, { nominatedNodeName: 'n' }));
    bench.putPod(podNamed('p', '2', { priority: 2 }));
    bench.run(5 * SECOND);
    bench.state.remove(PODS, 'default', 'low');
    bench.run(5 * SECOND);
    expect(triesOf(bench)).toBe(1);
    bench.putPod(podWith('high', '600m', { priority: 2, ...gates }, { nominatedNodeName: 'n' }));
    bench.run(1 * SECOND);
    bench.state.remove(PODS, 'default', 'high');
    bench.run(5 * SECOND);
    expect(triesOf(bench)).toBe(2);
  });
});
