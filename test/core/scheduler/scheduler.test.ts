/** The scheduler process against a scripted API server: what gets bound where, when, and what happens when writes fail. */
import { describe, expect, test } from 'vitest';
import {
  type Believed,
  BUG_BINDS_AGAIN,
  type Placement,
  POINT_BIND,
  POINT_BOUND,
} from '../../../core/scheduler/points.ts';
import type { Scheduler } from '../../../core/scheduler/scheduler.ts';
import { declaredBugs } from '../../../core/sim/registry.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { EVENTS, PODS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { makeNode } from './objects.ts';
import { podNamed, SchedulerBench, SECOND } from './scheduler-bench.ts';

describe('Scheduler', () => {
  test('binds what fits, and no node gets more than it has', () => {
    const bench = new SchedulerBench();
    bench.addScheduler();
    for (let i = 0; i < 4; i++) bench.putNode(makeNode(`n${i}`, { cpu: '1' }));
    for (let i = 0; i < 10; i++) bench.putPod(podNamed(`p${i}`, '400m'));
    bench.run(5 * SECOND);
    const counts = new Map<string, number>();
    for (let i = 0; i < 10; i++)
      counts.set(bench.nodeOf(`p${i}`) ?? '', (counts.get(bench.nodeOf(`p${i}`) ?? '') ?? 0) + 1);
    expect(counts.get('')).toBe(2);
    expect([...counts.values()]).toEqual([2, 2, 2, 2, 2]);
  });

  test('says why a pod cannot be placed, and places it when a node comes', () => {
    const bench = new SchedulerBench();
    bench.addScheduler('scheduler-0', { events: true });
    bench.putNode(makeNode('small', { cpu: '1' }));
    bench.putNode(makeNode('tainted', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }));
    bench.putNode(makeNode('cordoned', { unschedulable: true }));
    bench.putPod(podNamed('big', '2'));
    bench.run(3 * SECOND);
    expect(bench.condition('big')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message:
        '0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {gpu: }, 1 node(s) were unschedulable. ' +
        'no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    });
    bench.putNode(makeNode('large', { cpu: '8' }));
    bench.run(3 * SECOND);
    expect(bench.nodeOf('big')).toBe('large');
    const reasons = [...bench.state.of(EVENTS).values()].map(
      (event) => (event as unknown as { reason: string }).reason,
    );
    expect(reasons.sort()).toEqual(['FailedScheduling', 'Scheduled']);
  });

  test('its own condition patch does not make the pod try again', () => {
    const bench = new SchedulerBench();
    bench.addScheduler();
    bench.putNode(makeNode('n', { cpu: '1' }));
    bench.putPod(podNamed('big', '2'));
    bench.run(60 * SECOND);
    const [scheduler] = bench.schedulers;
    const id = bench.names.keys(PODS).find('default', 'big');
    expect(scheduler?.decider?.queue.get(id)?.attempts).toBe(1);
    bench.run(400 * SECOND);
    expect(scheduler?.decider?.queue.get(id)?.attempts).toBe(2);
  });

  test('higher priority goes first', () => {
    const bench = new SchedulerBench();
    for (let i = 0; i < 6; i++) bench.putPod(podNamed(`p${i}`, '100m', { priority: i }));
    bench.putNode(makeNode('n'));
    bench.addScheduler();
    bench.run(3 * SECOND);
    expect(bench.boundOrder).toEqual(['p5', 'p4', 'p3', 'p2', 'p1', 'p0']);
  });

  test('a gated pod waits for its gates, a foreign one for its own scheduler', () => {
    const bench = new SchedulerBench();
    bench.addScheduler();
    bench.putNode(makeNode('n'));
    bench.putPod(podNamed('gated', '1', { schedulingGates: [{ name: 'example.com/hold' }] }));
    bench.putPod(podNamed('foreign', '1', { schedulerName: 'other' }));
    bench.run(20 * SECOND);
    expect([bench.nodeOf('gated'), bench.nodeOf('foreign')]).toEqual([undefined, undefined]);
    bench.state.put(PODS, { ...(bench.pod('gated') as Pod), spec: podNamed('gated', '1').spec } as Pod);
    bench.run(2 * SECOND);
    expect([bench.nodeOf('gated'), bench.nodeOf('foreign')]).toEqual(['n', undefined]);
  });

  test('a refused binding is forgotten and tried again after a back-off', () => {
    const bench = new SchedulerBench();
    bench.addScheduler();
    bench.putNode(makeNode('n', { cpu: '1' }));
    bench.putPod(podNamed('p', '600m'));
    bench.onBinding = (_pod, attempt) => (attempt < 3 ? new StatusError(500, 'InternalError', 'no') : undefined);
    bench.run(1 * SECOND);
    expect(bench.schedulers[0]?.decider?.placed.assumedCount).toBe(0);
    expect(bench.condition('p')).toMatchObject({
      status: 'False',
      reason: 'SchedulerError',
      message: 'running Bind plugin "DefaultBinder": no',
    });
    bench.run(8 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
    expect(bench.attempts.get('p')).toBe(3);
  });

  test.each([{ lost: 'drop' as const }, { lost: 'apply-and-drop' as const }])(
    'an answer that never comes ($lost): bound once',
    ({ lost }) => {
      const bench = new SchedulerBench();
      bench.addScheduler();
      for (const name of ['a', 'b']) bench.putNode(makeNode(name, { cpu: '1' }));
      for (const name of ['p', 'q']) bench.putPod(podNamed(name, '600m'));
      bench.onBinding = (_pod, attempt) => (attempt === 1 ? lost : undefined);
      bench.run(120 * SECOND);
      expect(bench.boundOrder.sort()).toEqual(['p', 'q']);
      expect([bench.nodeOf('p'), bench.nodeOf('q')].sort()).toEqual(['a', 'b']);
      expect(bench.schedulers[0]?.decider?.queue.size).toBe(0);
      expect(bench.schedulers[0]?.decider?.placed.assumedCount).toBe(0);
    },
  );

  test('a pod deleted while it is bound, and made again, leaves nothing behind', () => {
    const bench = new SchedulerBench();
    bench.addScheduler();
    bench.putNode(makeNode('n', { cpu: '1' }));
    bench.onBinding = (_pod, attempt) => (attempt === 1 ? 'drop' : undefined);
    bench.putPod(podNamed('p', '600m'));
    bench.run(2 * SECOND);
    bench.state.remove(PODS, 'default', 'p');
    bench.putPod(podNamed('p', '700m'));
    bench.run(100 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
    const { core } = (bench.schedulers[0] as Scheduler).prepare();
    expect(core.pods.count).toBe(1);
    expect(core.nodes.requestedOf(core.nodes.find('n'), 0)).toBe(700);
  });

  test('the view shows overcommit exactly when assumed pods are ignored', () => {
    for (const bugs of [[], ['scheduler.ignores-assumed']]) {
      const bench = new SchedulerBench(bugs);
      let overcommitted = 0;
      bench.sim.observation.listen(POINT_BIND, (_pid, subject) => {
        const placement = subject as Placement;
        if (placement.requestedAfter('cpu') > placement.allocatable('cpu')) overcommitted++;
        expect(placement.requestedAfter('cpu') - placement.requestedBefore('cpu')).toBe(400);
      });
      for (let i = 0; i < 2; i++) bench.putNode(makeNode(`n${i}`, { cpu: '1' }));
      for (let i = 0; i < 20; i++) bench.putPod(podNamed(`p${i}`, '400m'));
      bench.addScheduler();
      bench.run(5 * SECOND);
      expect(overcommitted > 0).toBe(bugs.length > 0);
    }
  });

  test('believes in bindings that are not so only under the bug that binds again', () => {
    const name = declaredBugs()[BUG_BINDS_AGAIN]?.name as string;
    for (const bugs of [[], [name]]) {
      const bench = new SchedulerBench(bugs);
      let wrong = 0;
      bench.sim.observation.listen(POINT_BOUND, (_pid, subject) => {
        const { pod, nodeName } = subject as Believed;
        if (bench.nodeOf(pod.metadata.name) !== nodeName) wrong++;
      });
      for (let i = 0; i < 8; i++) bench.putNode(makeNode(`n${i}`, { cpu: '1' }));
      bench.onBinding = (_pod, attempt) => (attempt === 1 ? 'apply-and-drop' : undefined);
      for (let i = 0; i < 6; i++) bench.putPod(podNamed(`p${i}`, '400m'));
      bench.addScheduler();
      bench.run(120 * SECOND);
      expect(wrong > 0).toBe(bugs.length > 0);
    }
  });

  test('only the leader schedules; when it dies the other takes over', () => {
    const bench = new SchedulerBench();
    const first = bench.addScheduler('scheduler-0', { leaderElect: true });
    bench.run(5 * SECOND);
    bench.addScheduler('scheduler-1', { leaderElect: true });
    bench.putNode(makeNode('n'));
    bench.putPod(podNamed('p', '1'));
    bench.run(5 * SECOND);
    expect(bench.nodeOf('p')).toBe('n');
    expect(bench.schedulers.map((scheduler) => scheduler.active)).toEqual([true, false]);
    bench.sim.crash(first);
    bench.putPod(podNamed('q', '1'));
    bench.run(5 * SECOND);
    expect(bench.nodeOf('q')).toBe(undefined);
    bench.run(20 * SECOND);
    expect(bench.nodeOf('q')).toBe('n');
  });

  test('a standby decides nothing, and takes the pods over in the order in which they came', () => {
    const bench = new SchedulerBench();
    const first = bench.addScheduler('scheduler-0', { leaderElect: true });
    bench.run(5 * SECOND);
    bench.addScheduler('scheduler-1', { leaderElect: true });
    for (const name of ['p', 'q', 'r']) bench.putPod(podNamed(name, '1'));
    bench.run(5 * SECOND);
    // Its id is that of the first, it is not.
    bench.state.remove(PODS, 'default', 'p');
    bench.putPod(podNamed('p', '1'));
    bench.run(1 * SECOND);
    expect(bench.schedulers.map(({ decider }) => decider === null)).toEqual([false, true]);
    expect(bench.schedulers[1]?.lostPods()).toEqual([]);
    bench.sim.crash(first);
    bench.putNode(makeNode('n'));
    bench.run(30 * SECOND);
    expect(bench.boundOrder).toEqual(['q', 'r', 'p']);
  });
});
